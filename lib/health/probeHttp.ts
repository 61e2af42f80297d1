import { classifyNetworkFailure, isCertificateDate } from '../support/networkFailure';
import type { Clock } from '../support/clock';
import { assessHttp } from './assessHttp';
import { sendHttpProbe, type HttpProbeOptions } from './http.client';
import type { HttpTarget, ProbeResult } from './model';

export interface HttpProbe extends ProbeResult {
	/** Null when no answer came. */
	readonly status: number | null;
	readonly durationMs: number;
}

const ASTRAY = 'it redirects in a circle, or to no address';

/** Asks a target once and judges what came of it. @throws only the signal's reason, when the execution was cancelled. */
export async function probeHttp(
	target: HttpTarget,
	options: HttpProbeOptions & { readonly clock: Clock },
): Promise<HttpProbe> {
	const { clock, followRedirects } = options;
	const startedMs = clock.monotonicMs();
	const durationMs = (): number => Math.round(clock.monotonicMs() - startedMs);
	try {
		const answer = await sendHttpProbe(target, options);
		return {
			...assessHttp(target, answer, { now: clock.now(), followRedirects }),
			status: answer.status,
			durationMs: durationMs(),
		};
	} catch (error) {
		options.signal.throwIfAborted();
		const failure = classifyNetworkFailure(error);
		// Our own request was taken: what the client refuses is where the answer points.
		const astray = followRedirects && failure.code === 'UND_ERR_INVALID_ARG';
		return {
			outcome: failure.kind,
			reason: astray ? ASTRAY : failure.reason,
			...(isCertificateDate(failure) ? { dated: true } : {}),
			status: null,
			durationMs: durationMs(),
		};
	}
}
