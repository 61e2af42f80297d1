import { RunbookError } from '../../support/runbookError';
import type { PostgresConnection } from '../../support/postgres.client';
import type { Verdict } from '../../support/verdict';
import { describeReason } from '../describeReason';
import type { ArchiveStore, BackupManifest, DatabaseContent } from '../model';
import { readManifest } from '../readManifest';
import { readRestored } from '../scratch.client';
import { openHazards } from './assessSwap';
import { assessLoss, describeLoss, type Loss } from './loss';
import type { Hazard, RestoreState } from './model';
import { withRestore, type RestoreOptions } from './openRestore';
import { findShortage } from './findShortage';
import { readSwap } from './readSwap';
import { restoreId } from './restoreNames';

export interface RestorePreview {
	/** `passed`: it can be restored as asked. */
	readonly verdict: Verdict;
	readonly backupId: string;
	readonly restoreId: string;
	readonly database: string;
	/** How far an earlier run of the same restore came. */
	readonly state: RestoreState['kind'];
	readonly hazards: readonly Hazard[];
	/** Null when it was swapped already. */
	readonly loss: Loss | null;
	/** Why it does not pass; empty when it does. */
	readonly reasons: readonly string[];
	/** One paragraph for the card. */
	readonly summary: string;
}

interface PreviewOptions extends RestoreOptions {
	/** False: nothing stands in the way of a restore that does not swap. */
	readonly swap: boolean;
}

/**
 * What a restore would do, without doing it: whose way it is in, what would be lost, and how far an earlier run came. Changes nothing.
 * @throws RunbookError for what the operator configured wrongly; everything else is a verdict
 */
export async function previewRestore(
	live: PostgresConnection,
	store: ArchiveStore,
	options: PreviewOptions,
): Promise<RestorePreview> {
	try {
		return await look(live, store, options);
	} catch (error) {
		if (!(error instanceof RunbookError)) throw error;
		const unusable = error.code === 'RESTORE.BACKUP_UNUSABLE';
		if (!unusable && !error.retryable) throw error;
		return {
			verdict: unusable ? 'failed' : 'inconclusive',
			backupId: options.backupId,
			restoreId: restoreId(options.backupId, { database: live.database, label: options.label }),
			database: live.database,
			state: 'unsure',
			hazards: [],
			loss: null,
			reasons: [error.message],
			summary: `It could not be told what restoring would do: ${error.message}.`,
		};
	}
}

async function look(live: PostgresConnection, store: ArchiveStore, options: PreviewOptions): Promise<RestorePreview> {
	return await withRestore(live, options, async (restore) => {
		const manifest = await readManifest(store, options.location, options);
		const state = await restore.readState();
		const { hazards } = await readSwap(restore, options, manifest.source);
		const now = options.clock.now();
		const loss =
			state.kind === 'swapped' ? null : assessLoss(manifest, { ...(await count(live, manifest, options)), now });
		const open = options.swap && state.kind !== 'swapped' ? openHazards(hazards) : [];
		const begins = state.kind === 'not-begun' || state.kind === 'unfinished';
		const short = begins ? await findShortage(restore, manifest, options) : undefined;
		const reasons = [
			...(state.kind === 'unsure' ? [state.problem] : []),
			...(short ? [short.message] : []),
			...open.map(({ text, names }) => (names.length > 0 ? `${text} (${names.join(', ')})` : text)),
		];
		return {
			verdict: reasons.length > 0 ? 'failed' : 'passed',
			backupId: manifest.id,
			restoreId: restore.id,
			database: live.database,
			state: state.kind,
			hazards,
			loss,
			reasons,
			summary: summarize(live.database, { hazards, loss, snapshotAt: manifest.snapshotAt }),
		};
	});
}

/** A database that is damaged may not be countable; then that is what the card says. */
async function count(
	live: PostgresConnection,
	{ rowHash }: BackupManifest,
	{ signal, jobs }: RestoreOptions,
): Promise<{ live: DatabaseContent | undefined; problem: string }> {
	try {
		return { live: await readRestored(live, { rowHash, jobs, signal, onRows: () => undefined }), problem: '' };
	} catch (error) {
		if (signal.aborted || error instanceof RunbookError) throw error;
		return { live: undefined, problem: describeReason(error) };
	}
}

function summarize(
	database: string,
	{ hazards, loss, snapshotAt }: { hazards: readonly Hazard[]; loss: Loss | null; snapshotAt: string },
): string {
	if (!loss) return `The database ${database} was replaced already by its state of ${snapshotAt}.`;
	const waived = hazards.filter(({ standing }) => standing === 'waived');
	const accepted = waived.map(({ kind, text }) => `${kind}: ${text}`).join('; ');
	return [
		`The database ${database} is replaced by its state of ${snapshotAt}.`,
		`${describeLoss(loss)}.`,
		'The replaced database is kept, and the rows that it accepted since are listed in object storage.',
		...(accepted === '' ? [] : [`Accepted by whoever asked: ${accepted}.`]),
	].join(' ');
}
