import { approvalPolicy } from '../../../lib/approval/approvalPolicy';

const ADA = { id: 'ada', name: 'Ada Example', email: 'ada@example.com' };
const POLICY = {
	leastStrength: 'link',
	expiresMinutes: 60,
	gates: { 'gate-1/approval': { quorum: 1 } },
	approvers: [ADA, { id: 'grace', name: 'Grace Example', email: 'grace@example.com', breakGlass: true }],
};

it('nobody breaks the glass unless it says so', () => {
	expect(approvalPolicy.parse(POLICY).approvers.map(({ breakGlass }) => breakGlass)).toEqual([false, true]);
});

it.each<[string, string, object]>([
	['leastStrength', 'an unknown strength', { ...POLICY, leastStrength: 'password' }],
	['expiresMinutes', 'no time at all', { ...POLICY, expiresMinutes: 0 }],
	['expiresMinutes', 'NaN', { ...POLICY, expiresMinutes: NaN }],
	['expiresMinutes', 'longer than a week', { ...POLICY, expiresMinutes: 20_000 }],
	['gates', 'no gates', { ...POLICY, gates: undefined }],
	['gates.gate-1/approval.quorum', 'a quorum of nobody', { ...POLICY, gates: { 'gate-1/approval': { quorum: 0 } } }],
	['gates.gate-1/approval.quorum', 'half a person', { ...POLICY, gates: { 'gate-1/approval': { quorum: 1.5 } } }],
	['approvers', 'nobody', { ...POLICY, approvers: [] }],
	['approvers.0.email', 'no address', { ...POLICY, approvers: [{ ...ADA, email: 'ada' }] }],
	['approvers.0.id', 'an id with markup', { ...POLICY, approvers: [{ ...ADA, id: '<b>' }] }],
	[
		'approvers.1.id',
		'one person twice, in other letters',
		{ ...POLICY, approvers: [ADA, { ...ADA, id: 'ADA', email: 'b@example.com' }] },
	],
	[
		'approvers.1.email',
		'one mailbox twice',
		{ ...POLICY, approvers: [ADA, { ...ADA, id: 'b', email: 'ADA@example.com' }] },
	],
	['', 'a misspelt field', { ...POLICY, quorum: 2 }],
])('the issue names %s: %s', (field, _, policy) => {
	const issue = approvalPolicy.safeParse(policy).error?.issues[0];
	expect(issue?.path.join('.')).toBe(field);
	expect(issue?.message).not.toBe('');
});
