import { createServer, type AddressInfo } from 'node:net';
import { connectPostgres, createPostgresPool, type PostgresConnection } from '../../../lib/support/postgres.client';

const PASSWORD = 'canary-password-4711';

/** A server that refuses every login the way Postgres does, and notes what it was sent. */
async function refusingServer(): Promise<{
	connection: PostgresConnection;
	received: () => Buffer;
	stop: () => Promise<void>;
}> {
	const chunks: Buffer[] = [];
	const server = createServer((socket) => {
		socket.on('data', (chunk) => {
			chunks.push(chunk);
			const fields = 'SFATAL\0C28P01\0Mpassword authentication failed for user "runbook"\0\0';
			const head = Buffer.from([0x45, 0, 0, 0, 0]);
			head.writeInt32BE(4 + fields.length, 1);
			socket.end(Buffer.concat([head, Buffer.from(fields)]));
		});
		socket.on('error', () => undefined);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		connection: { host: '127.0.0.1', port, database: 'app', user: 'runbook', password: PASSWORD, ssl: 'disable' },
		received: () => Buffer.concat(chunks),
		stop: async () => await new Promise((resolve) => server.close(() => resolve())),
	};
}

describe('connectPostgres', () => {
	it('fails with the SQLSTATE of the server and without the password', async () => {
		const server = await refusingServer();
		try {
			const error: unknown = await connectPostgres(server.connection).catch((caught: unknown) => caught);
			expect(error).toMatchObject({ code: '28P01' });
			expect(String(error) + JSON.stringify(error)).not.toContain(PASSWORD);
		} finally {
			await server.stop();
		}
	});

	it('names itself to the server and passes libpq options on', async () => {
		const server = await refusingServer();
		try {
			await connectPostgres(server.connection, '-c lock_timeout=4000').catch(() => undefined);
			const startup = server.received().toString('latin1');
			expect(startup).toContain('n8n-nodes-deployment-runbook');
			expect(startup).toContain('-c lock_timeout=4000');
		} finally {
			await server.stop();
		}
	});

	it('asks for encryption before anything else when the connection wants it', async () => {
		const server = await refusingServer();
		try {
			await connectPostgres({ ...server.connection, ssl: 'verify-full' }).catch(() => undefined);
			expect(server.received().subarray(0, 8).toString('hex')).toBe('0000000804d2162f');
		} finally {
			await server.stop();
		}
	});
});

describe('createPostgresPool', () => {
	it('passes a refused login on to the query', async () => {
		const server = await refusingServer();
		const pool = createPostgresPool(server.connection, 1);
		try {
			await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: '28P01' });
		} finally {
			await pool.end();
			await server.stop();
		}
	});
});
