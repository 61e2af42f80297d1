import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const COLUMNS = 5;

/** The runbook's sections; each must have a row. */
const SECTIONS = [
	'Pre-deployment checklist',
	'1.1',
	'1.2',
	'1.3',
	'2.1',
	'2.2',
	'3.1',
	'3.2',
	'4.1',
	'4.2',
	'4.3',
	'Monitoring',
	'Alert thresholds',
	'Automatic rollback',
	'Rollback 1',
	'Rollback 2',
	'Rollback 3',
	'Emergency',
	'Escalation chain',
	'Post-deployment',
];

interface Row {
	readonly line: string;
	readonly workflow: string;
	readonly node: string;
	readonly domain: string;
	readonly test: string;
}

const rows = readFileSync(join(ROOT, 'docs', 'runbook-map.md'), 'utf8')
	.split('\n')
	.filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| Runbook'))
	.map((line): Row => {
		const cells = line
			.slice(2)
			.split('|')
			.map((cell) => cell.trim());
		const [text = '', workflow = '', node = '', domain = '', test = ''] = cells;
		expect(cells.filter((_, index) => index < COLUMNS)).toHaveLength(COLUMNS);
		return { line: text, workflow, node, domain, test };
	});
const delivered = rows.filter(({ workflow }) => workflow !== 'later');

describe('the runbook map', () => {
	test.each(SECTIONS)('has a row for %s', (section) => {
		expect(rows.filter(({ line }) => line.startsWith(section))).not.toEqual([]);
	});

	test.each(delivered.map((row) => [row.line, row] as const))(
		'names what exists: %s',
		(_line, { workflow, node, domain, test: shown }) => {
			const file = join(ROOT, 'workflows', `${workflow}.json`);
			const { nodes } = JSON.parse(readFileSync(file, 'utf8')) as { nodes: Array<{ name: string }> };
			expect(nodes.map(({ name }) => name)).toContain(node);
			expect({ domain, exists: existsSync(join(ROOT, domain)) }).toEqual({ domain, exists: true });
			expect({ shown, exists: existsSync(join(ROOT, shown)) }).toEqual({ shown, exists: true });
		},
	);

	test('knows every workflow', () => {
		const files = readdirSync(join(ROOT, 'workflows')).filter((name) => name.endsWith('.json'));
		const named = new Set(delivered.map(({ workflow }) => workflow));
		expect(files.map((name) => name.replace('.json', '')).filter((name) => !named.has(name))).toEqual([]);
	});
});
