import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { checkHttp } from '../../../lib/health/checkHttp';
import { httpTargets } from '../../../lib/health/httpTargets';
import { systemClock } from '../../../lib/support/clock';

const DAY_MS = 86_400_000;
const servers: Server[] = [];
afterAll(async () => await Promise.all(servers.map(async (server) => await new Promise((end) => server.close(end)))));

/** A server on loopback whose certificate ends so many days from now, and the certificate. */
async function startServer(days: number, name = '127.0.0.1'): Promise<{ url: string; certificateAuthority: string }> {
	const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
		keyType: 'ec',
		notBeforeDate: new Date(Date.now() - 400 * DAY_MS),
		notAfterDate: new Date(Date.now() + days * DAY_MS),
		extensions: [
			{
				name: 'subjectAltName',
				altNames: [name === '127.0.0.1' ? { type: 7, ip: name } : { type: 2, value: name }],
			},
		],
	});
	const server = createServer({ cert, key }, (_request, response) => void response.end('OK'));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	servers.push(server);
	return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/health`, certificateAuthority: cert };
}

async function check(target: object): Promise<readonly [string, string | undefined]> {
	const { verdict, targets } = await checkHttp(httpTargets.parse([{ name: 'api', ...target }]), {
		attempts: 1,
		required: 1,
		attemptIntervalMs: 0,
		timeoutMs: 10_000,
		followRedirects: false,
		headers: {},
		externalTargets: 'judge',
		clock: systemClock,
		signal: new AbortController().signal,
	});
	return [verdict, targets[0]?.reason];
}

describe('certificates', () => {
	it('one that lasts for longer than wanted is healthy, one that ends sooner is not', async () => {
		const server = await startServer(30);
		expect(await check({ ...server, certificateDays: 29 })).toEqual(['passed', 'status 200']);
		expect(await check({ ...server, certificateDays: 31 })).toEqual([
			'failed',
			'the certificate ends in 30.0 days, at least 31 are wanted',
		]);
	});

	it('one that has ended has failed, asked for or not', async () => {
		expect(await check(await startServer(-1))).toEqual(['failed', 'the TLS connection failed (CERT_HAS_EXPIRED)']);
	});

	it('one of an unknown authority, and one of another name, have failed', async () => {
		const { url } = await startServer(30);
		expect(await check({ url })).toEqual(['failed', 'the TLS connection failed (DEPTH_ZERO_SELF_SIGNED_CERT)']);
		expect(await check(await startServer(30, 'other.example.com'))).toEqual([
			'failed',
			'the TLS connection failed (ERR_TLS_CERT_ALTNAME_INVALID)',
		]);
	});

	it('days are refused where there is no TLS', () => {
		const target = { name: 'api', url: 'http://api.example.com/', certificateDays: 14 };
		expect(httpTargets.safeParse([target]).error?.issues[0]?.message).toMatch(/without https has no certificate/);
	});
});
