import type { ReleaseSet } from '../model';
import { deploymentsOf, servicesOf } from '../objectsOf';

/** No two clusters have one with the same UID, and it lives as long as its cluster. */
export const IDENTITY_NAMESPACE = 'kube-system';

/** One thing that the credential must be allowed to do. */
export interface AccessNeed {
	readonly verb: 'get' | 'list' | 'create' | 'patch' | 'delete';
	/** Empty: the core group. */
	readonly group: string;
	readonly resource: string;
	/** Empty: none. */
	readonly subresource: string;
	/** Empty: whatever its name. */
	readonly name: string;
	/** Absent: that of the release set. */
	readonly namespace?: string;
	/** What cannot be done without it. */
	readonly purpose: string;
	/** True when a rollout works without it. */
	readonly optional: boolean;
}

const ROLLOUT = 'a rollout and its rollback';

/** What a release does beyond its rollout. */
export interface AccessOptions {
	/** Stop the writers. */
	readonly freeze: boolean;
	/** Tell the cluster from another. */
	readonly pinned: boolean;
	/** Run the operators' suites as Jobs. */
	readonly suites: boolean;
	/** Namespace in which the previous version is run on the rehearsed schema; empty: that of the release set. Absent: it is not run. */
	readonly previousVersionIn?: string;
}

const OLD_CODE = [
	['get', 'batch/jobs'],
	['create', 'batch/jobs'],
	['delete', 'batch/jobs'],
	['list', '/pods'],
	['get', '/pods/log'],
	['create', '/secrets'],
	['delete', '/secrets'],
] as const;

/** What is asked of the API for a release set. */
export function accessNeeds(
	set: ReleaseSet,
	{ freeze, pinned, suites, previousVersionIn }: AccessOptions,
): AccessNeed[] {
	const need = (verb: AccessNeed['verb'], what: string, more: Partial<AccessNeed> = {}): AccessNeed => {
		const [group = '', resource = '', subresource = ''] = what.split('/');
		return { verb, group, resource, subresource, name: '', purpose: ROLLOUT, optional: false, ...more };
	};
	const named = (what: string, names: readonly string[]): AccessNeed[] =>
		names.flatMap((name) => [need('get', what, { name }), need('patch', what, { name })]);
	const optional = { optional: true };
	return [
		...named('apps/deployments', deploymentsOf(set)),
		...named('/services', servicesOf(set)),
		need('list', 'apps/replicasets'),
		need('list', '/pods'),
		need('get', '/pods/log'),
		need('list', 'discovery.k8s.io/endpointslices'),
		need('get', '/namespaces', {
			name: IDENTITY_NAMESPACE,
			namespace: IDENTITY_NAMESPACE,
			optional: !pinned,
			purpose: 'telling this cluster from another',
		}),
		need('delete', '/pods', { ...optional, purpose: 'ending pods that take longer than 30 s after a rollback' }),
		need('get', '/configmaps', { ...optional, purpose: 'telling which ConfigMap a rollback does not bring back' }),
		need('list', 'autoscaling/horizontalpodautoscalers', {
			...(freeze ? {} : optional),
			purpose: freeze ? 'freezing the writers' : 'telling which autoscaler the replaced colour has',
		}),
		...(freeze ? [need('patch', 'autoscaling/horizontalpodautoscalers', { purpose: 'freezing the writers' })] : []),
		...(suites
			? (['get', 'create', 'delete'] as const).map((verb) =>
					need(verb, 'batch/jobs', { purpose: 'running the suites of the validation' }),
				)
			: []),
		...(previousVersionIn === undefined
			? []
			: OLD_CODE.map(([verb, what]) =>
					need(verb, what, {
						...(previousVersionIn === '' ? {} : { namespace: previousVersionIn }),
						purpose: 'running the previous version on the rehearsed schema',
					}),
				)),
	];
}

/** As kubectl and roles write it, e.g. `patch services/api`. */
export function nameOfNeed({ verb, group, resource, subresource, name }: AccessNeed): string {
	const kind = `${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`;
	return `${verb} ${kind}${name === '' ? '' : ` ${name}`}`;
}
