import { randomBytes } from 'node:crypto';
import type { Verdict } from '../../support/verdict';
import { secretsIn } from './assessAnswer';
import { fillJson, namesIn } from './fillValues';
import { fillStep } from './fillStep';
import type { FilledFile } from './journey.client';
import type { JourneyResult, JourneyStep, JourneyStepResult } from './model';
import { runStep, type RunStepOptions, type StepRun } from './runStep';

/** Who the synthetic users are; the other one may be empty where no step needs it. */
export interface JourneyAccounts {
	readonly user: string;
	readonly password: string;
	readonly otherUser: string;
	readonly otherPassword: string;
}

export interface RunJourneyOptions extends RunStepOptions {
	/** Every path is appended to it. */
	readonly baseUrl: string;
	/** Absent: no step logs in. */
	readonly accounts?: JourneyAccounts;
}

/** What the steps so far gave. */
interface Progress {
	readonly values: Map<string, string | number | boolean>;
	readonly files: Map<string, FilledFile>;
	readonly secrets: string[];
	readonly results: JourneyStepResult[];
}

/**
 * Goes the journey step by step until one does not come out well, then takes back what was created, also when the execution was
 * cancelled. @throws only the signal's reason
 */
export async function runJourney(steps: readonly JourneyStep[], options: RunJourneyOptions): Promise<JourneyResult> {
	const run = randomBytes(6).toString('hex');
	const { accounts } = options;
	const progress: Progress = {
		values: new Map(Object.entries({ run, ...accounts })),
		files: new Map(),
		secrets: accounts ? [accounts.password, accounts.otherPassword] : [],
		results: [],
	};
	const [cleanups, walked] = [steps.filter(({ cleanup }) => cleanup), steps.filter(({ cleanup }) => !cleanup)];
	try {
		for (const step of walked) {
			if (progress.results.every(({ outcome }) => outcome === 'ok')) await take(step, progress, options);
			else progress.results.push(skipped(step, 'an earlier step did not come out well'));
		}
	} finally {
		await cleanUp(cleanups, progress, options);
	}
	options.signal.throwIfAborted();
	const decisive = progress.results.find(({ outcome }, index) => index < walked.length && outcome !== 'ok');
	return {
		verdict: decisive === undefined ? 'passed' : VERDICTS[decisive.outcome],
		reason: decisive === undefined ? '' : `${decisive.name}: ${decisive.reason}`,
		run,
		steps: progress.results,
		leftBehind: progress.results
			.filter(({ outcome }, index) => index >= walked.length && (outcome === 'failed' || outcome === 'gap'))
			.map(({ name }) => name),
	};
}

const VERDICTS: Readonly<Record<JourneyStepResult['outcome'], Verdict>> = {
	ok: 'passed',
	failed: 'failed',
	gap: 'inconclusive',
	skipped: 'inconclusive',
};

/** Each clean-up step whose values were extracted; what was never created needs none. A cancelled execution still cleans up. */
async function cleanUp(steps: readonly JourneyStep[], progress: Progress, options: RunJourneyOptions): Promise<void> {
	const limitMs = steps.length * options.attempts * (options.timeoutMs + options.pauseMs) + 1000;
	const signal = AbortSignal.timeout(Math.ceil(limitMs));
	for (const step of steps) {
		const asked = namesIn([step.path, ...Object.values(step.headers), step.body ?? null]);
		if (asked.every((name) => progress.values.has(name))) await take(step, progress, { ...options, signal });
		else progress.results.push(skipped(step, 'there is nothing to take back'));
	}
}

async function take(step: JourneyStep, progress: Progress, options: RunJourneyOptions): Promise<void> {
	const { values, files, secrets, results } = progress;
	const file = step.file && { ...step.file, bytes: randomBytes(step.file.sizeBytes) };
	if (file) files.set(step.name, file);
	const request = fillStep(step, { baseUrl: options.baseUrl, values, ...(file ? { file } : {}) });
	const bytes = files.get(step.expect.bytesOf ?? '')?.bytes;
	const json = Object.fromEntries(
		Object.entries(step.expect.json).map(([pointer, value]) => [pointer, fillJson(value, values)]),
	);
	const run = await runStep(step, { request, expected: { json, secrets, ...(bytes ? { bytes } : {}) } }, options);
	for (const [name, value] of Object.entries(run.extracted)) values.set(name, value);
	secrets.push(...secretsIn(step, run.extracted));
	results.push(describe(step, run));
}

function describe(step: JourneyStep, { extracted, ...run }: StepRun): JourneyStepResult {
	const shown = Object.entries(extracted).map(
		([name, value]) => [name, step.extract[name]?.show === true ? value : '***'] as const,
	);
	return { name: step.name, method: step.method, path: step.path, ...run, extracted: Object.fromEntries(shown) };
}

function skipped({ name, method, path }: JourneyStep, reason: string): JourneyStepResult {
	const nothing = { status: null, durationMs: 0, attempts: 0, times: null, extracted: {} };
	return { name, method, path, outcome: 'skipped', reason, ...nothing };
}
