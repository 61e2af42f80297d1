import { WatchRefused, type Api, type ApiObject, type ObjectList } from './connectToApi';

/** When following ends: with the condition, or with an error after `timeoutMs`. */
export interface Following {
	readonly holds: (objects: ApiObject[]) => boolean;
	readonly timeoutMs: number;
}

/** Follows a collection by list and watch, list again when the watch is refused, until its objects together satisfy a condition. */
export function followObjects(api: Api, path: string, { holds, timeoutMs }: Following): Promise<ApiObject[]> {
	return new Promise((resolve, reject) => {
		const objects = new Map<string, ApiObject>();
		let isFinished = false;
		const finish = (settle: () => void) => {
			isFinished = true;
			clearTimeout(timer);
			running?.stop();
			settle();
		};
		const check = () => {
			const now = [...objects.values()];
			if (holds(now)) finish(() => resolve(now));
		};
		const timer = setTimeout(
			() =>
				finish(() =>
					reject(
						new Error(
							`${path} did not come to hold in ${timeoutMs} ms: ${JSON.stringify([...objects.values()])}`,
						),
					),
				),
			timeoutMs,
		);
		let running: ReturnType<Api['watch']> | undefined;
		const follow = async (): Promise<void> => {
			const { body } = await api.call<ObjectList>('GET', path);
			if (isFinished) return;
			objects.clear();
			for (const object of body.items) objects.set(object.metadata.uid, object);
			const from = `${path}${path.includes('?') ? '&' : '?'}resourceVersion=${body.metadata.resourceVersion}`;
			running = api.watch(from, ({ type, object }) => {
				if (type === 'DELETED') objects.delete(object.metadata.uid);
				else objects.set(object.metadata.uid, object);
				check();
			});
			running.ended.catch((error: unknown) => (error instanceof WatchRefused ? begin() : fail(error)));
			check();
		};
		const fail = (error: unknown) => finish(() => reject(asError(error)));
		const begin = () => void follow().catch(fail);
		begin();
	});
}

function asError(error: unknown): Error {
	return error instanceof Error ? error : new Error(String(error));
}
