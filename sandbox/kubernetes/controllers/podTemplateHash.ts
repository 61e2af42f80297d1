import { isDeepStrictEqual } from 'node:util';
import type { PodTemplate } from '../model.ts';

/** The label that ties a ReplicaSet and its pods to one pod template. */
export const podTemplateHashLabel = 'pod-template-hash';

/** Whether two templates are the same but for the hash label. */
export function isSameTemplate(a: PodTemplate, b: PodTemplate): boolean {
	return isDeepStrictEqual(withoutHash(a), withoutHash(b));
}

/** A short name for a template, changed by `collisionCount` where another template took it already. */
export function podTemplateHash(template: PodTemplate, collisionCount: number): string {
	const text = canonicalJson(withoutHash(template)) + (collisionCount > 0 ? String(collisionCount) : '');
	let hash = 0x811c9dc5;
	for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
	const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
	return Array.from(String(hash), (digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}

function withoutHash(template: PodTemplate): PodTemplate {
	const { [podTemplateHashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
	return {
		...template,
		metadata: { ...template.metadata, labels, annotations: template.metadata?.annotations ?? {} },
	};
}

function canonicalJson(value: unknown): string {
	return JSON.stringify(value, (_key, inner: unknown) =>
		inner !== null && typeof inner === 'object' && !Array.isArray(inner)
			? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
			: inner,
	);
}
