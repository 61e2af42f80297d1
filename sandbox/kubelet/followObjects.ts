import { ListWatch, Watch } from '@kubernetes/client-node';
import type { KubernetesListObject, KubernetesObject } from '@kubernetes/client-node';
import type { ApiConnection } from './connectToApi.ts';

export interface FollowOptions<T extends KubernetesObject> {
	readonly connection: ApiConnection;
	/** Of the collection: `/api/v1/namespaces/production/pods`. */
	readonly path: string;
	list(): Promise<KubernetesListObject<T>>;
	/** Called for each object found, added or changed. */
	onChange(object: T): void;
	onDelete(object: T): void;
}

export interface Followed<T> {
	objects(): readonly T[];
	stop(): Promise<void>;
}

/** After a lost connection or a refused list, wait this long before listing again. */
const retryMs = 500;

/** Keeps a local copy of a collection (list, then watch, list again after an error) until stopped. Resolves after the first list. */
export async function followObjects<T extends KubernetesObject>(options: FollowOptions<T>): Promise<Followed<T>> {
	const informer = new ListWatch<T>(options.path, new Watch(options.connection.config), () => options.list(), false);
	let stopped = false;
	let retry: NodeJS.Timeout | undefined;
	informer.on('add', options.onChange);
	informer.on('update', options.onChange);
	informer.on('delete', options.onDelete);
	informer.on('error', () => {
		if (stopped) return;
		clearTimeout(retry);
		retry = setTimeout(() => void informer.start(), retryMs);
	});
	await informer.start();
	return {
		objects: () => informer.list(),
		async stop() {
			stopped = true;
			clearTimeout(retry);
			await informer.stop();
		},
	};
}
