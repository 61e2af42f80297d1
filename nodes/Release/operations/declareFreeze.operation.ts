import type { Json } from '../../../lib/release/model';
import { parameterErrors } from '../../../lib/support/errors';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';

interface Parameters {
	readonly environment: string;
	readonly reason: string;
	readonly person: string;
	/** Null: from now on. */
	readonly from: Date | null;
	/** Null: until it is lifted. */
	readonly until: Date | null;
}

/** Freezes an environment: no release starts in it until the freeze ends or is lifted. Rollbacks are not frozen. */
export const declareFreeze: Operation<Parameters> = {
	name: 'declareFreeze',
	kind: 'observe',
	resultKey: 'freeze',
	description: fieldsOf('declareFreeze', [
		{
			displayName: 'Environment',
			name: 'freezeEnvironment',
			type: 'string',
			default: 'production',
			required: true,
			placeholder: 'e.g. production',
			description: 'What is frozen',
		},
		{
			displayName: 'Reason',
			name: 'freezeReason',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. end of the financial year',
			description: 'Why; whoever wants to start a release reads it',
		},
		{
			displayName: 'Person',
			name: 'freezePerson',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. the release manager',
			description: 'Who declares it, for the record',
		},
		{
			displayName: 'From',
			name: 'freezeFrom',
			type: 'dateTime',
			default: '',
			description: 'When it begins; empty: now',
		},
		{
			displayName: 'Until',
			name: 'freezeUntil',
			type: 'dateTime',
			default: '',
			description: 'When it ends; empty: when somebody lifts it',
		},
	]),
	readParameters: (context, itemIndex) => {
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex) ?? '').trim();
		const wanted = {
			environment: text('freezeEnvironment'),
			reason: text('freezeReason'),
			person: text('freezePerson'),
			from: readDate('freezeFrom', text('freezeFrom')),
			until: readDate('freezeUntil', text('freezeUntil')),
		};
		const remedy = 'Say what is frozen, why, and who says so';
		for (const field of ['environment', 'reason', 'person'] as const) {
			if (wanted[field] === '') throw parameterErrors.INVALID({ field, problem: 'it is empty', remedy });
		}
		return wanted;
	},
	plan: ({ environment, reason }) => ({ key: '', inputs: { environment, reason } }),
	run: async ({ parameters: { environment, reason, person, until, ...given }, open, clock }) => {
		const from = given.from ?? clock.now();
		if (until && until <= from)
			throw parameterErrors.INVALID({
				field: 'freezeUntil',
				problem: 'it is not after the beginning',
				remedy: 'Give a later end, or none',
			});
		const ledger = await open(releaseLedger);
		const freeze = await ledger.declareFreeze({ environment, reason, declaredBy: person, from, until });
		return { result: JSON.parse(JSON.stringify(freeze)) as Json };
	},
};

function readDate(field: string, given: string): Date | null {
	if (given === '') return null;
	const date = new Date(given);
	if (!Number.isNaN(date.getTime())) return date;
	throw parameterErrors.INVALID({
		field,
		problem: 'it is no date',
		remedy: 'Give a date and a time with an offset, e.g. 2026-12-20T18:00:00+01:00',
	});
}
