import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { Json, ReleaseContext, StepKind, StepRecord } from '../../lib/release/model';
import type { Observation, StepOutcome } from '../../lib/release/recordStep';
import type { Clock } from '../../lib/support/clock';
import type { CredentialOpener } from './credentialOpener';

/** The part of n8n's context that readParameters may use. Only readParameters reads node parameters. */
export type ParameterReader = Pick<
	IExecuteFunctions,
	'getNodeParameter' | 'getNode' | 'getMode' | 'getExecutionId' | 'getInputData'
>;

/** What an operation returns. */
export interface OperationOutcome extends StepOutcome {
	/** False when no item is to go on from here. Absent: one does. */
	readonly emits?: boolean;
	/** True when the item that came in is not to be kept. Absent: the result is added to it. */
	readonly replacesItem?: boolean;
}

/** What an operation gets while it plans and runs. */
export interface OperationContext<Parameters> {
	readonly parameters: Parameters;
	/** The release it works for; undefined when the node runs alone and records nothing. */
	readonly release: ReleaseContext | undefined;
	/** Aborted when n8n cancels the execution. Pass it on to everything that waits. */
	readonly signal: AbortSignal;
	readonly clock: Clock;
	/** Opens what a credential stands for, once per execution; runOperations closes it. */
	open<Client>(opener: CredentialOpener<Client>): Promise<Client>;
	/** What the ledger holds for another step of this release; undefined without a release or record. */
	recorded(stepKey: string, itemKey?: string): Promise<StepRecord | undefined>;
	/** The bytes of a file that came with the item, by the name of its binary field; asked for only when it is there. */
	readBinary(field: string): Promise<AsyncIterable<Uint8Array>>;
	/** Runs another workflow with one item, as Execute Sub-workflow does, and waits for its end. */
	runWorkflow(workflowId: string, json: Readonly<Record<string, Json>>): Promise<void>;
	/** One line in n8n's log: progress on long work. Secrets are masked. */
	log(message: string): void;
}

/**
 * One operation of a node. `change` operations alter the world: they throw, are recorded before and after, need their
 * `requires`, and are answered from the record on a resume. `verdict` operations judge and leave through Inconclusive, Failed or
 * Passed. `observe` operations only look.
 */
export interface Operation<Parameters> {
	/** Stored value of the `operation` parameter, lowerCamel. */
	readonly name: string;
	readonly kind: StepKind;
	/** Key under which the result is added to the item. Absent: the node's. */
	readonly resultKey?: string;
	/** The operation's fields, already restricted to it by updateDisplayOptions. */
	readonly description: readonly INodeProperties[];
	/** True for a change that reads the world first and is safe to repeat: it is never answered from the record. Absent: false. */
	readonly alwaysRuns?: boolean;
	/** Steps that must stand as passed in the ledger before a change runs. */
	readonly requires?: readonly string[];
	/** Steps that it needs besides, by its parameters. */
	alsoRequires?(parameters: Parameters): readonly string[];
	/** Longest time one item may take, in milliseconds. Absent: 30 minutes. */
	deadlineMs?(parameters: Parameters): number;
	/** The only reader of node parameters: a readonly object, validated. */
	readParameters(context: ParameterReader, itemIndex: number): Parameters;
	/** `key`: the service's name where one step has many items, else ''. `inputs`: what will be done, without secrets; hashed. */
	plan(parameters: Parameters): { readonly key: string; readonly inputs: Json };
	/** Facts committed together with "started", before the act: how to undo it. */
	prepare?(context: OperationContext<Parameters>): Promise<{ inverse: Json }>;
	/** Tells after an interrupted run whether the act took place. */
	observe?(context: OperationContext<Parameters>): Promise<Observation>;
	/** Calls one domain function. A verdict operation returns its verdict. */
	run(context: OperationContext<Parameters>): Promise<OperationOutcome>;
}

/** A node's operations, and the key under which its result is added to the item. */
export interface NodeOperations {
	readonly resultKey: string;
	readonly operations: ReadonlyArray<Operation<unknown>>;
}
