import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { World } from './world.ts';

export interface ReleaseOrder {
	readonly version: string;
	readonly environment?: string;
	readonly commit?: string;
	readonly startedBy?: string;
	readonly authors?: readonly string[];
	readonly intent?: 'begin' | 'resume' | 'rehearse';
	/** For a resume. */
	readonly releaseId?: string;
	readonly override?: { readonly person: string; readonly reason: string };
}

export interface SentRelease {
	readonly deliveryId: string;
	readonly status: number;
	readonly body: unknown;
}

/** What may be wrong with a delivery, for the tests of refusals. */
export interface Forgery {
	readonly secret?: string;
	readonly deliveryId?: string;
	readonly sentAt?: Date;
	readonly unsigned?: boolean;
	/** Sent instead of the body that was signed. */
	readonly body?: string;
}

/** Sends the CI's webhook, signed as Standard Webhooks describes. */
export async function sendRelease(world: World, order: ReleaseOrder, forgery: Forgery = {}): Promise<SentRelease> {
	const deliveryId = forgery.deliveryId ?? `msg_${randomUUID()}`;
	const sentAt = forgery.sentAt ?? new Date();
	const body = JSON.stringify({ environment: 'production', commit: '4f9c2a1', startedBy: 'ci', ...order });
	const signature = new Webhook(forgery.secret ?? world.webhookSecret).sign(deliveryId, sentAt, body);
	const signed = {
		'webhook-id': deliveryId,
		'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
		'webhook-signature': signature,
	};
	const path = world.endpoints.environments[order.environment ?? 'production']?.webhookPath ?? 'deploy/production';
	const response = await fetch(`${world.n8n.url}/webhook/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...(forgery.unsigned ? {} : signed) },
		body: forgery.body ?? body,
	});
	return { deliveryId, status: response.status, body: await response.json().catch(() => undefined) };
}
