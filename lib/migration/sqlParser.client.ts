import type { Node, RawStmt } from 'libpg-query';
import { fieldOf } from './sqlState';

/** The major version of PostgreSQL whose own parser reads the scripts; it understands the older ones too. */
export const PARSER_VERSION = 18;

/** One statement of a script, as PostgreSQL's parser sees it. */
export interface ParsedStatement {
	readonly node: Node;
	/** Of its first word; the first line is 1. */
	readonly line: number;
}

/** What the parser says of a script: its statements, or why it has none. */
export type ParsedScript =
	| { readonly statements: readonly ParsedStatement[]; readonly problem?: never }
	| { readonly statements?: never; readonly problem: string };

/**
 * Longest script that is parsed, in characters. Measured: a megabyte of single-row inserts takes five seconds, in which n8n does nothing else;
 * what is longer is data, and is treated as what nobody could look into.
 */
const LONGEST_SCRIPT = 1_000_000;

/** The statements of a script, by PostgreSQL's own parser (libpg_query). Never throws. */
export async function parseScript(script: string): Promise<ParsedScript> {
	if (script.length > LONGEST_SCRIPT)
		return { problem: `it is longer than ${LONGEST_SCRIPT} characters, and was not looked into` };
	// It complains about a text without a single character.
	if (script === '') return { statements: [] };
	const { parse, loadModule, scanSync } = await import('libpg-query');
	await loadModule();
	const bytes = Buffer.from(script);
	const firstWord = (sql: string): number =>
		scanSync(sql).tokens.find(({ tokenName }) => !COMMENTS.includes(tokenName))?.start ?? 0;
	const lines = new LineCounter(bytes);
	try {
		const statements = (await parse(script)).stmts ?? [];
		return { statements: statements.flatMap((raw) => describe(raw, { bytes, lines, firstWord })) };
	} catch (error) {
		const position = fieldOf(fieldOf(error, 'sqlDetails'), 'cursorPosition');
		const before = Array.from(script).slice(0, typeof position === 'number' ? position : 0);
		const line = before.filter((character) => character === '\n').length + 1;
		return { problem: `${error instanceof Error ? error.message : 'unknown error'} (line ${line})` };
	}
}

const COMMENTS = ['SQL_COMMENT', 'C_COMMENT'];

interface Source {
	readonly bytes: Buffer;
	readonly lines: LineCounter;
	/** Byte position of the first word of an SQL text. */
	firstWord(sql: string): number;
}

/** A statement's place begins right after the semicolon before it. */
function describe(
	{ stmt, stmt_location: start = 0, stmt_len: length }: RawStmt,
	{ bytes, lines, firstWord }: Source,
): ParsedStatement[] {
	if (!stmt) return [];
	const sql = bytes.subarray(start, length ? start + length : undefined).toString();
	return [{ node: stmt, line: lines.at(start + firstWord(sql)) }];
}

/** Counts lines forward only: statements come in order. */
class LineCounter {
	readonly #bytes: Buffer;
	#at = 0;
	#line = 1;

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
	}

	at(position: number): number {
		for (; this.#at < position; this.#at += 1) if (this.#bytes[this.#at] === NEW_LINE) this.#line += 1;
		return this.#line;
	}
}

const NEW_LINE = 10;
