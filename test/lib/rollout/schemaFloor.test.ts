import { assessOtherVersions, type ColourFacts } from '../../../lib/rollout/findOtherVersions';
import { refuseBelowSchemaFloor } from '../../../lib/rollout/schemaFloor';
import { deployment, NEW, OLD, OTHER, pod, RECORD, REPOSITORY, service, WORKLOAD } from './facts';

const mark = (digest: string): string =>
	JSON.stringify({ release: 'r-4', token: 4, version: '2', digest, since: '2026-11-23T22:00:00.000Z' });
const record = (token: number, digest: string): string => JSON.stringify({ ...RECORD, token, live: { digest } });
const annotated = (floor: string, own?: string) =>
	service({
		annotations: {
			'deployment-runbook/schema-floor': floor,
			...(own === undefined ? {} : { 'deployment-runbook/record': own }),
		},
	});

describe('what a rollback may go back to', () => {
	it.each([
		['anything where no floor was raised', service()],
		['the version that raised the floor', annotated(mark(OLD))],
		['what was live when a later release began', annotated(mark(OTHER), record(5, OLD))],
	])('%s', (_, found) => {
		expect(() => refuseBelowSchemaFloor(found, RECORD)).not.toThrow();
	});

	it.each([
		['an older version', annotated(mark(NEW))],
		['an older version, by the record of the release that brought the floor', annotated(mark(NEW), record(3, OLD))],
		['an older version, by an old file beside a newer record', annotated(mark(NEW), record(5, OTHER))],
		['anything while the mark cannot be read', annotated('{"release":', record(5, OLD))],
	])('never %s', (_, found) => {
		expect(() => refuseBelowSchemaFloor(found, RECORD)).toThrow('cannot run on the schema');
	});
});

describe('whether another version runs', () => {
	const images = [{ workload: 'api', image: `${REPOSITORY}@${NEW}` }];
	const old = { image: `${REPOSITORY}@${OLD}`, imageId: `${REPOSITORY}@${OLD}` };
	const idle = deployment({
		name: 'api-blue',
		wanted: 0,
		containers: [{ name: 'app', image: `${REPOSITORY}@${OLD}` }],
	});
	const green: ColourFacts = { workload: WORKLOAD, deployment: deployment(), pods: [pod('api-green-1')] };
	const blue: ColourFacts = { workload: WORKLOAD, deployment: idle, pods: [] };

	it.each<[string, string, ColourFacts[], RegExp]>([
		['nothing else', 'passed', [green, blue], /^$/],
		['an old pod', 'failed', [green, { ...blue, pods: [pod('api-blue-1', {}, old)] }], /pod api-blue-1 runs/],
		[
			'an old pod that is ending',
			'failed',
			[green, { ...blue, pods: [pod('api-blue-1', { terminating: true }, old)] }],
			/pod api-blue-1 runs/,
		],
		[
			'an old pod that has ended',
			'passed',
			[green, { ...blue, pods: [pod('api-blue-1', { ended: true }, old)] }],
			/^$/,
		],
		[
			'an old Deployment whose pods do not come up',
			'failed',
			[green, { ...blue, deployment: { ...idle, wanted: 2 } }],
			/api-blue asks for 2/,
		],
		[
			'a pod that does not tell what it runs',
			'inconclusive',
			[green, { ...blue, pods: [pod('api-blue-1', {}, { image: 'api:1', imageId: '' })] }],
			/cannot be told/,
		],
		['nothing at all', 'inconclusive', [blue], /no ready pod/],
		[
			'an old worker, told by its own name',
			'failed',
			[green, { ...blue, workload: { ...WORKLOAD, name: 'consumer' }, pods: [pod('consumer-blue-1', {}, old)] }],
			/consumer-blue-1 runs .*no ready pod of consumer/,
		],
	])('%s: %s', (_, verdict, facts, reasons) => {
		const found = assessOtherVersions(facts, images);
		expect(found.verdict).toBe(verdict);
		expect(found.reasons.join('; ')).toMatch(reasons);
	});
});
