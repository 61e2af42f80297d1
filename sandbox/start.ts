import { abortOnInterrupt } from './onInterrupt.ts';
import { startSandbox } from './startSandbox.ts';

/** `npm start`: the sandbox of the demo, left running for people to click through, until Ctrl-C. */
async function main(): Promise<void> {
	const signal = abortOnInterrupt();
	const say = (message: string): void => {
		process.stdout.write(`${message}\n`);
	};
	const sandbox = await startSandbox({ signal, progress: say });
	try {
		const { n8n, webhookSecret } = sandbox;
		const { services, pager, mail, monitoring } = sandbox.production.endpoints;
		say(`
Editor         ${n8n.url}   (login ${n8n.owner.email}, password ${n8n.owner.password})
Release form   ${n8n.url}/form/deploy-production   (intent begin, environment production, version 2026.11.2)
Rollback form  ${n8n.url}/form/roll-back-production
CI webhook     ${n8n.url}/webhook/deploy/production   (Standard Webhooks, secret ${webhookSecret})
Production     ${services.backend} and ${services.frontend}
Mail inbox     ${mail.inboxUrl}   (approval links arrive here)
Pager inbox    ${pager.inboxUrl}
Monitoring     ${monitoring ? `${monitoring.prometheusUrl} and ${monitoring.alertmanagerUrl}, which pages ${monitoring.inboxUrl}` : 'none: prometheus and prometheus-alertmanager are not installed'}

Versions: 2026.11.2 and 2026.11.7 are good; 2026.11.3-crash, 2026.11.4-errors, 2026.11.5-slow and 2026.11.6-unhealthy are not.
Ctrl-C stops everything and deletes it.`);
		if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
	} finally {
		await sandbox.stop();
	}
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
