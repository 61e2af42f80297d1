/** The order in which S3 lists: by the bytes of UTF-8. JavaScript's own compares UTF-16, which differs beyond U+D7FF. */
export function compareKeys(a: string, b: string): number {
	return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
