import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ReleaseContext } from '../../lib/release/model';
import type { SuiteJob } from '../../lib/validation/suite/model';

/** A suite as a node is told of it. */
export interface SuiteOrder extends Omit<SuiteJob, 'name' | 'release'> {
	readonly suite: string;
	readonly leastTests: number;
}

export const SUITE_NAME = /^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/;
export const words = z.array(z.string());
export const variables = z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'is no name of a variable'), z.string());

/** The same suite of the same release has the same name: a run that is resumed finds the Job of the one that was killed. */
export function jobOf(
	{ suite, leastTests: _leastTests, ...job }: SuiteOrder,
	{ release, namespace }: { readonly release: ReleaseContext | undefined; readonly namespace: string },
): SuiteJob {
	const { image, command, args, environment } = job;
	const identity = release ? JSON.stringify([release.id, suite, image, command, args, environment]) : randomUUID();
	const hash = createHash('sha256').update(identity).digest('hex').slice(0, 10);
	return {
		...job,
		namespace: job.namespace || namespace,
		name: `suite-${suite}-${hash}`,
		release: release?.id ?? '',
	};
}
