import type { INodeProperties } from 'n8n-workflow';
import type { ReleaseContext } from '../../lib/release/model';
import { parameterErrors } from '../../lib/support/errors';

/** Which gate of which release a node is about. */
export interface GateParameters {
	readonly release: ReleaseContext;
	/** The gate's step key. */
	readonly gate: string;
}

const STEP_KEY = /^[\w.-]+\/[\w.-]+$/;

export const stepKeyField: INodeProperties = {
	displayName: 'Step Key',
	name: 'stepKey',
	type: 'string',
	default: 'gate-1/approval',
	required: true,
	placeholder: 'e.g. gate-1/approval',
	description:
		'The gate. Ask, Wait and Close of one gate share it; the change behind it asks the ledger for it by this name.',
};

export const guardsField: INodeProperties = {
	displayName: 'Guards',
	name: 'guards',
	type: 'string',
	default: '2.1/deploy-migrations',
	required: true,
	placeholder: 'e.g. 3.2/switch-traffic',
	description:
		'Step key of the change that waits behind the gate. Once it was started the approval counts as used and stays. Steps between the gate and that change stand before it, with commas: they are no part of what is shown.',
};

/** Reads a parameter by name, in a node's execution or in its webhook. */
export type ReadParameter = (name: string) => unknown;

/** @throws RunbookError PARAMETER.INVALID */
export function readGateParameters(read: ReadParameter): GateParameters {
	const given = read('token');
	const token = given === '' || given === null || given === undefined ? NaN : Number(given);
	const id = readReleaseId(read);
	if (!Number.isInteger(token))
		throw parameterErrors.INVALID({
			field: 'token',
			problem: 'it is no fencing token',
			remedy: 'Put a Release node named "Release" before this node',
		});
	return { release: { id, token }, gate: readStepKey(read, 'stepKey') };
}

/** @throws RunbookError PARAMETER.INVALID */
export function readReleaseId(read: ReadParameter): string {
	const id = read('releaseId');
	if (typeof id === 'string' && id !== '') return id;
	const problem = 'no release id';
	const remedy = 'Put a Release node named "Release" before this node';
	throw parameterErrors.INVALID({ field: 'releaseId', problem, remedy });
}

/** Step keys with commas. @throws RunbookError PARAMETER.INVALID */
export function readStepKeys(read: ReadParameter, field: string): string {
	const keys = String(read(field) ?? '').split(',');
	return keys.map((key) => readStepKey(() => key, field)).join(', ');
}

/** @throws RunbookError PARAMETER.INVALID */
export function readStepKey(read: ReadParameter, field: string): string {
	const key = String(read(field) ?? '').trim();
	if (STEP_KEY.test(key)) return key;
	const remedy = 'Write a step key such as gate-1/approval';
	throw parameterErrors.INVALID({ field, problem: 'it is no step key', remedy });
}
