import { classifyNetworkFailure } from '../../support/networkFailure';
import type { Clock } from '../../support/clock';
import { summarizeTimes } from '../summarizeTimes';
import { assessAnswer, type AssessedAnswer, type Expected } from './assessAnswer';
import { sendRequest, type JourneyRequest } from './journey.client';
import type { JourneyStep, StepTiming, TimeSummary } from './model';

export interface RunStepOptions {
	/** Per request, in milliseconds. */
	readonly timeoutMs: number;
	/** How often a step is asked at most while no answer or a server's own failure comes. */
	readonly attempts: number;
	/** Pause before it is asked again, in milliseconds. */
	readonly pauseMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/** How one step came out. */
export interface StepRun {
	readonly outcome: 'ok' | 'failed' | 'gap';
	readonly reason: string;
	readonly status: number | null;
	readonly durationMs: number;
	readonly attempts: number;
	readonly times: TimeSummary | null;
	readonly extracted: AssessedAnswer['extracted'];
}

type Asked = Omit<StepRun, 'attempts' | 'times'> & { readonly again: boolean };

/** Asks for a step until its answer tells something, judges it, and takes its sample of times. @throws only the signal's reason */
export async function runStep(
	step: JourneyStep,
	{ request, expected }: { request: JourneyRequest; expected: Expected },
	options: RunStepOptions,
): Promise<StepRun> {
	const limit = step.retry ? options.attempts : 1;
	let attempts = 1;
	let asked = await ask();
	while (asked.again && attempts < limit) {
		await options.clock.sleep(options.pauseMs, options.signal);
		attempts += 1;
		asked = await ask();
	}
	const { again: _again, ...run } = asked;
	if (!step.timing || run.outcome !== 'ok') return { ...run, attempts, times: null };
	const times = await takeSample(step.timing, run.durationMs);
	const problem = assessTimes(step.timing, times);
	return { ...run, attempts, times, ...(problem === undefined ? {} : { outcome: 'failed', reason: problem }) };

	async function ask(): Promise<Asked> {
		const startedMs = options.clock.monotonicMs();
		const durationMs = (): number => Math.round((options.clock.monotonicMs() - startedMs) * 10) / 10;
		try {
			const answer = await sendRequest(request, options);
			const { problem, extracted } = assessAnswer(step, answer, expected);
			return {
				outcome: problem === undefined ? 'ok' : 'failed',
				reason: problem ?? `status ${answer.status}`,
				status: answer.status,
				durationMs: durationMs(),
				extracted,
				again: problem !== undefined && isServersOwn(answer.status),
			};
		} catch (error) {
			options.signal.throwIfAborted();
			const { kind, reason } = classifyNetworkFailure(error);
			return { outcome: kind, reason, status: null, durationMs: durationMs(), extracted: {}, again: true };
		}
	}

	async function takeSample({ samples }: StepTiming, firstMs: number): Promise<TimeSummary> {
		const timesMs = [firstMs];
		let failed = 0;
		while (timesMs.length + failed < samples) {
			const { outcome, durationMs } = await ask();
			if (outcome === 'ok') timesMs.push(durationMs);
			else failed += 1;
		}
		return { samples: timesMs.length, failed, ...summarizeTimes(timesMs) };
	}
}

/** The server failed or was too busy; any other answer is its opinion, and would be the same again. */
function isServersOwn(status: number): boolean {
	return status >= 500 || status === 429;
}

function assessTimes({ p95Ms: limitMs }: StepTiming, { samples, failed, p95Ms }: TimeSummary): string | undefined {
	if (limitMs === undefined) return undefined;
	if (failed > samples) return `only ${samples} of ${samples + failed} requests of the sample were answered well`;
	if (p95Ms !== null && p95Ms <= limitMs) return undefined;
	return `95 % of ${samples} answers took up to ${p95Ms ?? '?'} ms, at most ${limitMs} ms are allowed`;
}
