/** Like Promise.all, but waits for every part also when one fails: a part still starting could not be stopped. */
export async function allSettledOrThrow<T extends readonly unknown[] | []>(
	parts: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
	await Promise.allSettled(parts);
	return Promise.all(parts);
}
