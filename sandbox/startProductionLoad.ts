import type { ServiceUrls } from './deployApplications.ts';
import { startLoadGenerator } from './loadGenerator.ts';
import type { LoadGeneratorHandle } from './loadGenerator.ts';

/** Where the load goes, and as whom. */
export interface LoadChoice {
	readonly services: ServiceUrls;
	readonly testUser: { readonly email: string; readonly password: string };
	readonly requestsPerSecond: number;
}

/** Starts the traffic of production: mostly the list of cases, now and then a sign-in. Undefined for a rate of 0. */
export function startProductionLoad({
	services,
	testUser,
	requestsPerSecond,
}: LoadChoice): LoadGeneratorHandle | undefined {
	if (requestsPerSecond === 0) return undefined;
	return startLoadGenerator({
		requestsPerSecond,
		targets: [
			{ url: `${services.backend}/cases`, weight: 48 },
			{ url: `${services.frontend}/api/cases`, weight: 6 },
			{ url: `${services.backend}/health`, weight: 4 },
			{ url: `${services.frontend}/`, weight: 1 },
			{ url: `${services.backend}/auth/login`, weight: 1, method: 'POST', body: testUser },
		],
	});
}
