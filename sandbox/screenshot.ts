import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launch } from 'puppeteer-core';
import type { Browser, Page } from 'puppeteer-core';
import type { N8n } from './n8n/startN8n.ts';
import { abortOnInterrupt } from './onInterrupt.ts';
import { startSandbox } from './startSandbox.ts';
import { awaitLinks, openCard } from './stories/approve.ts';
import { beginRelease } from './stories/beginRelease.ts';
import { readGate } from './stories/ledgerView.ts';
import { readObject } from './stories/readBucket.ts';
import { runRelease } from './stories/runRelease.ts';
import { waitUntil } from './stories/world.ts';
import type { World } from './stories/world.ts';

const images = join(import.meta.dirname, '..', 'docs', 'images');
const photographed = ['deploy-production', 'phase-3-rollout', 'roll-back-production'];
const desktop = { width: 1920, height: 900, deviceScaleFactor: 1.5 };
const phone = { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** What n8n's canvas shows on a node that it does not know, or that lacks a parameter or a credential. */
const complaints = '[data-test-id="node-issues"], [data-test-id="node-not-installed"]';

const say = (message: string): void => {
	process.stdout.write(`${message}\n`);
};

/** `npm run screenshot`: the images of docs/images, from the sandbox's own n8n. Fails when the editor complains about a node. */
async function main(): Promise<void> {
	const signal = abortOnInterrupt();
	const interrupted = new Promise<never>((_, reject) => {
		signal.addEventListener('abort', () => reject(new Error('interrupted')));
	});
	interrupted.catch(() => undefined);
	const sandbox = await startSandbox({ signal, progress: say });
	try {
		const { endpoints } = sandbox.production;
		const world: World = { endpoints, n8n: { url: sandbox.n8n.url }, webhookSecret: sandbox.webhookSecret };
		const browser = await openBrowser(join(endpoints.directory, 'chromium'));
		try {
			await Promise.race([interrupted, photograph(world, { browser, n8n: sandbox.n8n })]);
		} finally {
			await browser.close();
		}
	} finally {
		await sandbox.stop();
	}
}

async function photograph(world: World, { browser, n8n }: { browser: Browser; n8n: N8n }): Promise<void> {
	await mkdir(images, { recursive: true });
	const editor = await logIn(browser, n8n);
	for (const { id } of await n8n.client.get<Array<{ id: string }>>('/rest/workflows')) {
		await openCanvas(editor, `${n8n.url}/workflow/${id}`);
		await assertNoComplaint(editor, id);
		if (photographed.includes(id)) await save(editor, id);
	}
	const { release } = await runRelease(world, { version: '2026.11.2', progress: say });
	await openCanvas(editor, await findExecution(n8n));
	await save(editor, 'execution');
	await photographReport(world, browser, release.id);
	await photographApproval(world, browser);
}

/** Chromium with a profile of its own that goes with the sandbox, spoken to over a pipe, which reaches nothing but loopback. */
async function openBrowser(directory: string): Promise<Browser> {
	return await launch({
		executablePath: '/usr/bin/chromium',
		userDataDir: join(directory, 'profile'),
		env: { ...process.env, HOME: directory },
		pipe: true,
		// Interrupts are ours: the sandbox has to stop, too.
		handleSIGINT: false,
		handleSIGTERM: false,
		handleSIGHUP: false,
		args: [
			...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
			'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
			'--disable-background-networking',
			'--force-color-profile=srgb',
			'--hide-scrollbars',
		],
	});
}

/** A page that is logged in as the owner: n8n binds the cookie to a browser id, which the editor keeps in localStorage. */
async function logIn(browser: Browser, { client }: N8n): Promise<Page> {
	const { cookie, browserId } = client.session;
	const [name = '', ...value] = cookie.split('=');
	await browser.setCookie({ name, value: value.join('='), domain: '127.0.0.1', path: '/' });
	const page = await browser.newPage();
	await page.setViewport(desktop);
	await page.evaluateOnNewDocument(`localStorage.setItem('n8n-browserId', ${JSON.stringify(browserId)})`);
	return page;
}

/** Opens a workflow or an execution, closes what n8n lays over it, and zooms until all of it is seen. */
async function openCanvas(page: Page, url: string): Promise<void> {
	await page.goto(url, { waitUntil: 'domcontentloaded' });
	await page.waitForSelector('[data-test-id="canvas-node"]', { timeout: 60_000 });
	await page.waitForNetworkIdle({ idleTime: 800 });
	await page.evaluate(`document.querySelector('[data-test-id="suggested-actions-close"]')?.click()`);
	await page.evaluate('document.activeElement?.blur()');
	await page.evaluate(`document.querySelector('[data-test-id="zoom-to-fit"]')?.click()`);
	await page.mouse.move(desktop.width / 2, 8);
	await settle();
}

async function assertNoComplaint(page: Page, id: string): Promise<void> {
	const names = (await page.evaluate(
		`[...document.querySelectorAll('${complaints}')].map((e) => e.closest('[data-node-name]')?.dataset.nodeName)`,
	)) as string[];
	if (names.length > 0) throw new Error(`the editor complains about ${names.join(', ')} of ${id}`);
	say(`${id}: no node has an issue`);
}

async function findExecution({ url, client }: N8n): Promise<string> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId: 'deploy-production', status: ['success'] }));
	const { results } = await client.get<{ results: Array<{ id: string }> }>(`/rest/executions?filter=${filter}`);
	const id = results[0]?.id;
	if (id === undefined) throw new Error('the release left no finished execution');
	return `${url}/workflow/deploy-production/executions/${id}`;
}

/** Begins a release, opens the card of gate 1 as an approver would, on a phone, and approves with a tap. */
async function photographApproval(world: World, browser: Browser): Promise<void> {
	const release = await beginRelease(world, { version: '2026.11.7' });
	const links = await awaitLinks(world, { releaseId: release.id, gate: 1 }, 120_000);
	const link = links.get('on-call@yourdomain.com') ?? '';
	await openCard(link);
	const page = await browser.newPage();
	await page.setViewport(phone);
	await page.goto(link, { waitUntil: 'networkidle2' });
	await settle();
	await save(page, 'approval-card');
	await page.tap('button[value="approve"]');
	await page.waitForFunction(`document.body.innerText.includes('recorded')`, { timeout: 15_000 });
	await waitUntil(
		'the vote that was tapped counts',
		async () => ((await readGate(world, release.id, 'gate-1/approval'))?.state === 'approved' ? true : undefined),
		30_000,
	);
	say('a tap on Approve in a real browser passed gate 1');
}

/** The report of a release, as it opens without a network. */
async function photographReport({ endpoints }: World, browser: Browser, releaseId: string): Promise<void> {
	const key = `reports/production/${releaseId}/report.html`;
	const page = await browser.newPage();
	await page.setViewport({ width: 1100, height: 1300, deviceScaleFactor: 1.5 });
	await page.setContent(await readObject(endpoints.s3, endpoints.s3.buckets.backups, key));
	await save(page, 'report');
}

async function save(page: Page, name: string): Promise<void> {
	await page.screenshot({ path: join(images, `${name}.png`) });
	say(`docs/images/${name}.png`);
}

/** Lets n8n's animations end. */
async function settle(): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, 1500));
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
