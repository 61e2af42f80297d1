import type { TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import { readText } from '../support/readText';
import { withTimeout } from '../support/withTimeout';
import type { HttpAnswer, HttpTarget } from './model';

export interface HttpProbeOptions {
	/** For the whole probe: connecting, waiting and reading. Milliseconds. */
	readonly timeoutMs: number;
	readonly followRedirects: boolean;
	/** Added to the target's own; may carry secrets. */
	readonly headers: Readonly<Record<string, string>>;
	readonly signal: AbortSignal;
}

/** A health page is small; more than this is not one, and would fill n8n's memory. */
const MAXIMUM_BODY_BYTES = 1024 * 1024;
const MAXIMUM_REDIRECTS = 5;
/** Given to undici, which would make an error with a stack for each connection that ends: a tenth of what a watch costs. */
const ENDED = new Error('the probe is over');

/**
 * Asks a target once, over a connection of its own: a kept-alive one would go on reaching the pods of before a switch.
 * @throws the network's error, a TimeoutError after `timeoutMs`, or the signal's reason.
 */
export async function sendHttpProbe(
	target: HttpTarget,
	{ timeoutMs, followRedirects, headers, signal }: HttpProbeOptions,
): Promise<HttpAnswer> {
	const { Agent, Client, buildConnector: createConnector, interceptors, request } = await import('undici');
	const { certificateAuthority } = target;
	const connected = noteCertificates(
		createConnector({
			timeout: timeoutMs,
			// A resumed session shows no certificate.
			maxCachedSessions: 0,
			...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
		}),
	);
	const options = { connect: connected.connect };
	// Only a redirect leads to another origin. Used once: it need not ask the server to close, and undici makes no error of that.
	const agent = followRedirects ? new Agent(options) : new Client(new URL(target.url).origin, options);
	const dispatcher = followRedirects
		? agent.compose(interceptors.redirect({ maxRedirections: MAXIMUM_REDIRECTS }))
		: agent;
	try {
		const response = await request(target.url, {
			dispatcher,
			method: target.method as 'GET',
			headers: {
				'user-agent': 'n8n-nodes-deployment-runbook',
				'cache-control': 'no-cache',
				...target.headers,
				...headers,
			},
			body: target.body ?? null,
			signal: withTimeout(signal, timeoutMs),
		});
		return {
			status: response.statusCode,
			contentType: mediaType(response.headers['content-type']),
			certificateEndsAt: connected.endsAt(),
			body: await readText(response.body, MAXIMUM_BODY_BYTES),
		};
	} finally {
		await agent.destroy(ENDED);
	}
}

/** Connects as `connect` does, and keeps when the first of the certificates that were shown ends to be valid. */
function noteCertificates(connect: buildConnector.connector): {
	readonly connect: buildConnector.connector;
	endsAt(): Date | null;
} {
	const ends: number[] = [];
	return {
		connect: (options, callback) =>
			connect(options, (...[error, socket]) => {
				const certificate = (socket as Partial<TLSSocket> | null)?.getPeerX509Certificate?.();
				if (certificate) ends.push(certificate.validToDate.getTime());
				if (error) callback(error, null);
				else callback(null, socket);
			}),
		endsAt: () => (ends.length === 0 ? null : new Date(Math.min(...ends))),
	};
}

function mediaType(header: string | string[] | undefined): string {
	const value = Array.isArray(header) ? header[0] : header;
	return (value ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
