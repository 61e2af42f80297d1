import type { KillCase } from './killedCase';

/** Both moments and every phase occur; each release runs in an environment of its own. */
export const COMBINED: readonly KillCase[] = [
	{ environment: 'production', stepKey: '3.2/switch-traffic', moment: 'after' },
	{ environment: 'north', stepKey: '1.2/create-backup', moment: 'after' },
	{ environment: 'east', stepKey: 'gate-1/approval', moment: 'waiting' },
	{ environment: 'south', stepKey: '2.1/deploy-migrations', moment: 'after' },
	{ environment: 'west', stepKey: '3.1/set-image', moment: 'after', resumedLate: true },
	{ environment: 'center', stepKey: '4.2/error-rate', moment: 'before' },
];
