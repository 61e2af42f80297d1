/**
 * Glossary. A *window* recurs: a cron schedule in a named time zone says when it starts, and it lasts so many minutes. Inside a
 * *deny* window no release starts; where there are *allow* windows, one starts only inside them. A *freeze* is declared once,
 * by a person, and closes until it ends or is lifted. All of them start inclusively and end exclusively.
 */
export type CalendarAssessment =
	| {
			readonly open: true;
			/** From when on it is closed; null when nothing closes it within 90 days. */
			readonly closesAt: Date | null;
	  }
	| {
			readonly open: false;
			/** Everything that closes it now, in words. */
			readonly reason: string;
			/** The same by name, e.g. `freeze f-7, deny window weekend`. */
			readonly closedBy: string;
			/** The next instant at which nothing closes it any more; null when there is none within 90 days. */
			readonly opensAt: Date | null;
	  };

/** A time during which something is in force, in milliseconds since the epoch. The start counts, the end does not. */
export interface Span {
	readonly fromMs: number;
	/** Infinity when it has no end. */
	readonly untilMs: number;
}
