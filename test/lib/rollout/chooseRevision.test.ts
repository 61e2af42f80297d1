import { chooseRevision, type RevisionTarget } from '../../../lib/rollout/deployment/chooseRevision';
import type { RevisionFacts } from '../../../lib/rollout/model';
import { deployment, NEW, OLD, OTHER, REPOSITORY } from './facts';

const revision = (number: number, image: string): RevisionFacts => ({
	name: `api-green-${number}`,
	owner: 'api-green',
	revision: number,
	createdAt: '2026-11-23T20:00:00.000Z',
	replicas: 0,
	changeCause: '',
	containers: [{ name: 'app', image }],
	template: {},
});
const HISTORY = [
	revision(1, `${REPOSITORY}@${OLD}`),
	revision(2, `${REPOSITORY}@${OLD}`),
	revision(3, `${REPOSITORY}@${NEW}`),
	revision(4, `${REPOSITORY}:latest`),
];
const choose = (wanted: RevisionTarget, changes = {}) =>
	chooseRevision(deployment(changes), HISTORY, { wanted, container: 'app' });

const refusal = (act: () => unknown): unknown => {
	try {
		return act();
	} catch (error) {
		return error;
	}
};

describe('the revision to go back to', () => {
	it.each<[string, RevisionTarget, object]>([
		['by its number', { revision: 1 }, { target: HISTORY[0], isCurrent: false }],
		['by a digest: the newest one that runs it', { digest: OLD }, { target: HISTORY[1], isCurrent: false }],
		['that is current', { revision: 3 }, { target: HISTORY[2], isCurrent: true }],
		['whose digest is current', { digest: NEW }, { target: HISTORY[2], isCurrent: true }],
	])('%s', (_, wanted, expected) => {
		expect(choose(wanted)).toMatchObject(expected);
	});

	it.each<[string, RevisionTarget, string, RegExp]>([
		['was pruned', { revision: 9 }, 'ROLLOUT.REVISION_MISSING', /no revision 9\. There are: 1 \(.*\), 2/],
		['never ran here', { digest: OTHER }, 'ROLLOUT.REVISION_MISSING', /no digest sha256:c/],
		['is a tag', { revision: 4 }, 'ROLLOUT.DIGEST_UNKNOWN', /:latest/],
	])('is refused when it %s', (_, wanted, code, message) => {
		expect(refusal(() => choose(wanted))).toMatchObject({ code, message: expect.stringMatching(message) });
	});

	it('is refused while the Deployment is paused, unless it is there already', () => {
		expect(refusal(() => choose({ revision: 1 }, { paused: true }))).toMatchObject({ code: 'ROLLOUT.PAUSED' });
		expect(choose({ revision: 3 }, { paused: true }).isCurrent).toBe(true);
	});
});
