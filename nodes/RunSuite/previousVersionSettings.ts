import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ReleaseContext } from '../../lib/release/model';
import type { SuiteJob } from '../../lib/validation/suite/model';
import { variables, words } from './suiteJob';

const VARIABLE = /^[A-Za-z_]\w*$/;

/** How the previous version is started against a database, and judged. */
export const previousVersion = z
	.object({
		/** Whose live image is run. */
		workload: z.string().min(1),
		/** Empty: that of the credential. One of its own keeps its pods away from production's Secrets. */
		namespace: z.string().default(''),
		command: words.default([]),
		arguments: words.default([]),
		environment: variables.default({}),
		environmentFrom: words.default([]),
		serviceAccount: z.string().default(''),
		/** The variable in which the application wants the URL of its database. */
		databaseVariable: z.string().regex(VARIABLE, 'is no name of a variable').default('DATABASE_URL'),
		/** Where pods find the scratch server, when that is not what n8n's credential says. */
		databaseHost: z.string().min(1).optional(),
		databasePort: z.number().int().min(1).max(65_535).optional(),
		deadlineSeconds: z.number().int().min(5).max(7200).default(300),
		leastTests: z.number().int().min(1).max(100_000).default(1),
	})
	.strict()
	.refine(({ databaseVariable, environment }) => !(databaseVariable in environment), {
		message: 'names the variable of the database, too: the scratch database would not be the one that is used',
		path: ['environment'],
	});

export type PreviousVersion = z.output<typeof previousVersion>;

/** What the Job runs on. */
export interface PreviousVersionPlace {
	/** With a digest. */
	readonly image: string;
	/** The scratch database: a Job that an earlier run left on another one proves nothing of this. */
	readonly database: string;
	readonly namespace: string;
	readonly release: ReleaseContext | undefined;
}

/** Its name follows from release, image and database. */
export function previousVersionJob(
	settings: PreviousVersion,
	{ image, database, namespace, release }: PreviousVersionPlace,
): SuiteJob {
	const { command, arguments: args, environment, environmentFrom, serviceAccount, deadlineSeconds } = settings;
	const identity = release ? JSON.stringify([release.id, database, image, command, args, environment]) : randomUUID();
	return {
		name: `old-code-${createHash('sha256').update(identity).digest('hex').slice(0, 10)}`,
		namespace: settings.namespace || namespace,
		release: release?.id ?? '',
		secrets: environmentFrom,
		...{ image, command, args, environment, serviceAccount, deadlineSeconds },
	};
}
