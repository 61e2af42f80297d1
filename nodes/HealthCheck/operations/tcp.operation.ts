import { checkTcp } from '../../../lib/health/checkTcp';
import type { TcpTarget } from '../../../lib/health/model';
import { tcpTargets } from '../../../lib/health/tcpTargets';
import type { Json } from '../../../lib/release/model';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readJson } from '../../shared/readJson';
import { readNumber } from '../../shared/readNumber';
import { attemptFields, attemptsDeadlineMs, readAttempts, type AttemptParameters } from '../attemptFields';

interface Parameters extends AttemptParameters {
	readonly targets: readonly TcpTarget[];
	readonly timeoutMs: number;
}

/** Connects to every port; nothing is sent. */
export const tcp: Operation<Parameters> = {
	name: 'tcp',
	kind: 'verdict',
	description: fieldsOf('tcp', [
		{
			displayName: 'Targets',
			name: 'targets',
			type: 'json',
			default: '[]',
			required: true,
			placeholder: 'e.g. [{"name": "mail", "host": "smtp.example.com", "port": 587}]',
			description:
				'The ports that must take connections, each with name, host and port. One target that fails fails the check.',
		},
		...attemptFields,
	]),
	deadlineMs: attemptsDeadlineMs,
	readParameters: (context, itemIndex) => ({
		targets: readJson(context, {
			itemIndex,
			name: 'targets',
			schema: tcpTargets,
			remedy: 'Give a JSON list such as [{"name": "mail", "host": "smtp.example.com", "port": 587}]',
		}),
		timeoutMs: readNumber(context, { itemIndex, name: 'timeoutSeconds', minimum: 0.1, maximum: 300 }) * 1000,
		...readAttempts(context, itemIndex),
	}),
	plan: ({ targets }) => ({ key: '', inputs: targets.map((target) => ({ ...target })) }),
	run: async ({ parameters, clock, signal }) => {
		const { verdict, targets } = await checkTcp(parameters.targets, { ...parameters, clock, signal });
		return { verdict, result: { targets: targets as unknown as Json } };
	},
};
