import { STICKY } from '../describeWorkflow.mjs';

const SECRET_SHAPES = [
	/-----BEGIN [A-Z ]*PRIVATE KEY-----/,
	/\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
	/\bgh[pousr]_[A-Za-z0-9]{20,}/,
	/\bxox[abprs]-[A-Za-z0-9-]{10,}/,
	/\beyJ[\w-]{10,}\.[\w-]{10,}/,
	/\b(sk|rk)[-_](live|test)[-_]\w{10,}/,
	/\bwhsec_[A-Za-z0-9+/=]{16,}/,
	/\b(bearer|basic)\s+[\w.~+/=-]{12,}/i,
	/[a-z][a-z0-9+.-]*:\/\/[^\s:/@{]*:[^\s@{]+@/i,
];
const SECRET_KEYS =
	/^(password|passphrase|secret|client_?secret|token|api_?key|routing_?key|private_?key|authorization)$/i;
const HOST = /\b[a-z][a-z0-9+.-]*:\/\/(?!\{\{)[^\s/"'<>]+|\blocalhost\b|\b\d{1,3}(\.\d{1,3}){3}\b/i;
/** Texts that people read; nothing connects to what they name. */
const PROSE_KEYS = new Set(['placeholder', 'notes', 'formDescription', 'content']);
/** What decides rather than picks: ?: && || ?? ! and comparisons. `?.` and `=>` do not. */
const DECIDES = /\?(?![.])|&&|\|\||[=!]==?|!|<|(?<!=)>/;

/** Rules about the values inside parameters. `mayNameHosts`: true in the configuration workflow's Set node. */
export function* checkValues({ nodes, json }, { isConfiguration }) {
	for (const { node } of nodes) {
		const mayNameHosts = node.type === STICKY || (isConfiguration && node.type === 'n8n-nodes-base.set');
		for (const { path, key, value } of strings(node.parameters ?? {})) {
			const at = (rule, message) => ({ node: node.name, rule, message: `${path} ${message}` });
			if (looksSecret(key, value)) yield at('secret', 'looks like a secret; secrets belong in credentials');
			if (!mayNameHosts && !PROSE_KEYS.has(key) && HOST.test(value))
				yield at('host', 'names a fixed host; hosts belong in the configuration workflow');
			if (decides(value)) yield at('expression', 'decides; an expression picks a field, logic lives in nodes');
		}
	}
	for (const { path, value } of strings(json.settings ?? {})) {
		if (looksSecret('', value))
			yield { node: '(settings)', rule: 'secret', message: `${path} looks like a secret` };
	}
}

function looksSecret(key, value) {
	if (SECRET_SHAPES.some((shape) => shape.test(value))) return true;
	return SECRET_KEYS.test(key) && value !== '' && !value.startsWith('=');
}

function decides(value) {
	if (!value.startsWith('=')) return false;
	return [...value.matchAll(/\{\{([\s\S]*?)\}\}/g)].some(([, code]) => DECIDES.test(withoutLiterals(code)));
}

/** The code without the contents of its strings and regular text, so that a ">" inside quotes is no comparison. */
function withoutLiterals(code) {
	return code.replaceAll(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`/g, "''");
}

function* strings(value, path = '', key = '') {
	if (typeof value === 'string') yield { path, key, value };
	else if (Array.isArray(value))
		for (const [index, entry] of value.entries()) yield* strings(entry, `${path}[${index}]`, key);
	else if (value !== null && typeof value === 'object') {
		for (const [name, entry] of Object.entries(value))
			yield* strings(entry, path === '' ? name : `${path}.${name}`, name);
	}
}
