import { apiVersionOf, resources } from './resources.ts';
import type { Resource } from './resources.ts';

const version = {
	major: '1',
	minor: '34',
	gitVersion: 'v1.34.0+sandbox',
	gitCommit: '',
	gitTreeState: '',
	buildDate: '2026-01-01T00:00:00Z',
	goVersion: '',
	compiler: '',
	platform: `${process.platform}/${process.arch}`,
};

/** Groups that have no stored kind, only calls. */
const callGroups: readonly { groupVersion: string; resources: readonly object[] }[] = [
	{
		groupVersion: 'authorization.k8s.io/v1',
		resources: [
			{
				name: 'selfsubjectaccessreviews',
				singularName: 'selfsubjectaccessreview',
				namespaced: false,
				kind: 'SelfSubjectAccessReview',
				verbs: ['create'],
			},
		],
	},
	{
		groupVersion: 'metrics.k8s.io/v1beta1',
		resources: [{ name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['list'] }],
	},
];

/** The discovery document at a path (`/version`, `/api`, `/apis`, `/apis/apps/v1` …), or undefined when it is none. */
export function discoveryDocument(pathname: string, serverAddress: string): object | undefined {
	const path = pathname.replace(/\/$/, '');
	if (path === '/version') return version;
	if (path === '/api') {
		const addresses = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
		return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: addresses };
	}
	if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupVersions().map(describeGroup) };
	const match = /^\/apis?\/(.+)$/.exec(path);
	const wanted = match?.[1] ?? '';
	if (path.startsWith('/apis/') && !wanted.includes('/')) {
		const found = groupVersions().find((groupVersion) => groupVersion.startsWith(`${wanted}/`));
		return found ? { kind: 'APIGroup', apiVersion: 'v1', ...describeGroup(found) } : undefined;
	}
	return path === '/api/v1' || path.startsWith('/apis/') ? resourceList(wanted) : undefined;
}

function groupVersions(): string[] {
	const stored = resources.map(apiVersionOf).filter((groupVersion) => groupVersion.includes('/'));
	return [...new Set([...stored, ...callGroups.map(({ groupVersion }) => groupVersion)])];
}

function describeGroup(groupVersion: string): object {
	const [name = '', versionName = ''] = groupVersion.split('/');
	const described = { groupVersion, version: versionName };
	return { name, versions: [described], preferredVersion: described };
}

function resourceList(groupVersion: string): object | undefined {
	const stored = resources.filter((resource) => apiVersionOf(resource) === groupVersion).flatMap(describeResource);
	const calls = callGroups.find((group) => group.groupVersion === groupVersion)?.resources ?? [];
	const found = [...stored, ...calls];
	return found.length > 0 ? { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: found } : undefined;
}

function describeResource(resource: Resource): object[] {
	const { plural, singular, kind, namespaced, shortNames, categories } = resource;
	const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
	return [
		{
			name: plural,
			singularName: singular,
			namespaced,
			kind,
			verbs: resource.kind === 'Namespace' ? verbs.filter((verb) => verb !== 'deletecollection') : verbs,
			...(shortNames.length > 0 ? { shortNames } : {}),
			...(categories.length > 0 ? { categories } : {}),
		},
		...resource.subresources.map((subresource) => ({
			name: `${plural}/${subresource}`,
			singularName: '',
			namespaced,
			...subresourceKind[subresource](kind),
		})),
	];
}

const readWrite = ['get', 'patch', 'update'];
const subresourceKind = {
	status: (kind: string) => ({ kind, verbs: readWrite }),
	scale: () => ({ group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: readWrite }),
	log: (kind: string) => ({ kind, verbs: ['get'] }),
	binding: () => ({ kind: 'Binding', verbs: ['create'] }),
	proxy: () => ({ kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] }),
} as const;
