import { exclusionOf, refuseImpossibleQuorum } from '../../../lib/approval/exclusion';
import { APPROVERS, approver, catchError } from './gateFixture';

const ADA = approver('ada');

it.each<[string, string | undefined, { startedBy?: string; authors?: string[] }]>([
	['the pipeline started it', undefined, { startedBy: 'ci' }],
	['by id', 'starter', { startedBy: 'ada' }],
	['by id, in capitals and with spaces', 'starter', { startedBy: '  ADA ' }],
	['by name', 'starter', { startedBy: 'Ada Example' }],
	['by name, written otherwise', 'starter', { startedBy: 'ada   EXAMPLE' }],
	['by address', 'starter', { startedBy: 'Ada@Example.com' }],
	['by name and address', 'starter', { startedBy: 'Somebody <ada@example.com>' }],
	['an author by name and address', 'author', { authors: ['Linus Example', 'Ada Example <a@elsewhere.example>'] }],
	['an author by address alone', 'author', { authors: ['<ada@example.com>'] }],
	['starter outranks author', 'starter', { startedBy: 'ada', authors: ['ada'] }],
	['a longer name', undefined, { startedBy: 'ada2', authors: ['Ada Exampleton <ada@example.com.example>'] }],
	['empty names match nobody', undefined, { startedBy: '', authors: ['', ' <> '] }],
])('%s: %s', (_, exclusion, people) => {
	expect(exclusionOf(ADA, { startedBy: 'ci', authors: [], ...people })).toBe(exclusion);
});

it('a quorum that nobody can reach is refused before anybody is asked, and says who is excluded and why', () => {
	const people = { startedBy: 'ada', authors: ['Linus Example <linus@example.com>'] };
	refuseImpossibleQuorum(APPROVERS, people, { gate: 'gate-1/approval', quorum: 1 });
	const refusal = catchError(() => refuseImpossibleQuorum(APPROVERS, people, { gate: 'gate-1/approval', quorum: 2 }));
	expect(refusal).toMatchObject({
		code: 'APPROVAL.QUORUM_IMPOSSIBLE',
		message:
			'Gate gate-1/approval wants 2 approvals and only 1 of 3 approvers may give one: Ada Example started the release, Linus Example wrote a part of it',
	});
});
