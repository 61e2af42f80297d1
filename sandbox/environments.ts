import { createHash } from 'node:crypto';
import type { DatabaseEndpoint } from './createDatabases.ts';
import type { ServiceUrls } from './deployApplications.ts';
import type { ProductionEndpoints } from './productionEndpoints.ts';

/** What one environment has of its own. Redis, object storage, registry, pager, mail, scratch server and ledger serve them all. */
export interface EnvironmentEndpoints {
	readonly name: string;
	readonly namespace: string;
	readonly services: ServiceUrls;
	readonly database: DatabaseEndpoint;
	/** What the names of its backups begin with. */
	readonly backupPrefix: string;
	/** Where n8n takes its signed releases, behind `/webhook/`. */
	readonly webhookPath: string;
}

/** The environment that the exported workflows are written for; it is always there. */
export const production = 'production';

/** n8n's limit for the id of a workflow. */
const longestId = 21;
const longestName = 10;

/**
 * Checks the names of the environments; without any there is production alone.
 *
 * @throws when production is missing, one is there twice, or one cannot name a Kubernetes namespace in ten characters.
 */
export function checkEnvironments(names: readonly string[] = [production]): readonly string[] {
	if (!names.includes(production)) throw new Error(`the environments must have ${production} among them`);
	if (new Set(names).size < names.length) throw new Error('an environment is named twice');
	const wrong = names.find((name) => !/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name) || name.length > longestName);
	if (wrong !== undefined)
		throw new Error(
			`an environment cannot be named ${JSON.stringify(wrong)}: at most ${longestName} lower-case letters, digits and hyphens`,
		);
	return names;
}

/** The name of what is called `name` in production. */
export function nameIn(environment: string, name: string): string {
	return environment === production ? name : `${name}-${environment}`;
}

/** The title, for people, of what is called `title` in production. */
export function titleIn(environment: string, title: string): string {
	return environment === production ? title : `${title} (${environment})`;
}

/** The path of a webhook or form that is at `path` in production. */
export function pathIn(environment: string, path: string): string {
	return environment === production ? path : `${environment}/${path}`;
}

/** The id in n8n of what is `id` in production; shortened, with a hash that keeps it unique, when n8n would not take it. */
export function idIn(environment: string, id: string): string {
	const named = nameIn(environment, id);
	if (named.length <= longestId) return named;
	const hash = createHash('sha256').update(id).digest('hex').slice(0, 4);
	const room = longestId - environment.length - hash.length - 2;
	return `${id.slice(0, room)}-${hash}-${environment}`;
}

/** Puts together what an environment has of its own. @throws when a part of it was not started. */
export function describeEnvironment(
	name: string,
	parts: {
		readonly applications: ReadonlyMap<string, DatabaseEndpoint>;
		readonly services: ReadonlyMap<string, ServiceUrls>;
	},
): EnvironmentEndpoints {
	const database = parts.applications.get(name);
	const services = parts.services.get(name);
	if (!database || !services) throw new Error(`the environment ${name} has no database or no Services`);
	return {
		name,
		namespace: name,
		services,
		database,
		backupPrefix: `${name}/`,
		webhookPath: pathIn(name, 'deploy/production'),
	};
}

/** The sandbox as seen from one environment: what is its own stands where production's was. @throws when there is no such environment. */
export function viewFrom(endpoints: ProductionEndpoints, environment: string): ProductionEndpoints {
	const own = endpoints.environments[environment];
	if (!own) throw new Error(`the sandbox has no environment ${JSON.stringify(environment)}`);
	return {
		...endpoints,
		databases: { ...endpoints.databases, production: own.database },
		kubernetes: { ...endpoints.kubernetes, namespace: own.namespace },
		services: own.services,
	};
}
