import { readText } from '../support/readText';
import { ACCEPT_TEXT_FORMAT, MAXIMUM_PAGE_BYTES, type PodScraper } from './podScraper';

/** Scrapes a fixed list of metrics pages, each taken for one pod. A page behind a load balancer must not be given: it is another pod each time. */
export async function createUrlScraper(urls: readonly string[]): Promise<PodScraper> {
	const { Agent, request } = await import('undici');
	const agent = new Agent({ pipelining: 0 });
	const targets = urls.map((url) => ({ id: url, name: publicUrl(url) }));
	return {
		description: targets.map(({ name }) => name).join(', '),
		listTargets: async () => await Promise.resolve(targets),
		readPage: async (target, signal) => {
			const response = await request(target.id, {
				dispatcher: agent,
				headers: { accept: ACCEPT_TEXT_FORMAT },
				signal,
			});
			const header = response.headers['content-type'];
			return {
				status: response.statusCode,
				contentType:
					String(header ?? '')
						.split(';', 1)[0]
						?.trim()
						.toLowerCase() ?? '',
				body: await readText(response.body, MAXIMUM_PAGE_BYTES),
				refusedByCluster: false,
			};
		},
		close: async () => await agent.destroy(),
	};
}

/** User, password and query may be secrets. */
function publicUrl(url: string): string {
	const { origin, pathname } = new URL(url);
	return `${origin}${pathname}`;
}
