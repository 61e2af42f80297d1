import { z } from 'zod';

const NAME = 'write a name of 1 to 80 characters, e.g. "every case has an owner"';
const SQL = 'write one SELECT, e.g. "SELECT id FROM cases WHERE owner IS NULL"';
const EXPECT = 'write "empty", "between" or "unchanged"';
const MOST = 100;

const shape = z
	.object({
		name: z.string({ message: NAME }).trim().min(1, NAME).max(80, NAME),
		sql: z.string({ message: SQL }).trim().min(1, SQL),
		expect: z.enum(['empty', 'between', 'unchanged'], { message: EXPECT }),
		min: z.number().optional(),
		max: z.number().optional(),
	})
	.strict()
	.superRefine(({ expect, min, max }, context) => {
		const message = whyNotBounds({ expect, min, max });
		if (message !== undefined) context.addIssue({ code: 'custom', path: ['min'], message });
	});

/** The operators' assertions, each under a name of its own. An issue names the field and says what to write. */
export const assertionsSchema = z
	.array(shape, { message: 'write a list of assertions, [] for none' })
	.max(MOST, `write at most ${MOST} assertions`)
	.superRefine((assertions, context) => {
		const names = assertions.map(({ name }) => name);
		for (const [index, name] of names.entries()) {
			if (names.indexOf(name) === index) continue;
			const message = `write another name: "${name}" is taken by an earlier assertion`;
			context.addIssue({ code: 'custom', path: [index, 'name'], message });
		}
	});

function whyNotBounds({
	expect,
	min,
	max,
}: {
	expect: string;
	min: number | undefined;
	max: number | undefined;
}): string | undefined {
	const bounded = min !== undefined || max !== undefined;
	if (expect === 'between' && !bounded) return 'write min, max or both: without a bound any number would pass';
	if (expect !== 'between' && bounded) return `leave min and max out: "${expect}" has no bounds`;
	return min !== undefined && max !== undefined && min > max ? 'write a min that is not above max' : undefined;
}
