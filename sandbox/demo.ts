import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCard } from './stories/approve.ts';
import { readBucket, readObject } from './stories/readBucket.ts';
import { queryDatabase, readSteps } from './stories/ledgerView.ts';
import { abortOnInterrupt } from './onInterrupt.ts';
import { awaitPage, readPages } from './stories/pages.ts';
import { awaitRolledBack, countRolledBack, pressRollBack } from './stories/killedRollBack.ts';
import { printTimeline } from './stories/printTimeline.ts';
import { runRelease } from './stories/runRelease.ts';
import type { Story } from './stories/runRelease.ts';
import { servingVersions } from './stories/servingVersions.ts';
import type { World } from './stories/world.ts';
import { startSandbox } from './startSandbox.ts';

const startedAt = performance.now();
const seconds = (): number => Math.round((performance.now() - startedAt) / 100) / 10;
const say = (message: string): void => {
	process.stdout.write(`${seconds().toFixed(1).padStart(6)} s  ${message}\n`);
};

const signal = abortOnInterrupt();
const oldVersion = '2026.11.1';
const goodVersion = '2026.11.2';
const badVersion = '2026.11.6-unhealthy';
/** Where n8n is killed in the good release. */
const killedAt = '3.1/wait-for-rollout';
const outputFolder = join(import.meta.dirname, '..', 'demo-output');
const keptCards = new Set<string>();

/**
 * `npm run demo`: a good release during which n8n is killed and which is resumed, then a bad one that is rolled back automatically;
 * every claim is checked from outside.
 */
async function main(): Promise<void> {
	const interrupted = new Promise<never>((_, reject) => {
		signal.addEventListener('abort', () => reject(new Error('interrupted')));
	});
	interrupted.catch(() => undefined);
	const sandbox = await startSandbox({ signal, progress: say });
	let stories: Story[];
	try {
		const world: World = {
			endpoints: sandbox.production.endpoints,
			n8n: { url: sandbox.n8n.url },
			webhookSecret: sandbox.webhookSecret,
		};
		say(`n8n ${sandbox.n8n.url}, production ${world.endpoints.services.backend}`);
		stories = await Promise.race([interrupted, tell(world, () => sandbox.n8n.killAndRestart())]).catch(
			async (error: unknown) => {
				if (!signal.aborted) await explain(world);
				throw error;
			},
		);
	} finally {
		say('stopping');
		await sandbox.stop();
	}
	const releases = stories.map(({ release }) => ({
		release: release.id,
		version: release.version,
		state: release.state,
	}));
	process.stdout.write(`${JSON.stringify({ demo: 'passed', seconds: seconds(), releases })}\n`);
}

async function tell(world: World, killN8n: () => Promise<void>): Promise<Story[]> {
	assert.deepEqual(await servingVersions(world), { backend: [oldVersion], frontend: [oldVersion] });
	say(`the CI releases ${goodVersion}`);
	const good = await runRelease(world, {
		version: goodVersion,
		progress: say,
		onLink: keepCard,
		interruption: { atStep: killedAt, kill: killN8n },
	});
	showTimeline(good);
	await assertReleased(world, good);
	assert.equal(good.release.resumes, 1, 'the release was resumed once');
	say(`the release survived n8n's death at ${killedAt}: nothing was done twice`);
	await keepReport(world, good);
	say(`the CI releases ${badVersion}: it passes every check and turns unhealthy while it is watched`);
	const bad = await runRelease(world, { version: badVersion, progress: say, timeoutMs: 300_000 });
	showTimeline(bad);
	await assertRolledBack(world, bad);
	await rollBackAgain(world, bad);
	await keepReport(world, bad);
	return [good, bad];
}

/** Keeps the card that an approver sees, for whoever wants to look at it. */
async function keepCard(gate: 1 | 2 | 3, link: string): Promise<void> {
	const file = join(outputFolder, `approval-card-gate-${String(gate)}.html`);
	if (!keptCards.has(file)) say(`the approvers of gate ${String(gate)} see ${file}`);
	keptCards.add(file);
	await mkdir(outputFolder, { recursive: true });
	await writeFile(file, await openCard(link));
}

/** Fetches a release's report from object storage, as an auditor would. */
async function keepReport({ endpoints }: World, { release }: Story): Promise<void> {
	const key = `reports/production/${release.id}/report.html`;
	const page = await readObject(endpoints.s3, endpoints.s3.buckets.backups, key);
	assert.match(page, new RegExp(release.id), 'the report tells of the release');
	const file = join(outputFolder, `report-${release.version}.html`);
	await mkdir(outputFolder, { recursive: true });
	await writeFile(file, page);
	say(`the report of ${release.id} is ${file}`);
}

function showTimeline(story: Story): void {
	process.stdout.write(`\n${printTimeline(story)}\n\n`);
}

/** What the pager heard, for whoever has to find out why the demo failed. */
async function explain(world: World): Promise<void> {
	for (const { receivedAt, event } of await readPages(world))
		say(`page ${receivedAt} ${event.payload?.severity ?? ''}: ${event.payload?.summary ?? ''}`);
}

