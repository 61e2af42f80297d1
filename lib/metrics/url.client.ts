import { readText } from '../support/readText';
import { ACCEPT_TEXT_FORMAT, MAXIMUM_PAGE_BYTES, type PodScraper } from './podScraper';

/** Given to undici, which would make an error with a stack for each connection that ends. */
const ENDED = new Error('the scraping is over');

/** Scrapes a fixed list of metrics pages, each taken for one pod. A page behind a load balancer must not be given: it is another pod each time. */
export async function createUrlScraper(urls: readonly string[]): Promise<PodScraper> {
	const { Agent, request } = await import('undici');
	const agent = new Agent();
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
		close: async () => await agent.destroy(ENDED),
	};
}

/** User, password and query may be secrets. */
function publicUrl(url: string): string {
	const { origin, pathname } = new URL(url);
	return `${origin}${pathname}`;
}
