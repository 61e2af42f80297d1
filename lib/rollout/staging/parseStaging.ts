import { z } from 'zod';
import { parameterErrors } from '../../support/errors';
import type { ReleaseSet } from '../model';
import { NAME, parse } from '../schemas';
import type { Staging } from './model';

const STAGING = z.object({
	enabled: z.literal(true),
	namespace: NAME,
	deployments: z.record(NAME),
	clusterUid: z.string().optional(),
});

/**
 * The field "staging": JSON text or the value itself. It names a Deployment for every workload, none of them production's own.
 * @throws RunbookError PARAMETER.INVALID
 */
export function parseStaging(value: unknown, { namespace, workloads }: ReleaseSet): Staging {
	const remedy =
		'Give an object such as {"enabled":true,"namespace":"staging","deployments":{"api":"api"}}, with a deployment for each workload';
	const given = parse(STAGING, { field: 'staging', value, remedy });
	const refuse = (problem: string): never => {
		throw parameterErrors.INVALID({ field: 'staging.deployments', problem, remedy });
	};
	const own = workloads.flatMap(({ deployments }) => Object.values(deployments));
	const staged = workloads.map(({ service, container }) => {
		const deployment = given.deployments[service] ?? refuse(`it names no deployment for ${service}`);
		if (given.namespace === namespace && own.includes(deployment))
			refuse(`${deployment} in namespace ${namespace} is production's own`);
		return { service, deployment, container };
	});
	return { namespace: given.namespace, clusterUid: given.clusterUid, workloads: staged };
}
