import { verifyFiles, type CopyVerification } from '../../../lib/storage/sync/verifyFiles';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, OperationContext } from '../../shared/operation';
import { copyFields, deadlineField, openSides, readCopyParameters, type CopyParameters } from '../copyFields';

/** The step whose record a copy's list is compared with, when it is a step of the same release. */
const SYNC_STEP = '1.2/sync-files';

/** Lists what a copy holds and compares it with what the sync wrote down. */
export const verify: Operation<CopyParameters> = {
	name: 'verify',
	kind: 'verdict',
	description: fieldsOf('verify', [...copyFields, deadlineField]),
	deadlineMs: ({ deadlineMinutes }) => deadlineMinutes * 60_000,
	readParameters: readCopyParameters,
	plan: ({ destination }) => {
		const { owner = '', ...place } = destination;
		return { key: '', inputs: { ...place, owner } };
	},
	run: async (context) => {
		const { parameters, signal, clock, log } = context;
		const { destination } = await openSides(context);
		const expectedListSha256 = await readRecordedList(context);
		const { verdict, reasons, differences, ...counts } = await verifyFiles(destination, {
			destination: parameters.destination,
			expectedListSha256,
			signal,
			clock,
			log,
		});
		return {
			verdict,
			result: {
				...counts,
				reasons: reasons.map((reason) => ({ ...reason })),
				differences: differences.map((difference) => ({ ...difference })),
			},
			evidence: { measurements: [measurementOf({ verdict, reasons, ...counts })] },
		};
	},
};

/** The line of the release's report. */
function measurementOf({ verdict, reasons, ...counts }: Omit<CopyVerification, 'differences'>) {
	const { bucket, folder, objects, missing, different } = counts;
	return {
		subject: 'Missing or different in the copy of the files',
		value: `${missing + different} of ${objects + missing + different} objects`,
		limit: '0',
		query: `s3://${bucket}/${folder}`,
		verdict,
		reason: reasons.map(({ code, message }) => `${code}: ${message}`).join('; '),
	};
}

/** The checksum in the ledger, which whoever can write to the bucket cannot change. Undefined when this copy was not recorded. */
async function readRecordedList({
	parameters,
	recorded,
}: OperationContext<CopyParameters>): Promise<string | undefined> {
	const result = (await recorded(SYNC_STEP))?.result;
	if (result === null || typeof result !== 'object' || Array.isArray(result) || !('name' in result)) return undefined;
	return result.name === parameters.destination.name && typeof result.listSha256 === 'string'
		? result.listSha256
		: undefined;
}
