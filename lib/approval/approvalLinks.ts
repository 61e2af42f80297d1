import { hkdfSync, randomUUID } from 'node:crypto';
import { approvalErrors } from './errors';
import type { VoteClaims } from './model';

/** Below this a secret is a word, and a word can be guessed offline from one link. */
export const LEAST_SECRET_LENGTH = 32;
/** A wake-up is sent at once; its token is good for nothing later. */
const WAKE_SECONDS = 120;
const WAKE = 'wake';

/** Signs and reads what approval links carry. */
export interface ApprovalLinks {
	/** A token for one approver and one gate. Its id is new each time, so each token votes once. */
	signVote(claims: Omit<VoteClaims, 'nonce'>): Promise<string>;
	/** @throws RunbookError APPROVAL.TOKEN_FORGED, and TOKEN_EXPIRED with the approver in its meta */
	readVote(token: string, now: Date): Promise<VoteClaims>;
	/** A token that wakes the execution that waits at a gate and decides nothing. */
	signWake(gate: GateName, now: Date): Promise<string>;
	/** True for a wake token of this gate. */
	isWake(token: string, gate: GateName, now: Date): Promise<boolean>;
	/** Encrypts where to wake an execution. */
	sealUrl(url: string): Promise<string>;
	/** Undefined when it was sealed with another secret or changed. */
	openSeal(seal: string): Promise<string | undefined>;
}

export interface GateName {
	readonly releaseId: string;
	readonly gate: string;
}

/**
 * Tokens as JWTs under one secret; each use has a key of its own, so none is taken for another.
 * @throws RunbookError APPROVAL.SECRET_TOO_SHORT
 */
export function createApprovalLinks(secret: string): ApprovalLinks {
	if (secret.trim().length < LEAST_SECRET_LENGTH)
		throw approvalErrors.SECRET_TOO_SHORT({ minimum: LEAST_SECRET_LENGTH });
	const [voteKey, wakeKey, sealKey] = ['vote', 'wake', 'seal'].map((use) => deriveKey(secret, use));
	if (!voteKey || !wakeKey || !sealKey) throw approvalErrors.UNEXPECTED();

	return {
		signVote: async ({ approver, gate, releaseId, evidenceHash, expiresAt }) => {
			const { SignJWT } = await import('jose');
			return await new SignJWT({ rel: releaseId, evh: evidenceHash })
				.setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
				.setSubject(approver)
				.setAudience(gate)
				.setJti(randomUUID())
				.setExpirationTime(Math.ceil(expiresAt.getTime() / 1000))
				.sign(voteKey);
		},
		readVote: async (token, now) => await readVote(token, voteKey, now),
		signWake: async ({ releaseId, gate }, now) => {
			const { SignJWT } = await import('jose');
			return await new SignJWT({ rel: releaseId, gate })
				.setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
				.setAudience(WAKE)
				.setExpirationTime(Math.floor(now.getTime() / 1000) + WAKE_SECONDS)
				.sign(wakeKey);
		},
		isWake: async (token, { releaseId, gate }, now) => {
			const { jwtVerify } = await import('jose');
			const rules = { algorithms: ['HS256'], audience: WAKE, currentDate: now, requiredClaims: ['exp'] };
			const read = await jwtVerify(token, wakeKey, rules).catch(() => undefined);
			return read?.payload.rel === releaseId && read.payload.gate === gate;
		},
		sealUrl: async (url) => {
			const { EncryptJWT } = await import('jose');
			return await new EncryptJWT({ url }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(sealKey);
		},
		openSeal: async (seal) => {
			const { jwtDecrypt } = await import('jose');
			const rules = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
			const read = await jwtDecrypt(seal, sealKey, rules).catch(() => undefined);
			return typeof read?.payload.url === 'string' ? read.payload.url : undefined;
		},
	};
}

async function readVote(token: string, key: Uint8Array, now: Date): Promise<VoteClaims> {
	const { jwtVerify } = await import('jose');
	const requiredClaims = ['sub', 'aud', 'jti', 'exp', 'rel', 'evh'];
	try {
		const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], currentDate: now, requiredClaims });
		const { sub, aud, jti, exp, rel, evh } = payload;
		const texts = [sub, aud, jti, rel, evh].filter((claim): claim is string => typeof claim === 'string');
		const [approver = '', gate = '', nonce = '', releaseId = '', evidenceHash = ''] = texts;
		if (texts.length !== 5 || exp === undefined) throw approvalErrors.TOKEN_FORGED();
		return { approver, gate, nonce, releaseId, evidenceHash, expiresAt: new Date(exp * 1000) };
	} catch (error) {
		throw explain(error);
	}
}

/** jose checks the signature before the time, so what an expired token says is true. */
function explain(error: unknown): unknown {
	const { code, payload } = error as { code?: unknown; payload?: { sub?: unknown; exp?: unknown } };
	if (code !== 'ERR_JWT_EXPIRED') return approvalErrors.TOKEN_FORGED({}, error);
	const until = typeof payload?.exp === 'number' ? new Date(payload.exp * 1000).toISOString() : 'an earlier time';
	return approvalErrors.TOKEN_EXPIRED({ until, approver: typeof payload?.sub === 'string' ? payload.sub : '' });
}

function deriveKey(secret: string, use: string): Uint8Array {
	return new Uint8Array(hkdfSync('sha256', secret.trim(), '', `deployment-runbook/approval/${use}`, 32));
}
