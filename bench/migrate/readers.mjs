import pg from 'pg';

const PER_SECOND = 200;
const SESSIONS = 8;
const IDLE_SECONDS = 10;
const REPORT_SECONDS = 10;
const ROWS = 50_000;

/** What readers of a table notice of its migration while a report holds the table: p99 of their times against that of an idle hour. */
export async function readers({ connection, deploy }) {
	const pool = new pg.Pool({ ...connection, max: SESSIONS });
	// A session that the stopping server ends before it has said goodbye; one that is lost earlier fails its next query.
	pool.on('error', () => undefined);
	try {
		await pool.query('CREATE TABLE notes (id int PRIMARY KEY, body text)');
		await pool.query(`INSERT INTO notes SELECT g, repeat('x', 100) FROM generate_series(1, ${ROWS}) g`);
		await pool.query('ANALYZE notes');
		await load(pool, async () => await sleep(2_000));
		const idle = await load(pool, async () => await sleep(IDLE_SECONDS * 1_000));
		const busy = await load(pool, async () => {
			const report = new pg.Client(connection);
			await report.connect();
			const reported = report.query(`SELECT count(*), pg_sleep(${REPORT_SECONDS}) FROM notes`);
			await sleep(500);
			await deploy();
			await reported;
			await report.end();
			await sleep(1_000);
		});
		return { idleMs: p99(idle), busyMs: p99(busy), worstMs: Math.max(...busy), queries: busy.length };
	} finally {
		await pool.end();
	}
}

/** Times, in milliseconds from when each query was due, of 200 queries a second for as long as `meanwhile` lasts. */
async function load(pool, meanwhile) {
	const times = [];
	const startedAt = performance.now();
	let isOver = false;
	const sending = (async () => {
		const sent = [];
		for (let count = 0; !isOver; count++) {
			const due = startedAt + (count * 1_000) / PER_SECOND;
			await sleep(Math.max(0, due - performance.now()));
			const askedAt = performance.now();
			const query = pool.query('SELECT body FROM notes WHERE id = $1', [1 + ((count * 7919) % ROWS)]);
			sent.push(query.then(() => times.push(performance.now() - askedAt)));
		}
		await Promise.all(sent);
	})();
	await meanwhile();
	isOver = true;
	await sending;
	return times;
}

function p99(times) {
	return [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)];
}

async function sleep(ms) {
	await new Promise((resolve) => setTimeout(resolve, ms));
}
