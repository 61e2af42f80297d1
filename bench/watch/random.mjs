/** Numbers from a seed (mulberry32): the same series in every run. */
export function createRandom(seed) {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	return {
		/** True once in so many times. */
		oneIn: (times) => next() < 1 / times,
		/** A whole number from `from` to `to`, both among them. */
		whole: (from, to) => from + Math.floor(next() * (to - from + 1)),
		/** From `from` up to `to`. */
		between: (from, to) => from + next() * (to - from),
		pick: (values) => values[Math.floor(next() * values.length)],
	};
}
