import type { World } from '../../sandbox/stories/world';

/** The sandbox with n8n, as the test run's set-up gives it. */
export function world(): World {
	const text = process.env.SANDBOX_ENDPOINTS;
	if (text === undefined) throw new Error('SANDBOX_ENDPOINTS is not set: run the end-to-end tests through npm test');
	const { n8n, webhookSecret, ...endpoints } = JSON.parse(text) as World['endpoints'] &
		Pick<World, 'n8n' | 'webhookSecret'>;
	return { endpoints, n8n, webhookSecret };
}
