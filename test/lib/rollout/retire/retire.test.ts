import { describe, expect, it } from '@jest/globals';
import { SCALED_DOWN_ANNOTATION } from '../../../../lib/rollout/fence';
import { assessRetirement, type RetirementFacts } from '../../../../lib/rollout/retire/assessRetirement';
import { replicasBeforeScaleDown, type ScaleDownNote } from '../../../../lib/rollout/retire/scaleDownNote';
import { deployment, NEW, OLD, OTHER, RECORD } from '../facts';

describe('assessRetirement', () => {
	const facts: RetirementFacts = {
		live: { colour: 'green', digest: NEW },
		target: NEW,
		ready: 2,
		required: 2,
		previous: { replicas: 2, frozen: false },
		autoscaler: undefined,
	};
	const autoscaler = { name: 'api', deployment: 'api-blue', least: 1, most: 5 };
	const rows: Array<[string, Partial<RetirementFacts>, string]> = [
		["the release's version serves with all endpoints", {}, 'scale-down'],
		['an autoscaler with a minimum leaves 0 replicas alone', { autoscaler }, 'scale-down'],
		['an autoscaler that may choose 0 would start it again', { autoscaler: { ...autoscaler, least: 0 } }, 'keep'],
		['it was scaled down before', { previous: { replicas: 0, frozen: false } }, 'already'],
		['the recorded colour serves again', { live: { colour: 'blue', digest: OLD } }, 'keep'],
		['another version serves', { live: { colour: 'green', digest: OTHER } }, 'keep'],
		['what serves cannot be told', { live: { colour: 'green', digest: undefined } }, 'keep'],
		['an endpoint is missing', { ready: 1 }, 'keep'],
		['nothing serves', { ready: 0, required: 0 }, 'keep'],
		['the writers are frozen', { previous: { replicas: 0, frozen: true } }, 'keep'],
	];
	it.each(rows)('%s', (_promise, changes, action) =>
		expect(assessRetirement(RECORD, { ...facts, ...changes }).action).toBe(action),
	);
});

describe('the replicas that a rollback gives a version that was scaled down', () => {
	const note: ScaleDownNote = {
		release: 'r-7',
		digest: OLD,
		replicas: 4,
		autoscaler: null,
		at: '2026-11-23T07:00:00.000Z',
	};
	const noted = (value: unknown, wanted = 0) =>
		deployment({ wanted, annotations: { [SCALED_DOWN_ANNOTATION]: JSON.stringify(value) } });

	it.each([
		['those that it had', noted(note), 4],
		["no fewer than its autoscaler's minimum", noted({ ...note, autoscaler: { name: 'api', least: 6 } }), 6],
		['none of another version', noted({ ...note, digest: NEW }), 0],
		['none once it was scaled up again', noted(note, 2), 0],
		['none by a note that cannot be read', noted({ ...note, replicas: -1 }), 0],
		[
			'none by a note that is no JSON',
			deployment({ wanted: 0, annotations: { [SCALED_DOWN_ANNOTATION]: '{' } }),
			0,
		],
		['none without a note', deployment({ wanted: 0 }), 0],
	])('%s', (_, facts, replicas) => expect(replicasBeforeScaleDown(facts, OLD)).toBe(replicas));
});
