import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createCredentials } from './n8n/createCredentials.ts';
import { readWorkflows } from './n8n/readWorkflows.ts';
import { startN8n } from './n8n/startN8n.ts';
import type { N8n } from './n8n/startN8n.ts';
import { startProduction } from './production.ts';
import type { ProductionHandle, ProductionOptions } from './production.ts';

export interface Sandbox {
	readonly production: ProductionHandle;
	readonly n8n: N8n;
	/** The secret that the CI signs with. */
	readonly webhookSecret: string;
	stop(): Promise<void>;
}

const projectFolder = join(import.meta.dirname, '..');

/**
 * Starts the production look-alike and a real n8n with the package and the exported workflows in it. When a part fails or
 * the signal aborts, what had started is stopped first.
 */
export async function startSandbox(
	options: ProductionOptions & { readonly progress: (message: string) => void },
): Promise<Sandbox> {
	const production = await startProduction(options);
	try {
		options.signal?.throwIfAborted();
		const webhookSecret = `whsec_${randomBytes(32).toString('base64')}`;
		const { endpoints } = production;
		const n8n = await startN8n({
			runtime: requireVariable('RUNBOOK_RUNTIME'),
			dependencies: requireVariable('RUNBOOK_PACKAGE_DEPENDENCIES'),
			projectFolder,
			directory: join(endpoints.directory, 'n8n'),
			database: endpoints.databases.n8n,
			credentials: createCredentials(endpoints, webhookSecret),
			workflows: await readWorkflows(join(projectFolder, 'workflows'), endpoints),
			progress: options.progress,
			signal: options.signal,
		});
		const stop = async (): Promise<void> => {
			await n8n.stop();
			await production.stop();
		};
		return { production, n8n, webhookSecret, stop };
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
