/** One entry of an archive, as it says of itself. Its content is read before the next one is asked for. */
export interface ArchiveEntry {
	readonly name: string;
	/** `file`, `directory`, or what else it is. */
	readonly type: string;
	readonly content: AsyncIterable<Uint8Array>;
}
