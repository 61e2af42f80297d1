import { Client } from 'pg';
import { applyMigrations } from './applyMigrations.ts';
import { hashPassword } from './password.ts';

export interface SeedOptions {
	/** URL of an empty database, as the owner of it. */
	readonly databaseUrl: string;
	readonly testUser: { readonly email: string; readonly password: string };
	/** A user who may only look; absent: there is none. */
	readonly reader?: { readonly email: string; readonly password: string };
	/** How many cases; a third of them get an event, some with bytes. */
	readonly cases?: number;
	/** How many large objects, of 64 KiB each. */
	readonly largeObjects?: number;
	/** How many of the migrations are already applied. */
	readonly migrations?: number;
}

/** Fills the database as version 2026.11.1 left it: schema, migration history, users, cases and their events. */
export async function seed({
	databaseUrl,
	testUser,
	reader,
	cases = 3_000,
	largeObjects = 2,
	migrations = 2,
}: SeedOptions): Promise<void> {
	const client = new Client({ connectionString: databaseUrl });
	await client.connect();
	try {
		await applyMigrations(client, migrations);
		await client.query(`INSERT INTO users (email, display_name, password_hash) VALUES ($1, 'Test user', $2)`, [
			testUser.email,
			await hashPassword(testUser.password),
		]);
		if (reader)
			await client.query(
				`INSERT INTO users (email, display_name, password_hash, role) VALUES ($1, 'Reader', $2, 'reader')`,
				[reader.email, await hashPassword(reader.password)],
			);
		await client.query(
			`INSERT INTO cases (title, description, status, assignee, details, created_at)
			SELECT 'Case ' || n, repeat('What happened, in words; ', n % 40),
				(ARRAY['open', 'in_progress', 'closed'])[1 + n % 3]::case_status,
				CASE WHEN n % 4 = 0 THEN NULL ELSE 'worker' || n % 17 || '@example.com' END,
				jsonb_build_object('channel', (ARRAY['mail', 'phone', 'web'])[1 + n % 3], 'score', n % 100, 'tags', jsonb_build_array('t' || n % 7, 'ä;ö')),
				timestamptz '2026-01-01' + n * interval '97 minutes'
			FROM generate_series(1, $1::int) AS n`,
			[cases],
		);
		await client.query(
			`INSERT INTO case_events (case_id, kind, payload, attachment)
			SELECT id, 'note', jsonb_build_object('text', 'called back', 'case', id), CASE WHEN id % 9 = 0 THEN sha256(convert_to(title, 'UTF8')) END
			FROM cases WHERE id % 3 = 0`,
		);
		await client.query(
			`SELECT lo_from_bytea(0, decode(repeat(md5(n::text), 2048), 'hex')) FROM generate_series(1, $1::int) AS n`,
			[largeObjects],
		);
		await client.query('ANALYZE');
	} finally {
		await client.end();
	}
}
