type Labels = Readonly<Record<string, string>>;

const LABEL_NAME = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"/y;
const SEPARATOR = /[ \t]*,[ \t]*/y;
const CLOSING = /[ \t]*\}/y;

/** Reads `{name="value",…}` of which `start` is the opening brace; `end` is the place behind the closing one. */
export function readLabels(text: string, start: number): { labels: Labels; end: number } | { problem: string } {
	const labels = new Map<string, string>();
	let position = start + 1;
	for (;;) {
		const closing = matchAt(CLOSING, text, position);
		if (closing) return { labels: Object.fromEntries(labels), end: position + closing[0].length };
		const name = matchAt(LABEL_NAME, text, position);
		if (!name?.[1]) return { problem: 'a label is not name="value"' };
		if (labels.has(name[1])) return { problem: `the label ${name[1]} is given twice` };
		const value = readQuoted(text, position + name[0].length);
		if ('problem' in value) return value;
		labels.set(name[1], value.text);
		position = value.end;
		const separator = matchAt(SEPARATOR, text, position);
		if (separator) position += separator[0].length;
		else if (!matchAt(CLOSING, text, position))
			return { problem: 'after a label there is neither a comma nor the closing brace' };
	}
}

/** Reads a quoted text whose opening quote is before `start`. `\\`, `\"` and `\n` are its only escapes. */
export function readQuoted(text: string, start: number): { text: string; end: number } | { problem: string } {
	let result = '';
	for (let position = start; position < text.length; position++) {
		const character = text.charAt(position);
		if (character === '"') return { text: result, end: position + 1 };
		if (character !== '\\') {
			result += character;
			continue;
		}
		const escaped = ESCAPES[text.charAt(++position)];
		if (escaped === undefined) return { problem: 'a label value has an unknown escape' };
		result += escaped;
	}
	return { problem: 'a label value has no closing quote' };
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', '"': '"', n: '\n' };

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
	pattern.lastIndex = position;
	return pattern.exec(text);
}
