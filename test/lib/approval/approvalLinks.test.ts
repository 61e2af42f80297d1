import { randomBytes } from 'node:crypto';
import { createApprovalLinks } from '../../../lib/approval/approvalLinks';
import { catchError, EXPIRES_AT, GATE, NOW } from './gateFixture';

const SECRET = randomBytes(32).toString('base64');
const links = createApprovalLinks(SECRET);
const CLAIMS = { approver: 'ada', gate: GATE, releaseId: 'r-1', evidenceHash: 'a'.repeat(64), expiresAt: EXPIRES_AT };
const HERE = { releaseId: 'r-1', gate: GATE };

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const payloadOf = (token: string): object =>
	JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;

it.each(['', 'short', ' '.repeat(64), 'x'.repeat(31)])('refuses the secret %j without repeating it', (secret) => {
	const refusal = catchError(() => createApprovalLinks(secret));
	expect(refusal).toMatchObject({ code: 'APPROVAL.SECRET_TOO_SHORT' });
	expect(refusal.message).not.toContain('xxx');
});

describe('a vote token', () => {
	it('says whose it is, what for, and until when', async () => {
		const { nonce, ...claims } = await links.readVote(await links.signVote(CLAIMS), NOW);
		expect(claims).toEqual(CLAIMS);
		expect(nonce).toMatch(/^[0-9a-f-]{36}$/);
	});

	it('is another one each time', async () => {
		const [one, other] = await Promise.all([links.signVote(CLAIMS), links.signVote(CLAIMS)]);
		expect((await links.readVote(one, NOW)).nonce).not.toBe((await links.readVote(other, NOW)).nonce);
	});

	it('holds no secret', async () => {
		const token = await links.signVote(CLAIMS);
		expect(JSON.stringify([token, payloadOf(token)])).not.toContain(SECRET);
	});

	it('expires, and then still tells whose it was', async () => {
		const token = await links.signVote(CLAIMS);
		await expect(links.readVote(token, EXPIRES_AT)).rejects.toMatchObject({
			code: 'APPROVAL.TOKEN_EXPIRED',
			meta: { approver: 'ada', until: EXPIRES_AT.toISOString() },
		});
		expect((await links.readVote(token, new Date(EXPIRES_AT.getTime() - 1000))).approver).toBe('ada');
	});

	it.each<[string, (token: string) => string | Promise<string>]>([
		['nothing', () => ''],
		['no token', () => 'hello'],
		['a token that was cut off', (token) => token.slice(0, -4)],
		[
			'another payload under the same signature',
			(token) => {
				const [header = '', , signature = ''] = token.split('.');
				return `${header}.${encode({ ...payloadOf(token), sub: 'mallory' })}.${signature}`;
			},
		],
		[
			'an expired payload under a forged signature',
			(token) => {
				const [header = ''] = token.split('.');
				return `${header}.${encode({ ...payloadOf(token), exp: 1 })}.${'A'.repeat(43)}`;
			},
		],
		['alg none', (token) => `${encode({ alg: 'none', typ: 'JWT' })}.${token.split('.')[1] ?? ''}.`],
		['alg none in capitals', (token) => `${encode({ alg: 'NONE' })}.${token.split('.')[1] ?? ''}.`],
		['another secret', async () => await createApprovalLinks(randomBytes(32).toString('hex')).signVote(CLAIMS)],
		['a wake token', async () => await links.signWake(HERE, NOW)],
		['a seal', async () => await links.sealUrl('http://n8n.example.com/')],
	])('refuses %s as forged, and tells no name', async (_, forge) => {
		const token = await forge(await links.signVote(CLAIMS));
		const refusal = links.readVote(token, NOW);
		await expect(refusal).rejects.toMatchObject({ code: 'APPROVAL.TOKEN_FORGED', meta: {} });
	});
});

describe('a wake token', () => {
	it('wakes its gate only, and only at once', async () => {
		const token = await links.signWake(HERE, NOW);
		expect(await links.isWake(token, HERE, NOW)).toBe(true);
		expect(await links.isWake(token, { ...HERE, gate: 'gate-2/approval' }, NOW)).toBe(false);
		expect(await links.isWake(token, { ...HERE, releaseId: 'r-2' }, NOW)).toBe(false);
		expect(await links.isWake(token, HERE, new Date(NOW.getTime() + 10 * 60_000))).toBe(false);
	});

	it('is no vote token, whatever the gate is called', async () => {
		const vote = await links.signVote({ ...CLAIMS, gate: 'wake' });
		expect(await links.isWake(vote, { releaseId: 'r-1', gate: 'wake' }, NOW)).toBe(false);
		expect(await links.isWake('', HERE, NOW)).toBe(false);
	});
});

describe('a seal', () => {
	const url = 'http://127.0.0.1:5678/webhook-waiting/12?signature=canary-token';
	it('hides where it wakes, and opens under its own secret only', async () => {
		const seal = await links.sealUrl(url);
		expect(seal).not.toContain('canary');
		expect(Buffer.from(seal.split('.')[3] ?? '', 'base64url').toString()).not.toContain('canary');
		expect(await links.openSeal(seal)).toBe(url);
		expect(await createApprovalLinks(randomBytes(32).toString('hex')).openSeal(seal)).toBeUndefined();
	});

	it('opens nothing that was changed', async () => {
		const seal = await links.sealUrl(url);
		expect(await links.openSeal(`${seal.slice(0, -3)}AAA`)).toBeUndefined();
		expect(await links.openSeal('')).toBeUndefined();
	});
});
