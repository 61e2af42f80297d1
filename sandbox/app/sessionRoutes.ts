import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { verifyPassword } from './password.ts';
import { RefusedRequest, readJson } from './route.ts';
import type { Route } from './route.ts';

export interface User {
	readonly id: number;
	readonly email: string;
	/** `case-worker`, or `reader`, who may look and change nothing. */
	readonly role: string;
}

/** Says who sent the request. @throws RefusedRequest 401 without a valid bearer token. */
export type RequireUser = (message: IncomingMessage) => Promise<User>;

/** @throws RefusedRequest 403 when the user may only look. */
export function requireWriter({ role }: User): void {
	if (role === 'reader') throw new RefusedRequest(403, 'readers may not change anything');
}

const sessionSeconds = 3_600;

/** POST /auth/login answers {token, expiresIn} for {email, password}; the token lives in Redis, as its hash. */
export function createSessionRoutes({ database, redis }: { database: Pool; redis: Redis }): {
	routes: readonly Route[];
	requireUser: RequireUser;
} {
	const login: Route = {
		method: 'POST',
		path: /^\/auth\/login$/,
		label: '/auth/login',
		async answer({ message }) {
			const { email, password } = await readJson(message);
			if (typeof email !== 'string' || typeof password !== 'string')
				throw new RefusedRequest(400, 'email and password are needed');
			const found = await database.query<User & { password_hash: string }>(
				'SELECT id, email, role, password_hash FROM users WHERE lower(email) = lower($1)',
				[email],
			);
			const user = found.rows[0];
			if (!user || !(await verifyPassword(password, user.password_hash)))
				throw new RefusedRequest(401, 'email or password is wrong');
			const token = randomBytes(24).toString('base64url');
			await redis.set(
				sessionKey(token),
				JSON.stringify({ id: user.id, email: user.email, role: user.role }),
				'EX',
				sessionSeconds,
			);
			return { status: 200, body: { token, tokenType: 'Bearer', expiresIn: sessionSeconds } };
		},
	};

	return {
		routes: [login],
		async requireUser(message) {
			const token = /^Bearer (?<token>\S+)$/.exec(message.headers.authorization ?? '')?.groups?.['token'];
			const session = token === undefined ? null : await redis.get(sessionKey(token));
			if (session === null) throw new RefusedRequest(401, 'a valid bearer token is needed');
			return JSON.parse(session) as User;
		},
	};
}

function sessionKey(token: string): string {
	return `session:${createHash('sha256').update(token).digest('hex')}`;
}
