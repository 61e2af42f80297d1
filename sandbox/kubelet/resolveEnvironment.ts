import type { V1EnvVar, V1Pod } from '@kubernetes/client-node';
import type { ApiConnection } from './connectToApi.ts';
import { statusOf } from './connectToApi.ts';

/**
 * Reads the environment of the pod's container: all keys of the ConfigMaps and Secrets that it names, then literal values, fields of the pod
 * (`metadata.name`, `metadata.namespace`, `metadata.uid`, `spec.nodeName`, `status.podIP`) and single keys of ConfigMaps and Secrets.
 *
 * @throws naming the variable and what it refers to, never its value.
 */
export async function resolveEnvironment(
	connection: ApiConnection,
	pod: V1Pod,
	podIp: string,
): Promise<Record<string, string>> {
	const environment = await readSources(connection, pod);
	for (const variable of pod.spec?.containers[0]?.env ?? []) {
		const value = variable.valueFrom
			? await resolveReference(connection, pod, { variable, podIp })
			: (variable.value ?? '');
		if (value !== undefined) environment[variable.name] = value;
	}
	return environment;
}

async function readSources(connection: ApiConnection, pod: V1Pod): Promise<Record<string, string>> {
	const namespace = pod.metadata?.namespace ?? 'default';
	const environment: Record<string, string> = {};
	for (const { prefix = '', secretRef, configMapRef } of pod.spec?.containers[0]?.envFrom ?? []) {
		const name = secretRef?.name ?? configMapRef?.name ?? '';
		const found = secretRef
			? await readOptional(() => connection.core.readNamespacedSecret({ name, namespace }))
			: await readOptional(() => connection.core.readNamespacedConfigMap({ name, namespace }));
		const isOptional = (secretRef ? secretRef.optional : configMapRef?.optional) === true;
		if (!found && !isOptional) throw new Error(`${secretRef ? 'secret' : 'configmap'} "${name}" not found`);
		for (const [key, value] of Object.entries(found?.data ?? {}))
			environment[`${prefix}${key}`] = secretRef ? Buffer.from(value, 'base64').toString('utf8') : value;
	}
	return environment;
}

interface Reference {
	readonly variable: V1EnvVar;
	readonly podIp: string;
}

async function resolveReference(
	connection: ApiConnection,
	pod: V1Pod,
	{ variable, podIp }: Reference,
): Promise<string | undefined> {
	const namespace = pod.metadata?.namespace ?? 'default';
	const fieldRef = variable.valueFrom?.fieldRef;
	const configMapKeyRef = variable.valueFrom?.configMapKeyRef;
	const secretKeyRef = variable.valueFrom?.secretKeyRef;
	if (fieldRef) return resolveField(pod, fieldRef.fieldPath, podIp);
	if (configMapKeyRef) {
		const data = await readOptional(() =>
			connection.core.readNamespacedConfigMap({ name: configMapKeyRef.name ?? '', namespace }),
		);
		return pick(
			data?.data?.[configMapKeyRef.key],
			configMapKeyRef.optional,
			`configmap "${configMapKeyRef.name}", key ${configMapKeyRef.key}`,
		);
	}
	if (secretKeyRef) {
		const data = await readOptional(() =>
			connection.core.readNamespacedSecret({ name: secretKeyRef.name ?? '', namespace }),
		);
		const encoded = data?.data?.[secretKeyRef.key];
		const value = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
		return pick(value, secretKeyRef.optional, `secret "${secretKeyRef.name}", key ${secretKeyRef.key}`);
	}
	throw new Error(`the variable ${variable.name} refers to something that this kubelet does not know`);
}

function pick(value: string | undefined, optional: boolean | undefined, source: string): string | undefined {
	if (value === undefined && !optional) throw new Error(`${source} not found`);
	return value;
}

async function readOptional<T>(read: () => Promise<T>): Promise<T | undefined> {
	try {
		return await read();
	} catch (error) {
		if (statusOf(error) === 404) return undefined;
		throw new Error('the API server could not be asked', { cause: error });
	}
}

function resolveField(pod: V1Pod, path: string, podIp: string): string {
	const fields: Record<string, string | undefined> = {
		'metadata.name': pod.metadata?.name,
		'metadata.namespace': pod.metadata?.namespace,
		'metadata.uid': pod.metadata?.uid,
		'spec.nodeName': pod.spec?.nodeName,
		'status.podIP': podIp,
		'status.hostIP': '127.0.0.1',
	};
	const value = fields[path];
	if (value === undefined) throw new Error(`the pod's field ${path} is not available as a variable`);
	return value;
}
