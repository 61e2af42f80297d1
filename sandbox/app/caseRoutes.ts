import type { Pool } from 'pg';
import { RefusedRequest, readJson } from './route.ts';
import type { Route } from './route.ts';
import { requireWriter } from './sessionRoutes.ts';
import type { RequireUser } from './sessionRoutes.ts';

interface CaseOptions {
	readonly database: Pool;
	readonly requireUser: RequireUser;
	readonly version: string;
}

const priorities = ['low', 'normal', 'urgent'];

/** GET and POST /cases, PATCH and DELETE /cases/:id. Versions from 2026.11.2 on know the column `priority`; older ones never mention it. */
export function createCaseRoutes({ database, requireUser, version }: CaseOptions): readonly Route[] {
	const columns = [
		'id',
		'title',
		'status',
		'assignee',
		'created_at',
		...(knowsPriority(version) ? ['priority'] : []),
	];
	const selected = columns.join(', ');

	const list: Route = {
		method: 'GET',
		path: /^\/cases$/,
		label: '/cases',
		async answer({ url }) {
			const limit = Math.min(Number(url.searchParams.get('limit') ?? 20) || 20, 100);
			const found = await database.query(
				`SELECT ${selected} FROM cases ORDER BY created_at DESC, id DESC LIMIT $1`,
				[limit],
			);
			return { status: 200, body: { cases: found.rows } };
		},
	};

	const create: Route = {
		method: 'POST',
		path: /^\/cases$/,
		label: '/cases',
		async answer({ message }) {
			requireWriter(await requireUser(message));
			const { title, description = '', priority } = await readJson(message);
			if (typeof title !== 'string' || title.trim() === '' || typeof description !== 'string')
				throw new RefusedRequest(400, 'a title is needed');
			if (priority !== undefined && !knowsPriority(version))
				throw new RefusedRequest(400, 'priority is not known to this version');
			if (priority !== undefined && !priorities.some((known) => known === priority))
				throw new RefusedRequest(400, `priority must be one of ${priorities.join(', ')}`);
			const extra =
				priority === undefined
					? { column: '', place: '', values: [] }
					: { column: ', priority', place: ', $3', values: [priority] };
			const created = await database.query(
				`INSERT INTO cases (title, description${extra.column}) VALUES ($1, $2${extra.place}) RETURNING ${selected}`,
				[title, description, ...extra.values],
			);
			return { status: 201, body: created.rows[0] };
		},
	};

	const assign: Route = {
		method: 'PATCH',
		path: /^\/cases\/(?<id>\d{1,18})$/,
		label: '/cases/:id',
		async answer({ message, parameters }) {
			const user = await requireUser(message);
			requireWriter(user);
			const { assignee } = await readJson(message);
			if (typeof assignee !== 'string' || assignee === '') throw new RefusedRequest(400, 'an assignee is needed');
			const updated = await database.query(
				`WITH changed AS (UPDATE cases SET assignee = $2, status = 'in_progress' WHERE id = $1 RETURNING *),
				noted AS (INSERT INTO case_events (case_id, kind, payload) SELECT id, 'assigned', $3::jsonb FROM changed)
				SELECT ${selected} FROM changed`,
				[parameters['id'], assignee, JSON.stringify({ assignee, by: user.email })],
			);
			if (updated.rowCount === 0) throw new RefusedRequest(404, 'there is no such case');
			return { status: 200, body: updated.rows[0] };
		},
	};

	const remove: Route = {
		method: 'DELETE',
		path: /^\/cases\/(?<id>\d{1,18})$/,
		label: '/cases/:id',
		async answer({ message, parameters }) {
			requireWriter(await requireUser(message));
			const removed = await database.query('DELETE FROM cases WHERE id = $1', [parameters['id']]);
			if (removed.rowCount === 0) throw new RefusedRequest(404, 'there is no such case');
			return { status: 200, body: {} };
		},
	};

	return [list, create, assign, remove];
}

/** Compares the numbers before the first dash with 2026.11.2. */
function knowsPriority(version: string): boolean {
	const [year = 0, month = 0, patch = 0] = (version.split('-')[0] ?? '').split('.').map(Number);
	return year * 10_000 + month * 100 + patch >= 2026 * 10_000 + 11 * 100 + 2;
}
