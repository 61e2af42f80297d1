import { releaseErrors } from '../errors';
import type { Ledger, LedgerEvent } from '../ledger';
import { objectOf, textOf } from './jsonFields';
import type { GateFacts, ReleaseFacts } from './model';
import type { Json, StepRecord } from '../model';

/** A release that is being worked on is read again this often before its rows and events are taken as they are. */
const READ_ATTEMPTS = 3;
const USUAL_GATES = ['gate-1/approval', 'gate-2/approval'];

/** All that the ledger holds of a release, rows and events of one moment where that can be had. @throws RunbookError RELEASE.UNKNOWN */
export async function readReleaseFacts(ledger: Ledger, releaseId: string): Promise<ReleaseFacts> {
	let before = await ledger.readEvents(releaseId);
	for (let attempt = 1; ; attempt += 1) {
		const rows = await readRows(ledger, releaseId, before);
		const events = await ledger.readEvents(releaseId);
		const moving = events.length !== before.length;
		if (!moving || attempt === READ_ATTEMPTS) return { ...rows, events, moving };
		before = events;
	}
}

async function readRows(
	ledger: Ledger,
	releaseId: string,
	events: readonly LedgerEvent[],
): Promise<Omit<ReleaseFacts, 'events' | 'moving'>> {
	const release = await ledger.readRelease(releaseId);
	if (!release) throw releaseErrors.UNKNOWN({ releaseId });
	const [steps, phases, refusals, samples, plan] = await Promise.all([
		ledger.readSteps(releaseId),
		ledger.readPhases(releaseId),
		ledger.readRefusals(releaseId),
		ledger.readSamples(releaseId),
		ledger.readPlan(releaseId),
	]);
	const gates = await readGates(ledger, releaseId, gateNames(steps, events));
	return { release, steps, phases, gates, refusals, samples, plan };
}

async function readGates(ledger: Ledger, releaseId: string, names: readonly string[]): Promise<GateFacts[]> {
	const gates = await Promise.all(
		names.map(async (name) => {
			const gate = await ledger.gates.readGate(releaseId, name);
			return gate && { gate, votes: await ledger.gates.readVotes(releaseId, name) };
		}),
	);
	return gates
		.filter((gate) => gate !== undefined)
		.sort((one, other) => one.gate.openedAt.getTime() - other.gate.openedAt.getTime());
}

/** The store lists no gates: they are named by the steps that ask at them, and by the events about them. */
function gateNames(steps: readonly StepRecord[], events: readonly LedgerEvent[]): string[] {
	const asked = steps.map(({ stepKey }) => stepKey).filter((stepKey) => stepKey.endsWith('/approval'));
	const opened = events
		.filter(({ kind }) => kind.startsWith('gate.'))
		.map(({ payload }) => textOf(objectOf(detailOf(payload)).gate))
		.filter((name) => name !== '');
	return [...new Set([...USUAL_GATES, ...asked, ...opened])];
}

/** The row that an event is about; null when its payload cannot be read. */
export function detailOf(payload: string): Json {
	try {
		return objectOf(JSON.parse(payload) as Json).detail ?? null;
	} catch {
		return null;
	}
}
