import { backupErrors } from '../../../lib/backup/errors';
import type { Proof } from '../../../lib/backup/proof/model';
import { proveClone } from '../../../lib/backup/proof/proveClone';
import { proveContinuous } from '../../../lib/backup/proof/proveContinuous';
import { runReportTool } from '../../../lib/backup/proof/reportTool.client';
import { parameterErrors } from '../../../lib/support/errors';
import { scratchPostgres, targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation, OperationContext } from '../../shared/operation';
import { readClone, type CloneParameters } from '../cloneFields';
import { readContinuous, type ContinuousParameters } from '../continuousFields';
import { proofFields } from '../proofFields';

type Parameters =
	| { readonly proofClass: 'B'; readonly continuous: ContinuousParameters }
	| { readonly proofClass: 'C'; readonly clone: CloneParameters };

/** Minutes are enough for a report and a few counts. */
const DEADLINE_MS = 10 * 60_000;

/** Judges a backup that this node did not make: a continuous one by its tool's report, or a clone by asking it. */
export const prove: Operation<Parameters> = {
	name: 'prove',
	kind: 'verdict',
	description: fieldsOf('prove', proofFields),
	deadlineMs: () => DEADLINE_MS,
	readParameters: (context, itemIndex) => {
		const proofClass: unknown = context.getNodeParameter('proofClass', itemIndex);
		if (proofClass === 'B') return { proofClass, continuous: readContinuous(context, itemIndex) };
		if (proofClass === 'C') return { proofClass, clone: readClone(context, itemIndex) };
		throw parameterErrors.INVALID({
			field: 'proofClass',
			problem: 'class D is no proof, and class A is made by the operation Verify',
			remedy: 'Choose B or C, or put Create and Verify here',
		});
	},
	plan: (parameters) => {
		const { proofClass } = parameters;
		if (proofClass === 'C') return { key: '', inputs: { proofClass, snapshot: parameters.clone.name } };
		const { tool, name, policy } = parameters.continuous;
		return { key: '', inputs: { proofClass, tool, name, policy: { ...policy } } };
	},
	run: async (context) => {
		const { parameters, open, clock } = context;
		const production = await open(targetPostgres);
		if (parameters.proofClass === 'C')
			return outcomeOf(await proveClone(production, await open(scratchPostgres), { ...parameters.clone, clock }));
		const { continuous } = parameters;
		const report = await readReport(context, continuous);
		return outcomeOf(await proveContinuous(production, report, { ...continuous, clock }));
	},
};

async function readReport(
	{ open, signal }: OperationContext<Parameters>,
	{ tool, name, report }: ContinuousParameters,
): Promise<string> {
	if (report.from === 'field') return report.text;
	if (report.from === 'tool') return await runReportTool({ tool, name, configFile: report.configFile, signal });
	const { bucket, key } = report;
	const text = await (await open(objectStorage)).readText({ bucket, key }, signal);
	if (text === undefined) throw backupErrors.REPORT_MISSING({ bucket, key });
	return text;
}

function outcomeOf<Proven extends Proof>({ verdict, reasons, token, ...facts }: Proven) {
	return {
		verdict,
		result: {
			...facts,
			reasons: reasons.map((reason) => ({ ...reason })),
			token: token === null ? null : { ...token, source: { ...token.source } },
		},
	};
}
