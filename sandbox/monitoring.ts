import { constants } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { ApiAddress } from './kubelet/connectToApi.ts';
import { startPagerInbox } from './pagerInbox.ts';
import { serveScrapeTargets } from './serveScrapeTargets.ts';
import { startDaemon } from './startDaemon.ts';
import type { Daemon } from './startDaemon.ts';
import { startOnFreePort } from './startOnFreePort.ts';

export interface MonitoringOptions {
	readonly directory: string;
	readonly api: ApiAddress;
	/** Whose pods are scraped. */
	readonly namespaces: readonly string[];
}

/** Where monitoring is, and where its pages arrive. */
export interface MonitoringEndpoints {
	readonly prometheusUrl: string;
	readonly alertmanagerUrl: string;
	/** The receiver that alerts are routed to. */
	readonly receiver: string;
	/** GET lists the pages that Alertmanager sent. */
	readonly inboxUrl: string;
}

export interface MonitoringHandle extends MonitoringEndpoints {
	stop(): Promise<void>;
}

const receiver = 'on-call';
/** Debian's packages `prometheus` and `prometheus-alertmanager`. */
const programs = ['prometheus', 'prometheus-alertmanager'] as const;

/** Whether the programs are there: the sandbox goes without them, and says so, rather than installing them. */
export async function hasMonitoring(): Promise<boolean> {
	const folders = (process.env['PATH'] ?? '').split(delimiter);
	const found = programs.map((program) =>
		Promise.any(folders.map((folder) => access(join(folder, program), constants.X_OK))),
	);
	return (await Promise.allSettled(found)).every(({ status }) => status === 'fulfilled');
}

/** Starts a real Prometheus that scrapes the backend's ready pods, and a real Alertmanager that pages an inbox of its own. */
export async function startMonitoring({ directory, api, namespaces }: MonitoringOptions): Promise<MonitoringHandle> {
	await mkdir(directory, { recursive: true });
	const [inbox, targets] = await Promise.all([startPagerInbox(), serveScrapeTargets({ api, namespaces })]);
	const daemons: Daemon[] = [];
	const stop = async (): Promise<void> => {
		await Promise.all(daemons.map((daemon) => daemon.stop()));
		await Promise.all([targets.stop(), inbox.stop()]);
	};
	const start = async (
		[program, ready]: readonly [string, RegExp],
		config: object,
		more: readonly string[],
	): Promise<string> => {
		const file = join(directory, `${program}.json`);
		// JSON is YAML. It holds a routing key.
		await writeFile(file, JSON.stringify(config), { mode: 0o600 });
		const { daemon, port } = await startOnFreePort(
			async (free) =>
				await startDaemon({
					name: program,
					command: program,
					args: [
						`--config.file=${file}`,
						`--web.listen-address=127.0.0.1:${free}`,
						`--storage.${program === 'prometheus' ? 'tsdb.' : ''}path=${join(directory, program)}`,
						...more,
					],
					cwd: directory,
					env: { PATH: process.env['PATH'], GOMAXPROCS: '1' },
					readyPattern: ready,
					readyTimeoutMs: 30_000,
					stopSignal: 'SIGTERM',
					stopTimeoutMs: 5_000,
				}),
		);
		daemons.push(daemon);
		return `http://127.0.0.1:${port}`;
	};
	try {
		const [prometheusUrl, alertmanagerUrl] = await Promise.all([
			start(['prometheus', /ready to receive web requests/], scrapeConfig(targets.url), []),
			start(['prometheus-alertmanager', /msg="?Listening/], routeConfig(inbox), ['--cluster.listen-address=']),
		]);
		return { prometheusUrl, alertmanagerUrl, receiver, inboxUrl: inbox.inboxUrl, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

function scrapeConfig(targetsUrl: string): object {
	return {
		global: { scrape_interval: '5s', scrape_timeout: '4s' },
		scrape_configs: [{ job_name: 'backend', http_sd_configs: [{ url: targetsUrl, refresh_interval: '1s' }] }],
	};
}

function routeConfig({ enqueueUrl, routingKey }: { readonly enqueueUrl: string; readonly routingKey: string }): object {
	return {
		route: { receiver, group_by: ['...'], group_wait: '0s', group_interval: '1s', repeat_interval: '1h' },
		receivers: [
			{
				name: receiver,
				pagerduty_configs: [
					{
						url: enqueueUrl,
						routing_key: routingKey,
						severity: '{{ .CommonLabels.severity }}',
						description: '{{ .CommonLabels.alertname }}: {{ .CommonAnnotations.summary }}',
					},
				],
			},
		],
	};
}
