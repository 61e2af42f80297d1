import { createHash } from 'node:crypto';
import { worstVerdict, type Verdict } from '../../support/verdict';
import type { Ledger } from '../ledger';
import type { ReleaseState } from '../model';
import { buildReport, type ReportOptions } from './buildReport';
import type { ReportModel, RollbackPlace } from './model';
import { readReleaseFacts } from './readReleaseFacts';
import { renderReport } from './renderReport';

/** Where reports are kept. The object storage of lib/storage fits. */
export interface ReportStore {
	putText(
		address: { readonly bucket: string; readonly key: string },
		text: string,
		signal: AbortSignal,
		contentType: string,
	): Promise<void>;
}

export interface ReportPlace {
	readonly bucket: string;
	/** Folder inside the bucket, e.g. `reports/`; may be empty. */
	readonly prefix: string;
	/** Address under which people reach the bucket; empty when it has none. */
	readonly publicUrl: string;
}

export interface StoredFile {
	readonly key: string;
	readonly sha256: string;
	readonly bytes: number;
}

export interface WrittenReport {
	readonly releaseId: string;
	readonly environment: string;
	readonly version: string;
	readonly state: ReleaseState;
	/** The state in words, for notifications. */
	readonly outcome: string;
	/** Of the page: under `publicUrl`, or `s3://bucket/key`. */
	readonly url: string;
	readonly html: StoredFile;
	readonly json: StoredFile;
	readonly verdicts: {
		readonly checks: Verdict;
		/** Inconclusive while a clock runs, and when there is none. */
		readonly clocks: Verdict;
		readonly chain: Verdict;
	};
	/** Last hash of the chain: kept elsewhere, in a notification, it proves later that nothing was cut off. */
	readonly chainHash: string;
}

export interface WriteOptions extends Omit<ReportOptions, 'place'> {
	readonly releaseId: string;
	readonly place: ReportPlace;
	readonly rollbackPlace: RollbackPlace;
	readonly signal: AbortSignal;
}

/**
 * Writes a release's report as it stands now: `<prefix><environment>/<release>/report.json` first, then the page that names its
 * SHA-256. Writing it again replaces both. @throws RunbookError RELEASE.UNKNOWN and what the store throws
 */
export async function writeReport(
	ledger: Ledger,
	store: ReportStore,
	{ releaseId, place, rollbackPlace, signal, ...options }: WriteOptions,
): Promise<WrittenReport> {
	const report = buildReport(await readReleaseFacts(ledger, releaseId), { ...options, place: rollbackPlace });
	const folder = `${folderOf(place.prefix)}${segment(report.summary.environment)}/${segment(report.summary.id)}`;
	const put = async (name: string, text: string, contentType: string): Promise<StoredFile> => {
		const key = `${folder}/${name}`;
		await store.putText({ bucket: place.bucket, key }, text, signal, contentType);
		return { key, sha256: createHash('sha256').update(text, 'utf8').digest('hex'), bytes: Buffer.byteLength(text) };
	};
	const json = await put('report.json', `${JSON.stringify(report, null, '\t')}\n`, 'application/json');
	const html = await put('report.html', await renderReport(report, json), 'text/html; charset=utf-8');
	return { ...shorten(report), url: urlOf(place, html.key), html, json };
}

function shorten({ summary, checks, clocks, chain }: ReportModel): Omit<WrittenReport, 'url' | 'html' | 'json'> {
	const judged = checks
		.filter(({ kind }) => kind === 'verdict')
		.map(({ state }) => (state === 'started' ? 'inconclusive' : state));
	const timed = clocks.filter(({ budgetMs }) => budgetMs !== null).map(({ verdict }) => verdict ?? 'inconclusive');
	const chainBroken = chain.broken !== null || chain.differences.length > 0;
	return {
		releaseId: summary.id,
		environment: summary.environment,
		version: summary.version,
		state: summary.state,
		outcome: summary.outcome.word,
		verdicts: {
			checks: worstVerdict(judged),
			clocks: worstVerdict(timed),
			chain: chainBroken ? 'failed' : chain.verified ? 'passed' : 'inconclusive',
		},
		chainHash: chain.lastHash,
	};
}

function folderOf(prefix: string): string {
	const folder = prefix.replace(/^\/+|\/+$/g, '');
	return folder === '' ? '' : `${folder}/`;
}

/** One folder of a key: what is no letter, digit, dot, hyphen or underscore is replaced, and nothing climbs out. */
function segment(text: string): string {
	return text.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_') || '_';
}

function urlOf({ bucket, publicUrl }: ReportPlace, key: string): string {
	if (publicUrl === '') return `s3://${bucket}/${key}`;
	return `${publicUrl.replace(/\/+$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
