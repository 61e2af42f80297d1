import type { ScrapeRound } from './model';

/**
 * What a round says before any number is looked at. `measured`: at least one pod was read; `unread` names one that was not, or not whole: who is not
 * read is not known to be calm. `unavailable`: the cluster answered and
 * not one pod could be reached: that is failed health. `gap`: we could not ask, or what came cannot be read.
 */
export type RoundState =
	| { readonly state: 'measured'; readonly unread?: string }
	| { readonly state: 'unavailable' | 'gap'; readonly reason: string };

/** `lost`: a counter that a pod has stopped to show, in words. */
export function assessRound({ pods, listFailure }: ScrapeRound, lost?: string): RoundState {
	if (listFailure !== undefined) return { state: 'gap', reason: `the pods could not be listed: ${listFailure}` };
	if (pods.length === 0) return { state: 'gap', reason: 'no running pod matches the selector' };
	if (pods.some(({ outcome }) => outcome === 'read')) {
		const away = pods.find((pod) => pod.outcome !== 'read');
		const unread = away && 'reason' in away ? `${away.target.name}: ${away.reason}` : lost;
		return { state: 'measured', ...(unread === undefined ? {} : { unread }) };
	}
	const unreadable = pods.find((pod) => pod.outcome === 'unreadable' || pod.outcome === 'gap');
	if (unreadable && 'reason' in unreadable)
		return { state: 'gap', reason: `${unreadable.target.name}: ${unreadable.reason}` };
	const [first] = pods;
	const reason = first && 'reason' in first ? first.reason : 'unreachable';
	return { state: 'unavailable', reason: `not one of ${pods.length} pods could be scraped: ${reason}` };
}
