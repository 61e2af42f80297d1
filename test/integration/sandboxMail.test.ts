import { createRequire } from 'node:module';
import path from 'node:path';
import { sandboxEndpoints, type SandboxEndpoints } from '../support/sandboxEndpoints';

/** The part used here of the library with which n8n's own Send Email node sends; the package itself does not have it. */
interface Nodemailer {
	createTransport(options: {
		host: string;
		port: number;
		secure: boolean;
		ignoreTLS: boolean;
		auth?: { user: string; pass: string };
	}): {
		sendMail(mail: { from: string; to: string[]; subject: string; text?: string; html?: string }): Promise<unknown>;
		close(): void;
	};
}

interface ReceivedMail {
	readonly to: string;
	readonly receivedAt: string;
}

interface MailEndpoint {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	readonly password: string;
	readonly inboxUrl: string;
}

const { mail } = sandboxEndpoints() as SandboxEndpoints & { readonly mail: MailEndpoint };
const mailbox = (name: string): string => `${name}-${process.pid}@example.com`;

function connect(auth?: { user: string; pass: string }): ReturnType<Nodemailer['createTransport']> {
	const runtime = process.env.RUNBOOK_RUNTIME;
	if (runtime === undefined)
		throw new Error('RUNBOOK_RUNTIME is not set: run the integration tests through npm test');
	const { createTransport } = createRequire(path.join(runtime, 'node_modules', 'n8n-nodes-base', 'package.json'))(
		'nodemailer',
	) as Nodemailer;
	const { host, port } = mail;
	return createTransport({ host, port, secure: false, ignoreTLS: true, ...(auth ? { auth } : {}) });
}

async function readMails(to: string): Promise<ReceivedMail[]> {
	return (await (await fetch(`${mail.inboxUrl}?to=${encodeURIComponent(to)}`)).json()) as ReceivedMail[];
}

describe('the mail inbox', () => {
	test('keeps a mail for each of its recipients, as they would read it', async () => {
		const [anna, ben, carl] = [mailbox('anna'), mailbox('ben'), mailbox('carl')];
		const transport = connect({ user: mail.user, pass: mail.password });
		await transport.sendMail({
			from: 'Deployments <runbook@example.com>',
			to: [anna, ben.toUpperCase()],
			subject: 'Gate 1 – Freigabe für Österreich',
			text: `https://example.com/vote?token=${'a'.repeat(120)}`,
			html: '<p>Grüße</p>',
		});
		transport.close();
		for (const to of [anna, ben]) {
			expect(await readMails(to)).toEqual([
				{
					to,
					from: '"Deployments" <runbook@example.com>',
					subject: 'Gate 1 – Freigabe für Österreich',
					text: `https://example.com/vote?token=${'a'.repeat(120)}`,
					html: '<p>Grüße</p>',
					receivedAt: expect.any(String) as string,
				},
			]);
		}
		expect(await readMails(carl)).toEqual([]);
	});

	test.each([
		['without a login', undefined, 'EENVELOPE'],
		['with another password', { user: mail.user, pass: 'another' }, 'EAUTH'],
		['with another user', { user: 'another', pass: mail.password }, 'EAUTH'],
	])('takes nothing %s', async (_name, auth, code) => {
		const to = mailbox('dora');
		const transport = connect(auth);
		const sending = transport.sendMail({ from: 'x@example.com', to: [to], subject: 'x', text: 'x' });
		await expect(sending).rejects.toMatchObject({ code });
		transport.close();
		expect(await readMails(to)).toEqual([]);
	});
});
