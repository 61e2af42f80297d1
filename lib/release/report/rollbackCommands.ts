import type { StepRecord } from '../model';
import { numberOf, objectOf, objectsOf, textOf, type JsonObject } from './jsonFields';
import type { RollbackPlace, RollbackReport } from './model';
import { quoteShell } from './quoteShell';

const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
const IMAGE = /^[a-z0-9][\w./:-]*@sha256:[0-9a-f]{64}$/i;
const LABEL_KEY = /^([a-z0-9][a-z0-9.-]*\/)?[\w.-]{1,63}$/i;
const LABEL_VALUE = /^[\w.-]{0,63}$/;
/** As long as a rollback may take as a whole, in seconds. */
const READY_TIMEOUT_SECONDS = 600;

interface Recorded {
	readonly service: string;
	readonly selector: Readonly<Record<string, string>>;
	/** Absent when only the selectors were recorded. */
	readonly live?: { readonly deployment: string; readonly image: string; readonly replicas: number };
}

/**
 * The kubectl lines that put back what was recorded as live before the release: image and replicas first, then the Services' whole
 * selectors, then the workers. They need neither n8n nor the ledger. A record that holds what no Kubernetes name can hold gives no line.
 */
export function rollbackCommands(steps: readonly StepRecord[], place: RollbackPlace): RollbackReport {
	const source = readSource(steps);
	const valid = source.workloads.map(parseWorkload).filter((workload) => workload !== undefined);
	const notes = [...source.notes];
	if (valid.length < source.workloads.length)
		notes.push(
			'A workload of the record is not valid, so there is no line for it. Look at the record itself before you act.',
		);
	if (valid.length === 0) return { recorded: false, blocks: [], notes };
	const namespace = NAME.test(source.namespace) ? source.namespace : place.namespace;
	const at = NAME.test(namespace) ? `--namespace ${quoteShell(namespace)}` : '--namespace "${NAMESPACE:?}"';
	if (!NAME.test(namespace)) notes.push('The namespace was not recorded: set NAMESPACE before you run the lines.');
	const images = valid.flatMap((workload) => imageLines(workload, at, place));
	if (images.some((line) => line.includes('${CONTAINER:?}')))
		notes.push("The container's name was not recorded: set CONTAINER before you run a line that uses it.");
	return {
		recorded: true,
		blocks: [
			{ title: 'Bring the recorded version up', lines: images },
			{ title: 'Give it the traffic', lines: valid.map((workload) => selectorLine(workload, at)) },
			{ title: 'Bring the recorded workers back', lines: workerLines(steps, at) },
			{ title: 'Look whether it serves', lines: valid.map(({ service }) => lookLine(service, at)) },
		].filter(({ lines }) => lines.length > 0),
		notes,
	};
}

function readSource(steps: readonly StepRecord[]): { namespace: string; workloads: JsonObject[]; notes: string[] } {
	const record = objectOf(
		steps.find(({ stepKey, state }) => stepKey === '3.1/record-live' && state === 'passed')?.result,
	);
	const workloads = objectsOf(record.workloads);
	if (workloads.length > 0) return { namespace: textOf(record.namespace), workloads, notes: [] };
	const inverse = objectOf(steps.find(({ stepKey }) => stepKey === '3.2/switch-traffic')?.inverse);
	const selectors = objectsOf(inverse.selectors);
	const notes =
		selectors.length > 0
			? [
					'Only the selectors were recorded, not the images: make sure that the old version is up before you move the traffic.',
				]
			: [
					'Nothing was recorded that could be put back: the release did not get as far as recording what was live (3.1/record-live).',
				];
	return { namespace: textOf(inverse.namespace), workloads: selectors, notes };
}

function parseWorkload(workload: JsonObject): Recorded | undefined {
	const service = textOf(workload.service);
	const selector = Object.entries(objectOf(workload.selector));
	const isLabel = ([key, value]: (typeof selector)[number]): boolean =>
		LABEL_KEY.test(key) && typeof value === 'string' && LABEL_VALUE.test(value);
	if (!NAME.test(service) || selector.length === 0 || !selector.every(isLabel)) return undefined;
	const found = { service, selector: Object.fromEntries(selector) as Record<string, string> };
	if (workload.live === undefined) return found;
	const live = objectOf(workload.live);
	const [deployment, image, replicas] = [textOf(live.deployment), textOf(live.image), numberOf(live.replicas)];
	if (!NAME.test(deployment) || !IMAGE.test(image) || replicas === undefined) return undefined;
	return { ...found, live: { deployment, image, replicas: Math.max(1, Math.trunc(replicas)) } };
}

function imageLines({ service, live }: Recorded, at: string, { containers }: RollbackPlace): string[] {
	if (!live) return [];
	const target = quoteShell(`deployment/${live.deployment}`);
	const container = containers[service] ?? '';
	const assignment = NAME.test(container)
		? quoteShell(`${container}=${live.image}`)
		: `"\${CONTAINER:?}="${quoteShell(live.image)}`;
	return [
		`kubectl ${at} set image ${target} ${assignment}`,
		`kubectl ${at} scale ${target} --replicas=${live.replicas}`,
		`kubectl ${at} rollout status ${target} --timeout=${READY_TIMEOUT_SECONDS}s`,
	];
}

/** What the release started is stopped first, so that a singleton never runs twice. The recorded Deployments have kept their image. */
function workerLines(steps: readonly StepRecord[], at: string): string[] {
	const resultOf = (stepKey: string): JsonObject =>
		objectOf(steps.find((step) => step.stepKey === stepKey && step.state === 'passed')?.result);
	const recorded = objectsOf(resultOf('3.1/record-live').workers);
	const moved = objectsOf(resultOf('3.2/move-workers').workers);
	return recorded.flatMap((worker) => {
		const live = objectOf(worker.live);
		const [deployment, replicas] = [textOf(live.deployment), numberOf(live.replicas)];
		if (!NAME.test(deployment) || replicas === undefined) return [];
		const started = textOf(moved.find((one) => one.worker === worker.worker)?.deployment);
		const target = quoteShell(`deployment/${deployment}`);
		const stop = NAME.test(started)
			? [
					`kubectl ${at} scale ${quoteShell(`deployment/${started}`)} --replicas=0`,
					`kubectl ${at} rollout status ${quoteShell(`deployment/${started}`)} --timeout=${READY_TIMEOUT_SECONDS}s`,
				]
			: [];
		return [
			...stop,
			`kubectl ${at} scale ${target} --replicas=${Math.max(1, Math.trunc(replicas))}`,
			`kubectl ${at} rollout status ${target} --timeout=${READY_TIMEOUT_SECONDS}s`,
		];
	});
}

/** The whole selector is replaced: a merge would keep labels that were added since. */
function selectorLine({ service, selector }: Recorded, at: string): string {
	const patch = JSON.stringify([{ op: 'replace', path: '/spec/selector', value: selector }]);
	return `kubectl ${at} patch service ${quoteShell(service)} --type=json --patch=${quoteShell(patch)}`;
}

function lookLine(service: string, at: string): string {
	return `kubectl ${at} get endpointslices --selector=${quoteShell(`kubernetes.io/service-name=${service}`)}`;
}
