const SUFFIXES: Readonly<Record<string, number>> = {
	n: 1e-9,
	u: 1e-6,
	m: 1e-3,
	'': 1,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	T: 1e12,
	P: 1e15,
	E: 1e18,
	Ki: 2 ** 10,
	Mi: 2 ** 20,
	Gi: 2 ** 30,
	Ti: 2 ** 40,
	Pi: 2 ** 50,
	Ei: 2 ** 60,
};
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([A-Za-z]{0,2}))$/;

/** A Kubernetes quantity such as `250m`, `128Mi` or `1e3`, as a number; undefined for what is none. */
export function parseQuantity(text: string): number | undefined {
	const [, digits, exponent = '', suffix = ''] = QUANTITY.exec(text) ?? [];
	const factor = SUFFIXES[suffix];
	return digits === undefined || factor === undefined ? undefined : Number(`${digits}${exponent}`) * factor;
}
