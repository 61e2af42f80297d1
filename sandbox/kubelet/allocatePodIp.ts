const capacity = 2 ** 17 - 2;

/** Makes a function that hands out addresses of 198.18.0.0/15 (reserved for benchmarks, so never somebody's) in turn, skipping those in use. */
export function createPodIpAllocator(): (inUse: ReadonlySet<string>) => string {
	let last = 0;
	return (inUse) => {
		for (let tries = 0; tries < capacity; tries++) {
			last = (last % capacity) + 1;
			const address = `198.${18 + (last >> 16)}.${(last >> 8) & 255}.${last & 255}`;
			if (!inUse.has(address)) return address;
		}
		throw new Error('all addresses of 198.18.0.0/15 are in use');
	};
}
