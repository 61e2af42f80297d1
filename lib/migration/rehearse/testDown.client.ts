import { escapeIdentifier, type Client } from 'pg';
import { scriptTransaction } from '../scriptTransaction';
import { parseScript } from '../sqlParser.client';
import { problemOf } from '../sqlState';
import { dropsData } from './dropsData';
import type { DownTest } from './model';
import { readSchemaLines } from './readSchemaLines.client';

/** As many differences as anybody reads. */
const MOST = 10;

/**
 * Runs a down.sql on the scratch database right after its migration, looks whether the schema is what it was before, and undoes that again: the next
 * migration finds what it is to find. Only a script that is one transaction can be tried so.
 */
export async function testDown(
	client: Client,
	{ down, before, schema }: { readonly down: string; readonly before: ReadonlySet<string>; readonly schema: string },
): Promise<DownTest> {
	const script = await parseScript(down);
	const losesData = dropsData(script);
	if (script.problem !== undefined) return { state: 'failed', differences: [script.problem], dropsData: losesData };
	if (scriptTransaction(script) !== 'one')
		return { state: 'not-tested', differences: ['it commits in between'], dropsData: losesData };
	await client.query('BEGIN');
	try {
		await client.query(`SET LOCAL search_path = ${escapeIdentifier(schema)}`);
		await client.query(down);
		const after = await readSchemaLines(client);
		const differences = [
			...[...before].filter((line) => !after.has(line)).map((line) => `missing: ${firstLine(line)}`),
			...[...after].filter((line) => !before.has(line)).map((line) => `left: ${firstLine(line)}`),
		];
		return {
			state: differences.length === 0 ? 'undoes' : 'differs',
			differences: differences.slice(0, MOST),
			dropsData: losesData,
		};
	} catch (error) {
		return { state: 'failed', differences: [problemOf(error)], dropsData: losesData };
	} finally {
		await client.query('ROLLBACK');
	}
}

function firstLine(line: string): string {
	return line.split('\n')[0] ?? '';
}
