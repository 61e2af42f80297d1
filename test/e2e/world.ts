import type { World } from '../../sandbox/stories/world.ts';

/** The sandbox from outside, and what its n8n said and gave while it was set up. */
export interface TestWorld extends World {
	/** What approval links are signed with. */
	readonly approvalSecret: string;
	readonly n8n: World['n8n'] & {
		readonly owner: { readonly email: string; readonly password: string };
		/** What n8n's CLI said while importing. */
		readonly importOutput: string;
		/** A file with an array of every workflow as n8n's CLI exports it. */
		readonly exportedFile: string;
	};
}

/** The sandbox with n8n, as the test run's set-up gives it. */
export function world(): TestWorld {
	const text = process.env.SANDBOX_ENDPOINTS;
	if (text === undefined) throw new Error('SANDBOX_ENDPOINTS is not set: run the end-to-end tests through npm test');
	const { n8n, webhookSecret, approvalSecret, ...endpoints } = JSON.parse(text) as TestWorld['endpoints'] &
		Pick<TestWorld, 'n8n' | 'webhookSecret' | 'approvalSecret'>;
	return { endpoints, n8n, webhookSecret, approvalSecret };
}
