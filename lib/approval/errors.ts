import { defineErrors } from '../support/runbookError';

export const approvalErrors = defineErrors('APPROVAL', {
	SECRET_TOO_SHORT: {
		message: 'The Approval Links credential holds no secret of at least {minimum} characters',
		why: 'Whoever guesses the secret can write approval links for anybody',
		fix: 'Set the secret of the Approval Links credential, e.g. to the output of openssl rand -base64 48',
	},
	QUORUM_IMPOSSIBLE: {
		message:
			'Gate {gate} wants {quorum} approvals and only {eligible} of {configured} approvers may give one: {excluded}',
		why: 'Asking would end in a timeout whatever the approvers decide',
		fix: 'Name more approvers in the configuration workflow, or let somebody else start the release',
	},
	GATE_UNKNOWN: {
		message: 'Gate {gate} of release {releaseId} is not open',
		why: 'A gate waits for votes only after the Ask operation has opened it in the ledger',
		fix: 'Put the Ask operation with the same step key before this node',
	},
	GATE_NOT_CONFIGURED: {
		message: 'The configuration names no gate {gate}',
		why: 'Without a quorum nobody knows how many approvals are enough',
		fix: 'Add it with its quorum to "gates" of the approval settings in the configuration workflow',
	},
	TOKEN_MISSING: {
		message: 'This address is not a personal approval link',
		why: 'A vote counts only under the link that was sent to the approver',
		fix: 'Open the link of the approval mail, whole, up to its last character',
	},
	TOKEN_FORGED: {
		message: 'This link was not issued by this system',
		why: 'Its signature does not hold: it was cut off, changed, or written by somebody else',
		fix: 'Open the link of the approval mail, whole, up to its last character',
	},
	TOKEN_EXPIRED: {
		message: 'This link expired: the gate was open until {until}',
		why: 'Silence is a no, so a gate ends at its time',
		fix: 'Ask whoever runs the release whether it is started again',
	},
	WRONG_GATE: {
		message: 'This link is for another gate or another release',
		why: 'Each link decides one gate of one release',
		fix: 'Open the link of the mail about {gate} of this release',
	},
	NOT_APPROVER: {
		message: '{approver} is not an approver of {gate}',
		why: 'Only the persons that the configuration names may decide',
		fix: 'Let one of the approvers decide',
	},
	STARTER: {
		message: '{approver} started this release and may not decide on it',
		why: 'A second person looks at every release',
		fix: 'Let another approver decide',
	},
	AUTHOR: {
		message: '{approver} wrote a part of this release and may not decide on it',
		why: 'Nobody approves their own work',
		fix: 'Let another approver decide',
	},
	IDENTITY_TOO_WEAK: {
		message: 'This environment wants to know approvers at least by {least}; this vote is known by {strength}',
		why: 'A link can be passed on, so it proves less than a login',
		fix: 'Vote through the stronger way, or lower "leastStrength" in the configuration workflow',
	},
	EVIDENCE_CHANGED: {
		message: 'What was to be decided on has changed since the link was sent',
		why: 'A vote holds for exactly what its voter saw: {problem}',
		fix: 'Wait for a new mail; if none comes, ask whoever runs the release',
	},
	REPLAYED: {
		message: 'This link has voted before',
		why: 'Each link votes once',
		fix: 'Nothing more is needed: the first vote is recorded',
	},
	ALREADY_DECIDED: {
		message: 'This gate is decided already: {state}',
		why: 'Only the first decision counts',
		fix: 'Nothing more is needed',
	},
	COMMENT_MISSING: {
		message: 'A reason is missing',
		why: 'Whoever rejects, or breaks the glass, tells the others why',
		fix: 'Write a reason and send it again',
	},
	DECISION_UNKNOWN: {
		message: 'The vote says neither approve nor reject',
		why: 'Anything but an explicit yes or no is not counted',
		fix: 'Open the link again and press one of its buttons',
	},
	BREAK_GLASS_NOT_ALLOWED: {
		message: '{approver} may not pass this gate alone',
		why: 'Only the persons that the configuration names for an emergency may',
		fix: 'Approve or reject, or call one of the persons who may',
	},
	LEDGER_UNREACHABLE: {
		message: 'The vote could not be recorded: the release ledger does not answer',
		why: 'Without its ledger no vote counts, so nothing was decided',
		fix: 'Try again in a minute with the same link',
		retryable: true,
	},
	UNEXPECTED: {
		message: 'The vote could not be taken',
		why: 'Something went wrong that nobody foresaw, so nothing was decided',
		fix: "Try again with the same link; if it stays, look at n8n's log",
		retryable: true,
	},
	SEAL_BROKEN: {
		message: 'Where to wake gate {gate} of release {releaseId} cannot be read',
		why: 'It was sealed with another secret, or changed in the ledger',
		fix: 'Use the Approval Links credential that the gate was opened with; the gate ends at its time in any case',
	},
});

/** A refusal of a vote, as a status of HTTP. Everything else is 500. */
export const STATUS_OF_REFUSAL: Readonly<Record<string, number>> = {
	'APPROVAL.TOKEN_MISSING': 401,
	'APPROVAL.TOKEN_FORGED': 401,
	'APPROVAL.TOKEN_EXPIRED': 410,
	'APPROVAL.WRONG_GATE': 403,
	'APPROVAL.NOT_APPROVER': 403,
	'APPROVAL.STARTER': 403,
	'APPROVAL.AUTHOR': 403,
	'APPROVAL.IDENTITY_TOO_WEAK': 403,
	'APPROVAL.BREAK_GLASS_NOT_ALLOWED': 403,
	'APPROVAL.EVIDENCE_CHANGED': 409,
	'APPROVAL.REPLAYED': 409,
	'APPROVAL.ALREADY_DECIDED': 409,
	'APPROVAL.COMMENT_MISSING': 422,
	'APPROVAL.DECISION_UNKNOWN': 422,
	'APPROVAL.GATE_UNKNOWN': 404,
	'APPROVAL.SECRET_TOO_SHORT': 503,
	'APPROVAL.LEDGER_UNREACHABLE': 503,
	'CREDENTIAL.UNREADABLE': 503,
};
