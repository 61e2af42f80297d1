import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { listenOnLoopback } from './listenOnLoopback.ts';

/** One mail as one mailbox got it: a mail to two people is two of these. */
export interface ReceivedMail {
	/** The recipient that the sender named to the server, in lower case. */
	readonly to: string;
	readonly from: string;
	readonly subject: string;
	/** Empty when the mail has no such part. */
	readonly text: string;
	readonly html: string;
	readonly receivedAt: string;
}

export interface MailInboxHandle {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	readonly password: string;
	/** GET lists what came in (`?to=` for one mailbox), DELETE forgets it. */
	readonly inboxUrl: string;
	mails(): readonly ReceivedMail[];
	stop(): Promise<void>;
}

const host = '127.0.0.1';
const maximumMailBytes = 5 * 1024 * 1024;

/** Starts an SMTP server that takes mail for everybody from whoever logs in, delivers none, and shows it over HTTP. */
export async function startMailInbox(): Promise<MailInboxHandle> {
	const user = 'runbook';
	const password = randomBytes(18).toString('base64url');
	const received: ReceivedMail[] = [];
	const smtp = new SMTPServer({
		// Loopback only: there is nothing to encrypt, and the private key that the library brings is public.
		disabledCommands: ['STARTTLS'],
		authMethods: ['PLAIN', 'LOGIN'],
		allowInsecureAuth: true,
		disableReverseLookup: true,
		size: maximumMailBytes,
		logger: false,
		onAuth({ username, password: given }, _session, answer) {
			if (isEqual(username, user) && isEqual(given, password)) answer(null, { user });
			else answer(new Error('the user or the password is wrong'));
		},
		onData(stream, { envelope }, answer) {
			simpleParser(stream).then(
				({ from, subject, text, html }) => {
					const receivedAt = new Date().toISOString();
					for (const { address } of envelope.rcptTo) {
						received.push({
							to: address.toLowerCase(),
							from: from?.text ?? '',
							subject: subject ?? '',
							text: text ?? '',
							html: html || '',
							receivedAt,
						});
					}
					answer(null);
				},
				(error: unknown) => answer(error instanceof Error ? error : new Error(String(error))),
			);
		},
	});
	smtp.on('error', () => {});
	const inbox = createServer((request, response) => {
		const url = new URL(request.url ?? '/', 'http://mail');
		if (url.pathname !== '/mails' || (request.method !== 'GET' && request.method !== 'DELETE')) {
			response.writeHead(404).end();
			return;
		}
		if (request.method === 'DELETE') received.length = 0;
		const wanted = url.searchParams.get('to')?.toLowerCase();
		const found = received.filter(({ to }) => wanted === undefined || to === wanted);
		response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(found));
	});
	const mail = await listenOnLoopback(smtp.server);
	const page = await listenOnLoopback(inbox);
	return {
		host,
		port: mail.port,
		user,
		password,
		inboxUrl: `http://${host}:${page.port}/mails`,
		mails: () => [...received],
		async stop() {
			await Promise.all([mail.close(), page.close()]);
		},
	};
}

function isEqual(given: string | null | undefined, wanted: string): boolean {
	const [left, right] = [Buffer.from(given ?? ''), Buffer.from(wanted)];
	return left.length === right.length && timingSafeEqual(left, right);
}
