import { z } from 'zod';
import { rolloutErrors } from './errors';

const text = z.string().min(1);
/** YAML has null for a key without a value. */
const optional = <Schema extends z.ZodTypeAny>(schema: Schema) =>
	schema.nullish().transform((value: z.output<Schema> | null | undefined) => value ?? undefined);

const cluster = z.object({
	server: text,
	'certificate-authority-data': optional(text),
	'certificate-authority': optional(text),
	'insecure-skip-tls-verify': optional(z.boolean()),
	'tls-server-name': optional(text),
	'proxy-url': optional(text),
});
const user = z.object({
	token: optional(text),
	tokenFile: optional(text),
	'client-certificate-data': optional(text),
	'client-certificate': optional(text),
	'client-key-data': optional(text),
	'client-key': optional(text),
	username: optional(text),
	password: optional(text),
	as: optional(text),
	'auth-provider': optional(z.object({})),
	exec: optional(
		z.object({
			apiVersion: text,
			command: text,
			args: optional(z.array(z.string())),
			env: optional(z.array(z.object({ name: text, value: z.string() }))),
		}),
	),
});
const kubeconfig = z.object({
	'current-context': optional(z.string()),
	contexts: z.array(
		z.object({ name: text, context: z.object({ cluster: text, user: text, namespace: optional(text) }) }),
	),
	clusters: z.array(z.object({ name: text, cluster })),
	users: z.array(z.object({ name: text, user })),
});

/** One context of a kubeconfig with its cluster and its user. */
export interface KubeconfigContext {
	readonly cluster: z.output<typeof cluster>;
	readonly user: z.output<typeof user>;
	/** Empty when the context names none. */
	readonly namespace: string;
}

/**
 * The named context, or the current one where `name` is empty.
 * @throws RunbookError ROLLOUT.CREDENTIAL_INVALID naming the key, never its value
 */
export function chooseContext(value: unknown, name: string): KubeconfigContext {
	const parsed = kubeconfig.safeParse(value);
	if (!parsed.success) {
		const path = parsed.error.issues[0]?.path.join('.') ?? '';
		throw refusal(
			path === '' ? 'its kubeconfig is none' : `"${path}" of its kubeconfig is missing or not as it should be`,
		);
	}
	const wanted = name || (parsed.data['current-context'] ?? '');
	const context = parsed.data.contexts.find((candidate) => candidate.name === wanted)?.context;
	if (context === undefined) throw refusal(`its kubeconfig has no context "${wanted}"`);
	const named = parsed.data.clusters.find((candidate) => candidate.name === context.cluster);
	const asked = parsed.data.users.find((candidate) => candidate.name === context.user);
	if (named === undefined) throw refusal(`its kubeconfig has no cluster "${context.cluster}"`);
	if (asked === undefined) throw refusal(`its kubeconfig has no user "${context.user}"`);
	return { cluster: named.cluster, user: asked.user, namespace: context.namespace ?? '' };
}

function refusal(problem: string): Error {
	const remedy = 'Paste the whole output of: kubectl config view --minify --flatten --raw';
	return rolloutErrors.CREDENTIAL_INVALID({ problem, remedy });
}
