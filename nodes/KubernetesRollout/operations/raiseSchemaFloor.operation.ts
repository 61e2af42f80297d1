import { assessContraction, type LintedScript } from '../../../lib/release/assessContraction';
import { releaseErrors } from '../../../lib/release/errors';
import type { Json } from '../../../lib/release/model';
import { OLD_CODE_STEP } from '../../../lib/release/rollbackProof';
import { findOtherVersions } from '../../../lib/rollout/findOtherVersions';
import { writeSchemaFloor } from '../../../lib/rollout/schemaFloor';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, OperationContext } from '../../shared/operation';
import { openCluster } from '../openCluster';
import {
	asJson,
	fenceOf,
	IMAGES_FIELD,
	readSetWithImages,
	releaseSetOf,
	SET_FIELDS,
	setInputs,
	type ImageParameters,
} from '../releaseSet';

const GATE = 'gate-1/approval';
const LINT = '2.1/lint';
const GONE = '2.1/previous-version-gone';

/**
 * Closes the way back before something is taken away from older versions: in the ledger, which refuses to roll back behind it, and on the
 * Services, where a rollback without a ledger finds it. Raised before the migration, since a run that dies in between must not leave the way open.
 */
export const raiseSchemaFloor: Operation<ImageParameters> = {
	name: 'raiseSchemaFloor',
	kind: 'change',
	requires: [GATE, LINT, GONE],
	alwaysRuns: true,
	description: fieldsOf('raiseSchemaFloor', [
		...SET_FIELDS,
		{ ...IMAGES_FIELD, description: 'What serves now, and is the oldest that can run from here on' },
	]),
	readParameters: readSetWithImages,
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	run: async (context) => {
		const { release } = context;
		if (!release) throw releaseErrors.NOT_RECORDING({ operation: 'raiseSchemaFloor' });
		const ledger = await context.open(releaseLedger);
		const cluster = await openCluster(context);
		const { images } = context.parameters;
		const set = releaseSetOf(context.parameters, cluster);
		await refuseToContract(context, (await findOtherVersions(cluster, set, images)).others);
		const { version, releaseId, since } = await ledger.raiseSchemaFloor(release);
		const floor = { release: releaseId, token: release.token, version, since: since.toISOString() };
		await writeSchemaFloor(cluster, set, { floor, images, fence: fenceOf(context) });
		return { result: asJson(floor) };
	},
};

/** @throws RunbookError RELEASE.NOT_CONTRACTIBLE */
async function refuseToContract(
	{ release, recorded, open }: OperationContext<ImageParameters>,
	others: readonly string[],
): Promise<void> {
	const ledger = await open(releaseLedger);
	const id = release?.id ?? '';
	const held = await ledger.readRelease(id);
	if (!held) throw releaseErrors.UNKNOWN({ releaseId: id });
	const serving = await ledger.readLastSwitched(held.environment);
	const [promised] = serving ? await ledger.readSteps(serving.id, LINT) : [];
	const refusal = assessContraction({
		release: held,
		gate: await ledger.gates.readGate(id, GATE),
		votes: await ledger.gates.readVotes(id, GATE),
		deploys: scriptsIn((await recorded(LINT))?.result, 'deploys'),
		heldBack: heldBackIn(promised?.result),
		others,
		oldCode: (await recorded(OLD_CODE_STEP))?.state,
	});
	if (refusal) throw releaseErrors.NOT_CONTRACTIBLE({ environment: held.environment, ...refusal });
}

/** Of a recorded lint; empty when it says nothing. */
function scriptsIn(result: Json | undefined, field: 'deploys' | 'migrations'): LintedScript[] {
	const scripts = (result as Readonly<Record<string, unknown>> | null | undefined)?.[field];
	return Array.isArray(scripts) ? (scripts as LintedScript[]) : [];
}

function heldBackIn(result: Json | undefined): LintedScript[] {
	const names = (result as { readonly heldBack?: unknown } | null | undefined)?.heldBack;
	return Array.isArray(names) ? scriptsIn(result, 'migrations').filter(({ name }) => names.includes(name)) : [];
}
