import type { Json } from '../model';

export type JsonObject = Readonly<Record<string, Json | undefined>>;

/** The value as an object; an empty one for anything else. What a record holds is never taken for granted. */
export function objectOf(value: Json | undefined): JsonObject {
	return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The objects of a list; none for anything else. */
export function objectsOf(value: Json | undefined): JsonObject[] {
	return Array.isArray(value) ? (value as readonly Json[]).map(objectOf) : [];
}

export function textOf(value: Json | undefined): string {
	return typeof value === 'string' ? value : '';
}

export function numberOf(value: Json | undefined): number | undefined {
	return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
