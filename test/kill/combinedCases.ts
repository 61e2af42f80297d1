import type { KillCase } from './killedCase';
import type { Mode } from './sandboxProcess';

/**
 * What is killed at once in each mode; each release runs in an environment of its own. Both moments, both gates and every phase
 * occur. Two cores carry four productions without a gate of phase 4 taking the machine's slowness for the release's.
 */
export const COMBINED: Readonly<Record<Mode, readonly KillCase[]>> = {
	regular: [
		{ environment: 'production', stepKey: '3.2/switch-traffic', moment: 'after' },
		{ environment: 'north', stepKey: '1.2/create-backup', moment: 'after', retried: true },
		{ environment: 'east', stepKey: 'gate-1/approval', moment: 'waiting' },
		{ environment: 'south', stepKey: '4.2/error-rate', moment: 'before' },
	],
	queue: [
		{ environment: 'production', stepKey: '2.1/deploy-migrations', moment: 'after' },
		{ environment: 'north', stepKey: '3.1/set-image', moment: 'after', resumedLate: true },
		{ environment: 'east', stepKey: 'gate-2/approval', moment: 'waiting' },
		{ environment: 'south', stepKey: '1.2/verify-backup', moment: 'before' },
	],
};
