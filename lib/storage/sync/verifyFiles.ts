import { RunbookError } from '../../support/runbookError';
import type { Verdict } from '../../support/verdict';
import { relative } from './bringAllOver';
import { copyKeys } from './copyKeys';
import { describeAbort } from './describeAbort';
import { syncErrors } from './errors';
import type { CopiedObject, CopyManifest, CopyPlace, FileStorage, ListedObject, SyncRun } from './model';
import { pairByKey, type KeyPair } from './pairByKey';
import { ListDiffers, readCopyList, readCopyManifest } from './readCopy';

export interface VerifyFilesOptions extends SyncRun {
	readonly destination: CopyPlace;
	/** What the ledger recorded when the copy was made; absent when nothing was recorded. */
	readonly expectedListSha256?: string | undefined;
}

export interface CopyVerification {
	readonly verdict: Verdict;
	readonly name: string;
	readonly bucket: string;
	readonly folder: string;
	/** Those that are as they were when they were copied. */
	readonly objects: number;
	readonly bytes: number;
	readonly missing: number;
	/** Another size, or another entity tag. */
	readonly different: number;
	/** The first of both by key. */
	readonly differences: ReadonlyArray<{ readonly key: string; readonly problem: 'missing' | 'different' }>;
	/** In the folder and not in the list. */
	readonly extra: number;
	readonly reasons: ReadonlyArray<{ readonly code: string; readonly message: string }>;
}

type Findings = Omit<CopyVerification, 'verdict' | 'name' | 'bucket' | 'folder' | 'reasons'>;

const NAMED = 20;
const UNTOUCHED: Findings = { objects: 0, bytes: 0, missing: 0, different: 0, differences: [], extra: 0 };

/**
 * Lists what the destination holds and compares it with what the sync wrote down: every key, size and entity tag. The source is not
 * asked: it goes on living.
 * @throws RunbookError for what is configured wrongly (STORAGE.BUCKET_MISSING, ACCESS_DENIED, FOREIGN_BUCKET) and SYNC.INTERRUPTED when
 * the run was cancelled. Everything else is a verdict.
 */
export async function verifyFiles(storage: FileStorage, options: VerifyFilesOptions): Promise<CopyVerification> {
	const { destination, signal, log } = options;
	const about = { name: destination.name, bucket: destination.bucket, folder: copyKeys(destination).folder };
	const judge = (verdict: Verdict, findings: Findings, code?: string, message = ''): CopyVerification => {
		return { verdict, ...about, ...findings, reasons: code === undefined ? [] : [{ code, message }] };
	};
	try {
		await storage.checkBucket(destination, signal);
		const manifest = await readCopyManifest(storage, destination, signal);
		if (!manifest) return judge('failed', UNTOUCHED, 'COPY_MISSING', 'there is no manifest of this copy');
		const { expectedListSha256 = manifest.list.sha256 } = options;
		if (manifest.list.sha256 !== expectedListSha256)
			return judge('failed', UNTOUCHED, 'RECORD_MISMATCH', 'the ledger holds another checksum of its list');
		const findings = await compare(storage, manifest, options);
		log(
			`copy ${manifest.name}: ${findings.objects} as copied, ${findings.missing} missing, ${findings.different} different`,
		);
		if (findings.missing + findings.different === 0) return judge('passed', findings);
		const message = `${findings.missing} objects are missing, ${findings.different} are different`;
		return judge('failed', findings, 'OBJECTS_DIFFER', message);
	} catch (error) {
		if (error instanceof ListDiffers)
			return judge('failed', UNTOUCHED, 'LIST_DIFFERS', `the list of the copy: ${error.message}`);
		if (signal.aborted) throw syncErrors.INTERRUPTED({ objects: 0, reason: describeAbort(signal.reason) }, error);
		if (!(error instanceof RunbookError) || !error.retryable) throw error;
		return judge('inconclusive', UNTOUCHED, 'STORAGE_UNAVAILABLE', error.message);
	}
}

async function compare(
	storage: FileStorage,
	{ list }: CopyManifest,
	{ destination, signal }: VerifyFilesOptions,
): Promise<Findings> {
	const found = { ...UNTOUCHED, differences: [] as Array<CopyVerification['differences'][number]> };
	const side = { ...destination, prefix: copyKeys(destination).folder };
	const pairs = pairByKey(readCopyList(storage, destination, { list, signal }), relative(storage, side, signal));
	for await (const pair of pairs) {
		const problem = assessPair(pair);
		if (problem === 'extra') found.extra += 1;
		else if (problem === undefined) {
			found.objects += 1;
			found.bytes += pair.left?.sizeBytes ?? 0;
		} else {
			found[problem] += 1;
			if (found.differences.length < NAMED) found.differences.push({ key: pair.key, problem });
		}
	}
	return found;
}

/** Undefined when the object is as it was when it was copied. */
export function assessPair({
	left,
	right,
}: KeyPair<CopiedObject, ListedObject>): 'extra' | 'missing' | 'different' | undefined {
	if (!left) return 'extra';
	if (!right) return 'missing';
	return left.sizeBytes === right.sizeBytes && left.etag === right.etag ? undefined : 'different';
}
