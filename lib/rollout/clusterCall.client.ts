import type { ClusterTransport } from '../support/clusterTransport.client';
import { RunbookError } from '../support/runbookError';
import { explainApiError, type ApiCall } from './explainApiError';
import type { Labels } from './model';

/** Shown in managedFields, so that operators see who wrote a field. */
export const FIELD_MANAGER = 'deployment-runbook';

/** One call to the API, whose failure is told as one of the package's errors. */
export type Call = <T>(about: ApiCall, send: () => Promise<T>) => Promise<T>;

export function callThrough(transport: ClusterTransport): Call {
	return async (about, send) => {
		try {
			return await send();
		} catch (error) {
			if (error instanceof RunbookError) throw error;
			const explained = explainApiError(about, error, transport.secrets());
			if (explained.code === 'ROLLOUT.UNAUTHORIZED') transport.refused();
			throw explained;
		}
	};
}

/** A selector as the API reads it. */
export function selectorText(selector: Labels): string {
	return Object.entries(selector)
		.map(([key, value]) => `${key}=${value}`)
		.join(',');
}
