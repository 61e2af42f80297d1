/**
 * A release under watch, as it truly was: at each look bad, fine or not measured, and when. From that come the truth, told by this
 * file alone, and the looks that the watch gets to see: counts, two clocks, restarts of n8n and of the host, noise.
 */

const INTERVAL_MS = 15_000;
/** More than two intervals, and a tenth for late timers: the rule of the design, not of the code. */
const GAP_MS = 2.1 * INTERVAL_MS;
const MINIMUM_LOOKS = 4;
const START_MS = Date.UTC(2026, 10, 23, 14);
/** Before the first look, also by a clock that was set back. */
const LONG_AGO_MS = -7_200_000;

/** What is watched: how long a breach must hold, and what a look of it counts. */
export const SIGNALS = {
	health: {
		heldForMs: 120_000,
		bad: (random) => counted(4, random.whole(1, 4)),
		fine: () => counted(4, 0),
	},
	'error-rate': {
		heldForMs: 60_000,
		bad: (random) => {
			const total = random.whole(20, 5000);
			return random.oneIn(20) ? UNAVAILABLE : counted(total, random.whole(Math.floor(total / 10) + 1, total));
		},
		fine: (random) => {
			const total = random.whole(20, 5000);
			return counted(total, random.whole(0, Math.floor(total / 10)));
		},
	},
};

const counted = (total, bad) => ({ state: 'measured', total, bad, problem: bad > 0 ? 'status 503' : '' });
const UNAVAILABLE = { state: 'unavailable', total: 0, bad: 0, problem: 'not one of 3 pods could be scraped' };
const GAPS = [
	{ state: 'gap', total: 0, bad: 0, problem: 'our host has no route to the network' },
	{ state: 'measured', total: 0, bad: 0, problem: '' },
];

/** One series: what was true at each look, and when the switch was. */
export function createSeries(random) {
	const signal = random.pick(Object.keys(SIGNALS));
	const { heldForMs } = SIGNALS[signal];
	const looks = [];
	let atMs = random.whole(0, INTERVAL_MS);
	const stretches = random.whole(2, 6);
	for (let stretch = 0; stretch < stretches; stretch++) {
		const what = random.pick(['fine', 'bad', 'bad', 'flapping', 'away']);
		for (let count = lengthOf(what, random, heldForMs); count > 0; count--) {
			const truth = what === 'flapping' ? random.pick(['fine', 'bad']) : what === 'away' ? 'gap' : what;
			// A look that was missed, or that said nothing, may stand anywhere.
			if (!random.oneIn(25)) looks.push({ atMs, truth: random.oneIn(25) ? 'gap' : truth });
			atMs += random.oneIn(40) ? random.whole(1, 3 * INTERVAL_MS) : INTERVAL_MS + random.whole(-400, 400);
		}
	}
	const switchedMs = random.oneIn(3) ? random.whole(0, Math.floor(atMs / 2)) : LONG_AGO_MS;
	return { signal, looks, switchedAtMs: START_MS + switchedMs };
}

/** Around the edge as often as not: a look less than the duration, exactly that, a look more. */
function lengthOf(what, random, heldForMs) {
	const edge = heldForMs / INTERVAL_MS;
	if (what === 'bad') return random.oneIn(2) ? random.whole(edge - 1, edge + 3) : random.whole(1, 3 * edge);
	return what === 'away' ? random.whole(1, 6) : random.whole(1, 12);
}

/**
 * The truth after each look: whether a rollback is due. Every measured look was bad for as long as the rule says, without a gap, in enough
 * looks, and the trouble began behind the switch. `dueAtMs`: when the duration was over.
 */
export function tellTruth({ signal, looks, switchedAtMs }) {
	const { heldForMs } = SIGNALS[signal];
	return looks.map((latest, index) => {
		const seen = looks.slice(0, index + 1);
		const sinceFine = seen.slice(seen.findLastIndex(({ truth }) => truth === 'fine') + 1);
		const bad = sinceFine.filter(({ truth }) => truth === 'bad');
		const began = bad[0];
		const breaks = bad.findLastIndex((look, place) => place > 0 && look.atMs - bad[place - 1].atMs > GAP_MS);
		const unbroken = bad.slice(Math.max(0, breaks));
		const last = unbroken.at(-1);
		const due =
			last !== undefined &&
			latest.atMs - last.atMs <= GAP_MS &&
			last.atMs - unbroken[0].atMs >= heldForMs &&
			unbroken.length >= MINIMUM_LOOKS &&
			START_MS + began.atMs >= switchedAtMs;
		return { due, dueAtMs: due ? unbroken[0].atMs + heldForMs : undefined };
	});
}

/** The looks as the ledger holds them: the monotonic clock is true within a boot, the ledger's wall clock may be set back meanwhile. */
export function renderLooks({ signal, looks, switchedAtMs }, random) {
	const kind = SIGNALS[signal];
	const setBackAt = random.oneIn(10) ? random.whole(0, looks.length) : Infinity;
	const bootAt = random.oneIn(10) ? random.whole(0, looks.length) : Infinity;
	// A host that starts anew has only the ledger's clock to tell how long it was away, and nobody else can tell what came first, trouble or switch.
	const told = bootAt !== Infinity || switchedAtMs >= START_MS;
	const setBackMs = told ? 0 : random.whole(1, 3_600_000);
	return looks.map(({ atMs, truth }, index) => ({
		recordedAtMs: START_MS + atMs - (index >= setBackAt ? setBackMs : 0),
		monotonicMs: index >= bootAt ? atMs + 1000 : atMs + 7_000_000,
		bootId: index >= bootAt ? 'boot-2' : 'boot-1',
		signals: { [signal]: truth === 'gap' ? random.pick(GAPS) : kind[truth](random) },
	}));
}
