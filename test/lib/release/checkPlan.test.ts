import { checkPlan } from '../../../lib/release/checkPlan';
import { MemoryLedger } from '../../support/memoryLedger';

const WORKFLOW = { part: 'workflow/phase-1', hash: 'a' };
const CONFIGURATION = { part: 'configuration', hash: 'b' };
let ledger: MemoryLedger;
beforeEach(() => (ledger = new MemoryLedger()));

it('registers parts that the release does not know yet', async () => {
	await checkPlan(ledger, 'r-1', [WORKFLOW]);
	await checkPlan(ledger, 'r-1', [CONFIGURATION]);
	expect(await ledger.readPlan('r-1')).toEqual([WORKFLOW, CONFIGURATION]);
});

it('is content with the same parts again, in any order, and with none', async () => {
	await checkPlan(ledger, 'r-1', [WORKFLOW, CONFIGURATION]);
	await checkPlan(ledger, 'r-1', [CONFIGURATION, WORKFLOW]);
	await checkPlan(ledger, 'r-1', []);
	expect(await ledger.readPlan('r-1')).toEqual([WORKFLOW, CONFIGURATION]);
});

it.each([
	['one that differs', [{ ...WORKFLOW, hash: 'other' }], 'workflow/phase-1'],
	['one that became empty', [{ ...WORKFLOW, hash: '' }], 'workflow/phase-1'],
	['one of several', [WORKFLOW, { ...CONFIGURATION, hash: 'other' }], 'configuration'],
	['a part that is named twice', [WORKFLOW, { ...WORKFLOW, hash: 'other' }], 'workflow/phase-1'],
])('refuses %s and keeps what the release began with', async (_, parts, part) => {
	await checkPlan(ledger, 'r-1', [WORKFLOW, CONFIGURATION]);
	await expect(checkPlan(ledger, 'r-1', parts)).rejects.toMatchObject({
		code: 'RELEASE.WORKFLOW_CHANGED',
		meta: { releaseId: 'r-1', part },
	});
	expect(await ledger.readPlan('r-1')).toEqual([WORKFLOW, CONFIGURATION]);
});

it('keeps the plans of two releases apart', async () => {
	await checkPlan(ledger, 'r-1', [WORKFLOW]);
	await checkPlan(ledger, 'r-2', [{ ...WORKFLOW, hash: 'other' }]);
	expect(await ledger.readPlan('r-1')).toEqual([WORKFLOW]);
});
