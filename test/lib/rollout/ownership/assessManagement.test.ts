import { assessManagement } from '../../../../lib/rollout/ownership/assessManagement';
import { fieldPaths } from '../../../../lib/rollout/ownership/fieldPaths';
import type { FieldManager, Management } from '../../../../lib/rollout/ownership/model';

const SELECTOR = /^spec\.selector(\.|$)/;

function service(change: Partial<Management>): Management {
	return { object: 'Service/api', labels: {}, annotations: {}, managers: [], ...change };
}

const manager = (name: string, operation: string, ...fields: string[]): FieldManager => ({
	manager: name,
	operation,
	fields,
});

describe('somebody who puts it back is found', () => {
	it.each<[string, Partial<Management>, string, string]>([
		[
			'by Argo CD’s tracking annotation, even when the field is ours by now',
			{
				annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/Service:production/api' },
				managers: [manager('deployment-runbook', 'Update', 'spec.selector.color')],
			},
			'gitops:Service/api',
			'Argo CD',
		],
		['by Argo CD’s label', { labels: { 'argocd.argoproj.io/instance': 'shop' } }, 'gitops:Service/api', 'Argo CD'],
		['by Flux’s label', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'shop' } }, 'gitops:Service/api', 'Flux'],
		[
			'by the manager of the field',
			{ managers: [manager('kustomize-controller', 'Apply', 'spec.selector.color')] },
			'gitops:Service/api',
			'Flux',
		],
		[
			'who is not known, and applies the field',
			{ managers: [manager('platform-operator', 'Apply', 'spec.ports', 'spec.selector.color')] },
			'apply:Service/api',
			'"platform-operator" applies spec.selector.color',
		],
	])('%s', (_, change, name, problem) => {
		expect(assessManagement(service(change), SELECTOR)).toMatchObject([
			{ name, object: 'Service/api', problem: expect.stringContaining(problem) as unknown },
		]);
	});
});

describe('nobody is found', () => {
	it.each<[string, Partial<Management>]>([
		['without a mark', {}],
		[
			'when people wrote it once',
			{ managers: [manager('kubectl-client-side-apply', 'Update', 'spec.selector.app')] },
		],
		['when people apply it', { managers: [manager('kubectl', 'Apply', 'spec.selector.app')] }],
		['when Helm wrote it once', { managers: [manager('helm', 'Update', 'spec.selector.app')] }],
		['when another field is applied', { managers: [manager('platform-operator', 'Apply', 'spec.ports')] }],
		[
			'when Flux leaves it alone',
			{
				labels: { 'kustomize.toolkit.fluxcd.io/name': 'shop' },
				annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' },
			},
		],
	])('%s', (_, change) => {
		expect(assessManagement(service(change), SELECTOR)).toEqual([]);
	});
});

it('fields are told as paths, an item of a list by its key', () => {
	expect(
		fieldPaths({
			'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
			'f:spec': {
				'f:replicas': {},
				'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { '.': {}, 'f:image': {} } } } },
				'f:finalizers': { 'v:"x"': {} },
			},
		}),
	).toEqual([
		'metadata.labels.app',
		'spec.replicas',
		'spec.template.spec.containers[app].image',
		'spec.finalizers[x]',
	]);
	expect([fieldPaths(undefined), fieldPaths({})]).toEqual([[], []]);
});
