import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createCredentials } from './n8n/createCredentials.ts';
import { readWorkflows } from './n8n/readWorkflows.ts';
import { n8nUrl, startN8n } from './n8n/startN8n.ts';
import type { N8n, N8nMode } from './n8n/startN8n.ts';
import { startProduction } from './production.ts';
import type { ProductionHandle, ProductionOptions } from './production.ts';
import { reservePort } from './reservePort.ts';

export interface Sandbox {
	readonly production: ProductionHandle;
	readonly n8n: N8n;
	/** The secret that the CI signs with. */
	readonly webhookSecret: string;
	/** The secret that approval links are signed with. */
	readonly approvalSecret: string;
	stop(): Promise<void>;
}

export interface SandboxOptions extends ProductionOptions {
	readonly progress: (message: string) => void;
	/** How n8n runs executions; `regular` unless said. */
	readonly mode?: N8nMode;
	/** How many workers n8n's queue mode has; 2 unless said. */
	readonly workers?: number;
	/** Production is looked at as seldom as by the exported workflows; every few seconds unless said. */
	readonly calm?: boolean;
}

const projectFolder = join(import.meta.dirname, '..');

/**
 * Starts the production look-alike and a real n8n with the package and the exported workflows in it. When a part fails or
 * the signal aborts, what had started is stopped first.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
	const production = await startProduction({ monitoring: true, ...options });
	try {
		options.signal?.throwIfAborted();
		const webhookSecret = `whsec_${randomBytes(32).toString('base64')}`;
		const approvalSecret = randomBytes(48).toString('base64');
		const port = await reservePort();
		const { endpoints } = production;
		const n8n = await startN8n({
			port,
			runtime: requireVariable('RUNBOOK_RUNTIME'),
			dependencies: requireVariable('RUNBOOK_PACKAGE_DEPENDENCIES'),
			projectFolder,
			directory: join(endpoints.directory, 'n8n'),
			database: endpoints.databases.n8n,
			redis: endpoints.redis,
			mode: options.mode,
			workers: options.workers,
			credentials: createCredentials(endpoints, { webhook: webhookSecret, approvalLinks: approvalSecret }),
			workflows: await readWorkflows(join(projectFolder, 'workflows'), {
				endpoints,
				n8nUrl: n8nUrl(port),
				calm: options.calm,
			}),
			progress: options.progress,
			signal: options.signal,
		});
		const stop = async (): Promise<void> => {
			await n8n.stop();
			await production.stop();
		};
		return { production, n8n, webhookSecret, approvalSecret, stop };
	} catch (error) {
		await production.stop();
		throw error;
	}
}

function requireVariable(name: string): string {
	const value = process.env[name];
	if (value === undefined) throw new Error(`${name} is not set: start the sandbox with npm run demo or npm start`);
	return value;
}
