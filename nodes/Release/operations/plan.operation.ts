import { assessCalendar } from '../../../lib/release/calendar/assessCalendar';
import type { Json } from '../../../lib/release/model';
import { releaseErrors } from '../../../lib/release/errors';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { releaseJson } from '../releaseJson';
import { configurationField, readSettings, type Settings } from '../settings';

interface Parameters {
	readonly releaseId: string;
	readonly settings: Settings;
}

/**
 * What the release would do, resolved: images by digest, what the read-only checks found, whether the change calendar is open, and how
 * long each step usually takes. The end of a rehearsal.
 */
export const plan: Operation<Parameters> = {
	name: 'plan',
	kind: 'observe',
	resultKey: 'plan',
	description: fieldsOf('plan', [configurationField]),
	readParameters: (context, itemIndex) => ({
		releaseId: String(context.getNodeParameter('releaseId', itemIndex)),
		settings: readSettings(context, itemIndex),
	}),
	plan: ({ releaseId }) => ({ key: '', inputs: { releaseId } }),
	run: async ({ parameters: { releaseId, settings }, open, clock }) => {
		const ledger = await open(releaseLedger);
		const release = await ledger.readRelease(releaseId);
		if (!release) throw releaseErrors.UNKNOWN({ releaseId });
		const [steps, usual, freezes, parts] = await Promise.all([
			ledger.readSteps(releaseId),
			ledger.readUsualDurations(release.environment),
			ledger.listFreezes(release.environment),
			ledger.readPlan(releaseId),
		]);
		const calendar = assessCalendar(settings.changeCalendar, freezes, clock.now());
		return {
			result: {
				release: releaseJson(release),
				checks: steps.map(({ stepKey, state, error }): Json => ({ stepKey, state, error })),
				calendar: JSON.parse(JSON.stringify(calendar)) as Json,
				expectedSeconds: Object.fromEntries(
					[...usual].sort().map(([stepKey, ms]) => [stepKey, Math.round(ms / 100) / 10]),
				),
				parts: parts.map((part): Json => ({ ...part })),
				note: 'Nothing was changed. Steps without an expected duration have not run in this environment yet.',
			},
		};
	},
};