/** The synthetic alert of the release arrived in the inbox that Alertmanager pages; without monitoring the record says so. */
async function assertMonitored({ endpoints: { monitoring } }: World, steps: Story['steps']): Promise<void> {
	const checked = steps.find(({ step_key }) => step_key === '1.1/check-monitoring')?.result;
	assert.equal(checked?.['configured'], monitoring !== null);
	say(`monitoring: ${String(checked?.['reason'])}`);
	if (monitoring === null) return;
	const pages = await (await fetch(monitoring.inboxUrl)).text();
	assert.match(pages, /DeploymentRunbookSynthetic/, 'the synthetic alert arrived');
}

async function assertReleased(world: World, { release, steps }: Story): Promise<void> {
	assert.equal(release.state, 'succeeded', `the good release ended as ${release.state}: ${release.reason}`);
	assert.deepEqual(await servingVersions(world), { backend: [goodVersion], frontend: [goodVersion] });
	say(`fresh connections report ${goodVersion} on backend and frontend`);

	const { production } = world.endpoints.databases;
	const migrations = await queryDatabase<{ pending: string }>(
		production,
		'SELECT count(*) AS pending FROM _prisma_migrations WHERE finished_at IS NULL',
	);
	assert.equal(migrations[0]?.pending, '0');
	const columns = await queryDatabase(
		production,
		"SELECT 1 FROM information_schema.columns WHERE table_name = 'cases' AND column_name = 'priority'",
	);
	assert.equal(columns.length, 1, 'the new column is there');
	say('the migration is in the database');

	await assertMonitored(world, steps);

	const backup = steps.find(({ step_key }) => step_key === '1.2/create-backup')?.result;
	const objects = await readBucket(world.endpoints.s3, world.endpoints.s3.buckets.backups);
	const folder = String(backup?.['folder']);
	const archives = objects.filter((key) => key.startsWith(folder));
	assert.ok(archives.length > 0, `the bucket holds archives under ${folder}`);
	const manifestKey = String(backup?.['manifestKey']);
	assert.ok(objects.includes(manifestKey), `the bucket holds ${manifestKey}`);
	say(`the verified backup is in the bucket: ${manifestKey} and ${String(archives.length)} archives beside it`);

	for (const page of ['deployed', 'succeeded']) await awaitPage(world, `${release.id}/${page}`);
}

async function assertRolledBack(world: World, { release, steps }: Story): Promise<void> {
	assert.equal(release.state, 'rolled-back-verified', `the bad release ended as ${release.state}: ${release.reason}`);
	const stateOf = (stepKey: string): string | undefined => steps.find(({ step_key }) => step_key === stepKey)?.state;
	assert.equal(stateOf('4.2/response-time'), 'passed', 'phase 4 found nothing');
	assert.ok(
		['watch/health', 'watch/error-rate'].some((key) => stateOf(key) === 'failed'),
		'the watch caught it',
	);
	const acts = await queryDatabase<{ act: string; reason: string }>(
		world.endpoints.databases.operations,
		'SELECT act, reason FROM deployment_runbook.watch_act WHERE release_id = $1',
		[release.id],
	);
	assert.deepEqual(
		acts.map(({ act }) => act),
		['roll-back'],
		'the watch rolled it back, once',
	);
	say(`the watch caught it: ${acts[0]?.reason ?? ''}`);
	assert.deepEqual(await servingVersions(world), { backend: [goodVersion], frontend: [goodVersion] });
	say(`the automatic rollback brought ${goodVersion} back`);
	const paged = await awaitPage(world, `${release.id}/rolled-back`);
	assert.equal(paged.event.payload?.severity, 'critical');
	say(`the on-call engineer was paged: ${paged.event.payload.summary ?? ''}`);
}

/** A person presses the form although the rollback is done: the same version serves, and nothing was moved. */
async function rollBackAgain(world: World, { release }: Story): Promise<void> {
	const { id } = release;
	say(`somebody rolls ${id} back once more, by the form`);
	const ended = await countRolledBack(world, id);
	await pressRollBack(world, { id, environment: 'production' });
	await awaitRolledBack(world, id, ended + 1);
	const steps = await readSteps(world, id);
	const result = steps.find(({ step_key }) => step_key === 'rollback/switch-back')?.result;
	assert.equal(result?.['alreadyThere'], true, 'the second rollback finds the first one done');
	assert.deepEqual(result['scaledDown'], [], 'the second rollback changes nothing');
	assert.deepEqual(await servingVersions(world), { backend: [goodVersion], frontend: [goodVersion] });
	say(`the second rollback says "already there": ${goodVersion} serves`);
}

main().catch((error: unknown) => {
	process.stdout.write(
		`${JSON.stringify({ demo: 'failed', seconds: seconds(), reason: signal.aborted ? 'interrupted' : error instanceof Error ? error.message : String(error) })}\n`,
	);
	process.exitCode = 1;
});
