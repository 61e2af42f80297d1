import { z } from 'zod';
import type { StepRecord } from '../../lib/release/model';

/** What the rehearsal of a release left. */
export interface Rehearsed {
	/** Name of the scratch database. */
	readonly database: string;
	/** How many migrations ran there. */
	readonly migrations: number;
}

const result = z.object({
	database: z.object({ name: z.string().min(1) }),
	migrations: z.array(z.unknown()),
});

/** Undefined when no rehearsal passed: then there is no schema to try anything on. */
export function readRehearsed(step: StepRecord | undefined): Rehearsed | undefined {
	const { data } = result.safeParse(step?.state === 'passed' ? step.result : undefined);
	return data && { database: data.database.name, migrations: data.migrations.length };
}
