import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number) => Promise<Buffer>;

/** Hashes a password: `scrypt$<salt>$<key>`, both base64url. */
export async function hashPassword(password: string): Promise<string> {
	const salt = randomBytes(16);
	return `scrypt$${salt.toString('base64url')}$${(await derive(password, salt, 32)).toString('base64url')}`;
}

/** Says whether the password is the hashed one; false for a hash of another form. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
	const [scheme, salt, key] = hash.split('$');
	if (scheme !== 'scrypt' || !salt || !key) return false;
	const expected = Buffer.from(key, 'base64url');
	return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url'), expected.length), expected);
}
