/**
 * The statements of an SQL script, each as one line of lower-case words: comments are dropped, and the insides of literals,
 * quoted names and dollar-quoted bodies are emptied, so that words found are words of the statement itself.
 */
export function splitStatements(script: string): string[] {
	const statements: string[] = [];
	let current: string[] = [];
	for (let at = 0; at < script.length;) {
		const { end, text } = nextToken(script, at);
		if (text === ';') {
			statements.push(current.join(''));
			current = [];
		} else {
			current.push(text);
		}
		at = end;
	}
	return [...statements, current.join('')]
		.map((statement) => statement.replaceAll(/\s+/g, ' ').trim().toLowerCase())
		.filter((statement) => statement !== '');
}

const DOLLAR_TAG = /\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/iy;
const PLAIN = /[\w\u0080-\uffff]+|\s+|[^]/y;
const WORD = /[\w$\u0080-\uffff]/;

interface Token {
	readonly end: number;
	readonly text: string;
}

function nextToken(script: string, at: number): Token {
	const before = script[at - 1] ?? '';
	if (script.startsWith('--', at)) return { end: endAfter(script, '\n', at), text: ' ' };
	if (script.startsWith('/*', at)) return { end: endOfComment(script, at), text: ' ' };
	if (script[at] === "'")
		return { end: endOfQuote(script, at, /e/i.test(before) && !WORD.test(script[at - 2] ?? '')), text: "''" };
	if (script[at] === '"') return { end: endOfQuote(script, at, false), text: '""' };
	const tag = WORD.test(before) ? undefined : match(DOLLAR_TAG, script, at);
	if (tag !== undefined) return { end: endAfter(script, tag, at + tag.length), text: '$$' };
	const text = match(PLAIN, script, at) ?? '';
	return { end: at + text.length, text };
}

function match(sticky: RegExp, script: string, at: number): string | undefined {
	sticky.lastIndex = at;
	return sticky.exec(script)?.[0];
}

function endAfter(script: string, mark: string, from: number): number {
	const index = script.indexOf(mark, from);
	return index === -1 ? script.length : index + mark.length;
}

/** Postgres nests block comments. */
function endOfComment(script: string, at: number): number {
	const mark = /\/\*|\*\//g;
	mark.lastIndex = at;
	for (let depth = 0; ;) {
		const found = mark.exec(script);
		if (!found) return script.length;
		depth += found[0] === '/*' ? 1 : -1;
		if (depth === 0) return mark.lastIndex;
	}
}

/** A doubled quote stands for itself; a backslash escapes in E'' only. */
function endOfQuote(script: string, at: number, backslashes: boolean): number {
	const quote = script[at];
	for (let index = at + 1; index < script.length; index += 1) {
		if (backslashes && script[index] === '\\') index += 1;
		else if (script[index] === quote && script[index + 1] === quote) index += 1;
		else if (script[index] === quote) return index + 1;
	}
	return script.length;
}
