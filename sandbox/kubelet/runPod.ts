import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiConnection } from './connectToApi.ts';
import type { ContainerLog } from './containerLog.ts';
import type { EndedContainer, PodFacts } from './podStatus.ts';
import { preparePod } from './preparePod.ts';
import type { PreparedPod } from './preparePod.ts';
import { publishPod } from './publishPod.ts';
import { startContainer } from './startContainer.ts';
import type { Container } from './startContainer.ts';
import type { ProcessUsage } from './measureProcess.ts';
import { startProbe } from './startProbe.ts';

export interface RunPodOptions {
	readonly connection: ApiConnection;
	readonly podIp: string;
	/** What every process gets besides the pod's own variables, such as PATH. */
	readonly baseEnvironment: Readonly<Record<string, string>>;
}

/** What one container uses. */
export interface ContainerUsage extends ProcessUsage {
	readonly container: string;
}

/** A pod that the kubelet runs. */
export interface RunningPod {
	/** Takes the object's latest state; one that is being deleted is ended and then removed from the API. */
	update(pod: V1Pod): void;
	/** Kills the process at once; for a pod that is gone from the API, and for the kubelet's own end. */
	kill(): Promise<void>;
	/** Undefined when the container of that name, or its previous run, never was. */
	log(container: string, previous: boolean): ContainerLog | undefined;
	/** What its container uses; undefined while it does not run. */
	usage(): ContainerUsage | undefined;
}

const firstBackOffMs = 1_000;
const longestBackOffMs = 30_000;
/** A container that ran this long starts its back-off afresh. */
const stableAfterMs = 30_000;
/** How long a first failure to pull shows as such before it shows as backing off. */
const firstProblemMs = 500;

/** Runs a pod bound to this node from image pull to deletion, and keeps its status in the API true. */
export function runPod({ connection, podIp, baseEnvironment }: RunPodOptions, first: V1Pod): RunningPod {
	const publisher = publishPod(connection, first);
	const ending = new AbortController();
	const restarts = first.status?.containerStatuses?.[0]?.restartCount;
	let pod = first;
	let abandoned = false;
	let container: Container | undefined;
	let previousLog: ContainerLog | undefined;
	let facts: PodFacts = {
		podIp,
		state: { kind: 'waiting', reason: 'ContainerCreating' },
		restartCount: restarts === undefined ? 0 : restarts + 1,
		ready: false,
		finished: false,
	};

	function report(changed: Partial<PodFacts>): void {
		facts = { ...facts, ...changed };
		publisher.report(pod, facts);
	}

	async function run(): Promise<void> {
		report({});
		await keepRunning();
		if (!ending.signal.aborted) await once(ending.signal, 'abort');
		if (abandoned) return;
		report({ ready: false, finished: facts.state.kind === 'ended' });
		await publisher.remove();
	}

	/** Returns when the pod is ending, or when its container ended for good by its restart policy. */
	async function keepRunning(): Promise<void> {
		for (let backOffMs = firstBackOffMs; ; backOffMs = Math.min(backOffMs * 2, longestBackOffMs)) {
			const prepared = await preparePod({ connection, podIp, baseEnvironment }, pod);
			if (ending.signal.aborted) return;
			if ('problem' in prepared) {
				const { message, problem, afterwards } = prepared;
				report({ state: { kind: 'waiting', reason: problem, message } });
				await pause(firstProblemMs);
				report({ state: { kind: 'waiting', reason: afterwards, message } });
				await pause(backOffMs);
			} else {
				const end = await runContainer(prepared);
				if (ending.signal.aborted) return;
				const policy = pod.spec?.restartPolicy;
				if (policy === 'Never' || (policy === 'OnFailure' && end.exitCode === 0)) {
					report({ state: { kind: 'ended', end }, finished: true });
					return;
				}
				if (end.finishedAt.getTime() - end.startedAt.getTime() > stableAfterMs) backOffMs = firstBackOffMs;
				const message = `back-off ${backOffMs / 1000}s restarting failed container ${pod.spec?.containers[0]?.name}`;
				report({ state: { kind: 'waiting', reason: 'CrashLoopBackOff', message }, lastEnd: end });
				await pause(backOffMs);
				facts = { ...facts, restartCount: facts.restartCount + 1 };
			}
			if (ending.signal.aborted) return;
		}
	}

	async function runContainer({ environment, imageId, args }: PreparedPod): Promise<EndedContainer> {
		let address: string | undefined;
		previousLog = container?.log ?? previousLog;
		const started = startContainer({
			env: environment,
			args,
			onListening(port) {
				address = `127.0.0.1:${port}`;
				void publisher.publishAddress(address);
			},
		});
		container = started;
		const { readinessProbe, livenessProbe } = pod.spec?.containers[0] ?? {};
		report({
			state: { kind: 'running', startedAt: started.startedAt },
			imageId,
			containerId: started.id,
			ready: readinessProbe === undefined,
		});
		const target = { address: () => address };
		const stopProbes = [
			readinessProbe && startProbe({ ...target, probe: readinessProbe, onVerdict: (ready) => report({ ready }) }),
			livenessProbe &&
				startProbe({ ...target, probe: livenessProbe, onVerdict: (lives) => lives || started.stop(graceMs()) }),
		];
		const { exitCode, finishedAt } = await started.exited;
		for (const stop of stopProbes) stop?.();
		const end = { exitCode, finishedAt, startedAt: started.startedAt, containerId: started.id };
		report({ state: { kind: 'ended', end }, ready: false });
		return end;
	}

	function graceMs(): number {
		return (pod.metadata?.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
	}

	async function pause(ms: number): Promise<void> {
		await delay(ms, undefined, { signal: ending.signal }).catch(() => {});
	}

	const finished = run();
	return {
		update(latest) {
			pod = latest;
			if (!latest.metadata?.deletionTimestamp) return;
			const isNew = !ending.signal.aborted;
			ending.abort();
			container?.stop(graceMs());
			if (isNew) report({});
		},
		async kill() {
			abandoned = true;
			publisher.abandon();
			ending.abort();
			container?.stop(0);
			await Promise.all([finished, container?.exited]);
		},
		usage() {
			const used = facts.state.kind === 'running' ? container?.usage() : undefined;
			return used && { ...used, container: pod.spec?.containers[0]?.name ?? '' };
		},
		log(name, previous) {
			if (name !== pod.spec?.containers[0]?.name) return undefined;
			return previous && facts.state.kind === 'running' ? previousLog : container?.log;
		},
	};
}
