import type { IdentityStrength } from '../release/gate';
import { IDENTITY_STRENGTHS } from './approvalPolicy';
import type { VoteClaims } from './model';

/** The part of a request by which a provider may know who sent it. */
export interface VoteRequest {
	readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** One way of knowing who votes. */
export interface IdentityProvider {
	readonly strength: IdentityStrength;
	/** The approver's id; undefined when it cannot tell. */
	identify(request: VoteRequest, claims: VoteClaims): Promise<string | undefined>;
}

/** Whoever holds the link is its approver. */
export const linkIdentity: IdentityProvider = {
	strength: 'link',
	identify: async (_request, { approver }) => approver,
};

/** True when an identity of this strength is enough. */
export function isStrongEnough(strength: IdentityStrength, least: IdentityStrength): boolean {
	return IDENTITY_STRENGTHS.indexOf(strength) >= IDENTITY_STRENGTHS.indexOf(least);
}
