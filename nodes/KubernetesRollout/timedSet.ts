import type { INodeProperties } from 'n8n-workflow';
import type { Fence, LiveRecord, TargetImage } from '../../lib/rollout/model';
import type { Clock } from '../../lib/support/clock';
import type { OperationContext, ParameterReader } from '../shared/operation';
import { readTimeout } from './readTimeout';
import {
	fenceOf,
	IMAGES_FIELD,
	readSetWithImages,
	recordedLive,
	SET_FIELDS,
	timeoutField,
	type ImageParameters,
} from './releaseSet';

/** The set, what it is to run, and how long that may take. */
export interface TimedParameters extends ImageParameters {
	readonly timeoutSeconds: number;
}

/** What the steps of a release that take their time give to lib/rollout. */
export interface TimedOptions {
	readonly images: readonly TargetImage[];
	readonly record: LiveRecord | undefined;
	readonly fence: Fence | undefined;
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	log(message: string): void;
}

/** The fields of such a step: the longest wait, in seconds, and what happens when it ends. */
export function timedSetFields(seconds: number, whenItEnds: string): INodeProperties[] {
	return [...SET_FIELDS, IMAGES_FIELD, timeoutField(seconds, whenItEnds)];
}

/** @throws RunbookError PARAMETER.INVALID */
export function readTimedSet(context: ParameterReader, itemIndex: number): TimedParameters {
	return { ...readSetWithImages(context, itemIndex), timeoutSeconds: readTimeout(context, itemIndex) };
}

/** With what the release recorded before it changed anything. */
export async function timedOptions(context: OperationContext<TimedParameters>): Promise<TimedOptions> {
	const { images, timeoutSeconds } = context.parameters;
	const { clock, signal, log } = context;
	const record = await recordedLive(context);
	return { images, record, fence: fenceOf(context), timeoutMs: timeoutSeconds * 1000, clock, signal, log };
}
