import type { V1Secret } from '@kubernetes/client-node';
import type { ApiConnection } from './kubelet/connectToApi.ts';
import type { Plain } from './kubelet/plain.ts';

/** Holds what the previous version needs besides a database when it is run on a rehearsed one. */
export const rehearsalSecret = 'case-management-rehearsal';

/** Creates that Secret in each namespace. */
export async function createRehearsalSecrets(
	{ core }: ApiConnection,
	{ namespaces, values }: { readonly namespaces: readonly string[]; readonly values: Record<string, string> },
): Promise<void> {
	for (const namespace of namespaces) {
		const body: Plain<V1Secret> = { metadata: { name: rehearsalSecret }, stringData: values };
		await core.createNamespacedSecret({ namespace, body });
	}
}
