import { readBytes } from './readBytes';

/** A response body as UTF-8 text; undefined when it is larger than `maximumBytes`, of which no more is read. */
export async function readText(body: AsyncIterable<Uint8Array>, maximumBytes: number): Promise<string | undefined> {
	return (await readBytes(body, maximumBytes))?.toString('utf8');
}
