import { createHash } from 'node:crypto';
import type { V1PodTemplateSpec, V1Volume } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { ConfigurationFacts } from './model';

/** Set by every restart, which changes no setting. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/**
 * What a pod template takes its settings from, and a hash over everything in it but the images: environment, arguments, mounts, probes,
 * and annotations such as Helm's `checksum/config`. The hash tells that something changed, never what it says.
 */
export function configurationOf(template: V1PodTemplateSpec | undefined): ConfigurationFacts {
	const spec = template?.spec;
	const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
	const annotations = Object.entries(template?.metadata?.annotations ?? {}).filter(([name]) => name !== RESTARTED_AT);
	const references = [
		...containers.flatMap(({ env = [], envFrom = [] }) => [
			...env.flatMap(({ valueFrom }) => [
				reference('ConfigMap', valueFrom?.configMapKeyRef?.name),
				reference('Secret', valueFrom?.secretKeyRef?.name),
			]),
			...envFrom.flatMap(({ configMapRef, secretRef }) => [
				reference('ConfigMap', configMapRef?.name),
				reference('Secret', secretRef?.name),
			]),
		]),
		...(spec?.volumes ?? []).flatMap(volumeReferences),
	].flat();
	return {
		templateHash: createHash('sha256')
			.update(canonical([withoutImages(spec), Object.fromEntries(annotations)]))
			.digest('hex'),
		references: [...new Set(references)].sort(),
	};
}

interface PlainSpec {
	readonly containers?: Array<{ image?: string }>;
	readonly initContainers?: Array<{ image?: string }>;
}

function withoutImages(spec: V1PodTemplateSpec['spec']): PlainSpec {
	const plain = JSON.parse(JSON.stringify(spec ?? {})) as PlainSpec;
	for (const container of [...(plain.containers ?? []), ...(plain.initContainers ?? [])]) delete container.image;
	return plain;
}

function volumeReferences({ configMap, secret, projected }: V1Volume): string[] {
	return [
		reference('ConfigMap', configMap?.name),
		reference('Secret', secret?.secretName),
		...(projected?.sources ?? []).flatMap((source) => [
			...reference('ConfigMap', source.configMap?.name),
			...reference('Secret', source.secret?.name),
		]),
	].flat();
}

function reference(kind: 'ConfigMap' | 'Secret', name: string | undefined): string[] {
	return name === undefined || name === '' ? [] : [`${kind}/${name}`];
}

/** JSON with sorted keys and without what is undefined: the same content gives the same text. */
function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, entry: unknown) =>
		entry !== null && typeof entry === 'object' && !Array.isArray(entry)
			? Object.fromEntries(Object.entries(entry).sort(([one], [other]) => (one < other ? -1 : 1)))
			: entry,
	);
}
