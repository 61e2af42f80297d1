import type { Approver } from '../release/gate';
import type { Release } from '../release/model';
import { approvalErrors } from './errors';

/** Why an approver may not decide on a release. */
export type Exclusion = 'starter' | 'author';

export type ReleasePeople = Pick<Release, 'startedBy' | 'authors'>;

const REASON: Readonly<Record<Exclusion, string>> = { starter: 'started the release', author: 'wrote a part of it' };

/**
 * Whether an approver started the release or wrote a commit of it. Compared by id, name and address, whatever their case; an author
 * may be given as `Name <address>`. Undefined: neither.
 */
export function exclusionOf(approver: Approver, { startedBy, authors }: ReleasePeople): Exclusion | undefined {
	const own = [approver.id, approver.name, approver.email].map(normalise);
	const isOwn = (person: string): boolean => namesOf(person).some((name) => own.includes(name));
	if (isOwn(startedBy)) return 'starter';
	return authors.some(isOwn) ? 'author' : undefined;
}

/** Approvers whose yes counts. */
export function eligibleApprovers(approvers: readonly Approver[], people: ReleasePeople): Approver[] {
	return approvers.filter((approver) => exclusionOf(approver, people) === undefined);
}

/** @throws RunbookError APPROVAL.QUORUM_IMPOSSIBLE naming who is excluded and why */
export function refuseImpossibleQuorum(
	approvers: readonly Approver[],
	people: ReleasePeople,
	{ gate, quorum }: { gate: string; quorum: number },
): void {
	const eligible = eligibleApprovers(approvers, people).length;
	if (eligible >= quorum) return;
	const excluded = approvers
		.map((approver) => ({ name: approver.name, exclusion: exclusionOf(approver, people) }))
		.flatMap(({ name, exclusion }) => (exclusion === undefined ? [] : [`${name} ${REASON[exclusion]}`]));
	throw approvalErrors.QUORUM_IMPOSSIBLE({
		gate,
		quorum,
		eligible,
		configured: approvers.length,
		excluded: excluded.join(', ') || 'nobody is excluded',
	});
}

/** `On-call engineer <on-call@yourdomain.com>` is known by the whole, the name, and the address. */
function namesOf(person: string): string[] {
	const parts = /^(.*)<([^<>]*)>\s*$/.exec(person);
	return [person, ...(parts?.slice(1) ?? [])].map(normalise).filter((name) => name !== '');
}

function normalise(name: string): string {
	return name.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
