import { z } from 'zod';
import type { IdentityStrength } from '../release/gate';

/** From weak to strong. */
export const IDENTITY_STRENGTHS = ['link', 'slack', 'oidc', 'github'] as const satisfies readonly IdentityStrength[];

/** A gate holds the environment's lock while it waits; a week is longer than any release may. */
const LONGEST_MINUTES = 7 * 24 * 60;
const MINUTES = `write whole minutes from 1 to ${LONGEST_MINUTES} (a week), e.g. 60`;
const ID = 'write the name of an account: letters, digits and . _ - @, at most 80 characters, e.g. "a.smith"';
const NAME = 'write the name that people know, at most 80 characters';
const QUORUM = 'write how many persons must approve, a whole number of at least 1';

const approver = z
	.object({
		id: z
			.string({ message: ID })
			.trim()
			.regex(/^[\w.@-]{1,80}$/, ID),
		name: z.string({ message: NAME }).trim().min(1, NAME).max(80, NAME),
		email: z.string({ message: 'write an e-mail address' }).trim().email('write an e-mail address'),
		breakGlass: z.boolean({ message: 'write true or false' }).default(false),
	})
	.strict();

const shape = z
	.object({
		leastStrength: z.enum(IDENTITY_STRENGTHS, { message: `write one of ${IDENTITY_STRENGTHS.join(', ')}` }),
		expiresMinutes: z.number({ message: MINUTES }).int(MINUTES).min(1, MINUTES).max(LONGEST_MINUTES, MINUTES),
		gates: z.record(
			z.string(),
			z.object({ quorum: z.number({ message: QUORUM }).int(QUORUM).min(1, QUORUM) }).strict(),
			{ message: 'write the quorum of each gate, e.g. {"gate-1/approval":{"quorum":1}}' },
		),
		approvers: z.array(approver, { message: 'write a list of approvers' }).min(1, 'name at least one approver'),
	})
	.strict();

/** Who decides at which gate, checked as a whole: approvers are persons, so ids and addresses are unique. An issue names the field. */
export const approvalPolicy = shape.superRefine(({ approvers }, context) => {
	for (const field of ['id', 'email'] as const) {
		const values = approvers.map((one) => one[field].toLowerCase());
		for (const [index, value] of values.entries()) {
			if (values.indexOf(value) === index) continue;
			const message = `"${value}" is taken by an earlier approver: a quorum counts persons, so each is named once`;
			context.addIssue({ code: 'custom', path: ['approvers', index, field], message });
		}
	}
});

export type ApprovalPolicy = Readonly<z.infer<typeof shape>>;
