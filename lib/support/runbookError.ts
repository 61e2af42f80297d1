/** What an error code stands for. `{name}` in the texts is filled from the error's meta. */
export interface ErrorDefinition {
	/** What happened. */
	readonly message: string;
	/** Why that matters, or why it happened. */
	readonly why: string;
	/** What the operator does next. */
	readonly fix: string;
	/** True when the very same call may succeed a moment later. Absent: false. */
	readonly retryable?: boolean;
}

export type ErrorMeta = Readonly<Record<string, string | number | boolean | null>>;

/** The only error class of the package: a stable code, what happened, why, and what to do. */
export class RunbookError extends Error {
	override readonly name = 'RunbookError';
	readonly code: string;
	readonly why: string;
	readonly fix: string;
	readonly retryable: boolean;
	readonly meta: ErrorMeta;

	constructor(code: string, definition: ErrorDefinition, meta: ErrorMeta, cause?: unknown) {
		super(fill(definition.message, meta), cause === undefined ? undefined : { cause });
		this.code = code;
		this.why = fill(definition.why, meta);
		this.fix = fill(definition.fix, meta);
		this.retryable = definition.retryable ?? false;
		this.meta = meta;
	}
}

export type ErrorFactory = (meta?: ErrorMeta, cause?: unknown) => RunbookError;
export type ErrorCatalogue<Names extends string> = { readonly [Name in Names]: ErrorFactory } & {
	/** Every definition by full code, for docs/errors.md. */
	readonly definitions: Readonly<Record<string, ErrorDefinition>>;
};

/**
 * Declares the error codes of one domain: `defineErrors('BACKUP', { CHECKSUM_MISMATCH: {…} })` gives
 * `errors.CHECKSUM_MISMATCH({ id })` whose code is `BACKUP.CHECKSUM_MISMATCH`. docs/errors.md is generated from it.
 */
export function defineErrors<Names extends string>(
	domain: string,
	definitions: Readonly<Record<Names, ErrorDefinition>>,
): ErrorCatalogue<Names> {
	const entries = Object.entries<ErrorDefinition>(definitions).map(
		([name, definition]) => [name, `${domain}.${name}`, definition] as const,
	);
	const factories = entries.map(
		([name, code, definition]) =>
			[name, (meta: ErrorMeta = {}, cause?: unknown) => new RunbookError(code, definition, meta, cause)] as const,
	);
	return {
		...Object.fromEntries(factories),
		definitions: Object.fromEntries(entries.map(([, code, definition]) => [code, definition])),
	} as ErrorCatalogue<Names>;
}

function fill(text: string, meta: ErrorMeta): string {
	return text.replaceAll(/\{(\w+)\}/g, (whole, key: string) => (key in meta ? String(meta[key]) : whole));
}
