import type { Client } from 'pg';
import { notOfAnExtension, qualified } from './content.client';
import type { Extension, TableName } from './model';

export interface SequencePosition extends TableName {
	/** The last value that it handed out, as decimal text; one increment before its start when none was. */
	readonly position: string;
}

/** Positions now; sequences are outside of every snapshot. */
export async function readSequences(client: Client): Promise<SequencePosition[]> {
	const { rows } = await client.query<{ schema: string; name: string; increment: string }>(
		`SELECT n.nspname AS schema, c.relname AS name, s.seqincrement::text AS increment
		 FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		 WHERE c.relpersistence <> 't' AND ${notOfAnExtension('c.oid')}
		 ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`,
	);
	const sequences = [];
	for (const { schema, name, increment } of rows) {
		const position = await client.query<{ position: string }>(
			`SELECT (CASE WHEN is_called THEN last_value::numeric ELSE last_value::numeric - $1::numeric END)::text AS position FROM ${qualified(schema, name)}`,
			[increment],
		);
		sequences.push({ schema, name, position: position.rows[0]?.position ?? '' });
	}
	return sequences;
}

/** The extensions installed, by name. */
export async function readExtensions(client: Client): Promise<Extension[]> {
	const { rows } = await client.query<Extension>(
		'SELECT extname AS name, extversion AS version FROM pg_extension ORDER BY extname::text COLLATE "C"',
	);
	return rows;
}
