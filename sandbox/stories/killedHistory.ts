import { request } from 'node:https';
import { createInterface } from 'node:readline';
import type { World } from './world.ts';

/** What a namespace's objects said over time, each value once in a row. */
export interface WorldHistory {
	/** Images of a Deployment's pods, by its name. */
	readonly images: Readonly<Record<string, readonly string[]>>;
	/** Colours that a Service selected, by its name. */
	readonly colours: Readonly<Record<string, readonly string[]>>;
}

export interface HistoryRecorder {
	history(): WorldHistory;
	/** What broke off the recording; undefined while it goes on. */
	problem(): string | undefined;
	stop(): void;
}

interface KubernetesObject {
	readonly metadata: { readonly name: string };
	readonly spec: {
		readonly selector: Readonly<Record<string, unknown>>;
		readonly template?: { readonly spec: { readonly containers: ReadonlyArray<{ readonly image: string }> } };
	};
}

/** Watches the Deployments and Services of a world's namespace from now on, as an auditor would: with a watch of its own. */
export function recordHistory({ endpoints }: World): HistoryRecorder {
	const { url, ca, token, namespace } = endpoints.kubernetes;
	const images: Record<string, string[]> = {};
	const colours: Record<string, string[]> = {};
	const ending = new AbortController();
	let problem: string | undefined;

	function follow(collection: string, note: (object: KubernetesObject) => void): void {
		const breakOff = (reason: string): void => {
			if (!ending.signal.aborted) problem ??= `${collection}: ${reason}`;
		};
		const asked = request(
			`${url}/${collection}?watch=true&timeoutSeconds=7200`,
			{ ca, headers: { authorization: `Bearer ${token}` }, signal: ending.signal },
			(response) => {
				if (response.statusCode !== 200) breakOff(`status ${String(response.statusCode)}`);
				const lines = createInterface({ input: response });
				lines.on('line', (line) => {
					const { type, object } = JSON.parse(line) as { type: string; object: KubernetesObject };
					if (type === 'ADDED' || type === 'MODIFIED') note(object);
					else if (type !== 'BOOKMARK') breakOff(type);
				});
				lines.on('error', ({ message }: Error) => breakOff(message));
				response.on('error', ({ message }) => breakOff(message));
				response.on('close', () => breakOff('the server closed the watch'));
			},
		);
		asked.on('error', ({ message }) => breakOff(message));
		asked.end();
	}

	follow(`apis/apps/v1/namespaces/${namespace}/deployments`, ({ metadata, spec }) => {
		const [container] = spec.template?.spec.containers ?? [];
		if (container) append((images[metadata.name] ??= []), container.image);
	});
	follow(`api/v1/namespaces/${namespace}/services`, ({ metadata, spec }) => {
		append((colours[metadata.name] ??= []), String(spec.selector['color']));
	});
	return {
		history: () => structuredClone({ images, colours }),
		problem: () => problem,
		stop: () => ending.abort(),
	};
}

function append(values: string[], value: string): void {
	if (values.at(-1) !== value) values.push(value);
}
