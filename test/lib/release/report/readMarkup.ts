/** Elements that have no end. */
const VOID = new Set(['meta', 'br', 'hr', 'img', 'input', 'link']);
const TAG = /<(\/?)([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*(\/?)>/iy;

/** What keeps a page from being well-formed: tags that do not match, and a `<` or `&` that begins neither a tag nor a reference. */
export function findMarkupProblems(page: string): string[] {
	const problems: string[] = [];
	const open: string[] = [];
	const body = page.replace(/^<!DOCTYPE html>\s*/, '').replace(/(<style>)[^]*?(<\/style>)/, '$1$2');
	for (let index = 0; index < body.length; index += 1) {
		if (body[index] === '&' && !/^&(amp|lt|gt|quot|#\d+);/.test(body.slice(index, index + 8)))
			problems.push(`bare &: ${body.slice(index, index + 30)}`);
		if (body[index] !== '<') continue;
		TAG.lastIndex = index;
		const tag = TAG.exec(body);
		if (!tag) {
			problems.push(`bare <: ${body.slice(index, index + 30)}`);
			continue;
		}
		const [whole, closing, name = '', , empty] = tag;
		if (closing) {
			const expected = open.pop();
			if (expected !== name) problems.push(`</${name}> closes <${expected ?? 'nothing'}>`);
		} else if (!empty && !VOID.has(name)) open.push(name);
		index += whole.length - 1;
	}
	return [...problems, ...open.map((name) => `<${name}> is not closed`)];
}

/** The text of markup as a reader sees it. */
export function textOfPage(page: string): string {
	return page
		.replace(/<style>[^]*?<\/style>/, '')
		.replaceAll(/<[^>]*>/g, '')
		.replaceAll('&lt;', '<')
		.replaceAll('&gt;', '>')
		.replaceAll('&quot;', '"')
		.replaceAll('&amp;', '&');
}
