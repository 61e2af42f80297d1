import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { z } from 'zod';
import { webhookErrors } from './errors';
import type { ReleaseRequest } from './releaseRequest';

export interface Delivery {
	/** Headers of the request, lower-case names. */
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	/** The body's exact bytes. */
	readonly rawBody: Buffer;
}

/** 24 bytes is the least that Standard Webhooks asks for. */
const LEAST_SECRET_BYTES = 24;
const HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

const bodySchema = z.object({
	intent: z.enum(['begin', 'resume', 'rehearse']).default('begin'),
	version: z.string().default(''),
	environment: z.string(),
	commit: z.string().default(''),
	startedBy: z.string().default('ci'),
	authors: z.array(z.string()).default([]),
	releaseId: z.string().default(''),
	override: z.object({ person: z.string(), reason: z.string() }).nullable().default(null),
	images: z.array(z.object({ workload: z.string(), image: z.string() })).default([]),
});

/**
 * Checks a delivery as Standard Webhooks describes: HMAC-SHA256 over id, timestamp and raw body, at most 5 minutes old.
 * Whether it was seen before is the ledger's to say (`acceptDelivery`).
 * @throws RunbookError WEBHOOK.SECRET_MISSING, SIGNATURE_MISSING, SIGNATURE_INVALID, BODY_INVALID
 */
export function verifyDelivery(secret: string, { headers, rawBody }: Delivery): ReleaseRequest {
	const webhook = new Webhook(assertSecret(secret).toString('base64'));
	const signed = Object.fromEntries(HEADERS.map((header) => [header, readHeader(headers, header)]));
	try {
		webhook.verify(rawBody, signed, { jsonParse: false });
	} catch (error) {
		if (error instanceof WebhookVerificationError) throw webhookErrors.SIGNATURE_INVALID({}, error);
		throw error;
	}
	return { ...readBody(rawBody), deliveryId: signed['webhook-id'] ?? '' };
}

/** The secret's bytes. @throws RunbookError WEBHOOK.SECRET_MISSING when it is absent or shorter than 24 bytes */
export function assertSecret(secret: string): Buffer {
	const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
	if (bytes.length < LEAST_SECRET_BYTES) throw webhookErrors.SECRET_MISSING();
	return bytes;
}

function readHeader(headers: Delivery['headers'], header: string): string {
	const value = headers[header];
	if (typeof value !== 'string' || value === '') throw webhookErrors.SIGNATURE_MISSING({ header });
	return value;
}

function readBody(rawBody: Buffer): Omit<ReleaseRequest, 'deliveryId'> {
	const parsed = bodySchema.safeParse(parseJson(rawBody));
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	throw webhookErrors.BODY_INVALID({
		problem: `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not valid'}`,
	});
}

function parseJson(rawBody: Buffer): unknown {
	try {
		return JSON.parse(rawBody.toString('utf8')) as unknown;
	} catch {
		return undefined;
	}
}
