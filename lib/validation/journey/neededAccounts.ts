import { namesIn } from './fillValues';
import type { JourneyStep } from './model';

/** Whose credentials the steps ask for. */
export function neededAccounts(steps: readonly JourneyStep[]): { readonly user: boolean; readonly otherUser: boolean } {
	const asked = steps.flatMap(({ path, headers, body, expect }) =>
		namesIn([path, ...Object.values(headers), body ?? null, expect.json]),
	);
	return {
		user: asked.includes('user') || asked.includes('password'),
		otherUser: asked.includes('otherUser') || asked.includes('otherPassword'),
	};
}
