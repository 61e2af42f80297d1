import { request } from 'node:http';
import type { World } from './world.ts';

/** The versions that backend and frontend report to `count` clients, each on a connection of its own. */
export async function servingVersions(
	{ endpoints }: World,
	count = 10,
): Promise<{ backend: string[]; frontend: string[] }> {
	const probe = async (url: string): Promise<string[]> => {
		const versions = await Promise.all(Array.from({ length: count }, async () => await readVersion(url)));
		return [...new Set(versions)].sort();
	};
	return {
		backend: await probe(`${endpoints.services.backend}/health`),
		frontend: await probe(`${endpoints.services.frontend}/api/health`),
	};
}

async function readVersion(url: string): Promise<string> {
	return await new Promise((resolve) => {
		const asked = request(url, { agent: false, timeout: 5000 }, (response) => {
			response.resume();
			const header = response.headers['x-app-version'];
			resolve(
				response.statusCode === 200 && typeof header === 'string'
					? header
					: `status ${String(response.statusCode)}`,
			);
		});
		asked.on('timeout', () => asked.destroy(new Error('timeout')));
		asked.on('error', (error) => resolve(`error ${error.message}`));
		asked.end();
	});
}
