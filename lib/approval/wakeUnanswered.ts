import type { GateRecord, GateStore } from '../release/gate';
import type { Clock } from '../support/clock';
import { classifyNetworkFailure } from '../support/networkFailure';
import type { ApprovalLinks } from './approvalLinks';
import { approvalErrors } from './errors';
import { postWake } from './wake.client';

/** A vote wakes its execution at once; only one that did not for this long was lost. */
const SILENT_FOR_MS = 30_000;

export interface WakeReport {
	readonly woken: ReadonlyArray<{ readonly releaseId: string; readonly gate: string }>;
	readonly failed: ReadonlyArray<{ readonly releaseId: string; readonly gate: string; readonly reason: string }>;
}

interface WakeRun {
	readonly links: ApprovalLinks;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/** Wakes every execution whose gate holds a vote, or was voided, and that has not gone on. One that cannot be woken is reported, not thrown. */
export async function wakeUnanswered(
	gates: Pick<GateStore, 'listUnanswered'>,
	environment: string,
	run: WakeRun,
): Promise<WakeReport> {
	const unanswered = await gates.listUnanswered(environment, SILENT_FOR_MS);
	const tried = await Promise.all(
		unanswered.map(async (record) => {
			const { releaseId, gate } = record;
			return { releaseId, gate, reason: await wake(record, run) };
		}),
	);
	return {
		woken: tried.filter(({ reason }) => reason === '').map(({ releaseId, gate }) => ({ releaseId, gate })),
		failed: tried.filter(({ reason }) => reason !== ''),
	};
}

/** Why it could not be woken, without the address; empty when it was. */
async function wake({ releaseId, gate, wakeSeal }: GateRecord, { links, clock, signal }: WakeRun): Promise<string> {
	const url = await links.openSeal(wakeSeal);
	if (url === undefined) return approvalErrors.SEAL_BROKEN({ releaseId, gate }).message;
	try {
		const status = await postWake(url, await links.signWake({ releaseId, gate }, clock.now()), signal);
		if (status < 300) return '';
		if (status === 409) return 'n8n says that the execution runs or has ended (409)';
		if (status === 404) return 'n8n knows no such waiting execution (404)';
		return `n8n answered ${status}`;
	} catch (error) {
		return classifyNetworkFailure(error).reason;
	}
}
