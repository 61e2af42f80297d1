const NEWLINE = 0x0a;

/** The lines of UTF-8 text, ended by a line feed and by nothing else: node:readline also ends them at characters that a JSON text may hold. */
export async function* readLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
	let rest: Buffer = Buffer.alloc(0);
	for await (const chunk of content) {
		rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
		let start = 0;
		for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
			yield rest.toString('utf8', start, end);
			start = end + 1;
		}
		rest = rest.subarray(start);
	}
	if (rest.length > 0) yield rest.toString('utf8');
}
