import path from 'node:path';

interface Exactness {
	readonly figures: Readonly<Record<'due' | 'falseRollbacks' | 'missedRollbacks' | 'lateRollbacks', number>>;
}

/** The benchmark counts 100,000 series; these few tell that it still judges, with what a release is judged by today. */
it('of the noisy series of the benchmark, each that is due is rolled back, and no other', async () => {
	const file: string = path.resolve(__dirname, '..', '..', 'bench', 'watch', 'exactness.mjs');
	const module = (await import(file)) as {
		exactness(options: { readonly count: number }): Exactness;
	};
	const { figures } = module.exactness({ count: 2000 });
	expect(figures.due).toBeGreaterThan(500);
	expect(figures).toMatchObject({ falseRollbacks: 0, missedRollbacks: 0, lateRollbacks: 0 });
});
