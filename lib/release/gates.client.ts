import { releaseErrors } from './errors';
import type { GateRecord, GateStore, VoteRecord } from './gate';
import { HOLDS, lockEnvironment, type LedgerSession } from './ledgerSession.client';

const GATE = `g.release_id AS "releaseId", g.gate, g.state, g.quorum, g.approvers, g.evidence, g.evidence_hash AS "evidenceHash",
	g.opened_at AS "openedAt", g.expires_at AS "expiresAt", g.decided_at AS "decidedAt", g.reason,
	g.execution_id AS "executionId", g.wake_seal AS "wakeSeal"`;

/** Gates and votes in Postgres. */
export function createGateStore(session: LedgerSession): GateStore {
	const read = async (releaseId: string, gate: string): Promise<GateRecord | undefined> => {
		const sql = `SELECT ${GATE} FROM deployment_runbook.gate g WHERE g.release_id = $1 AND g.gate = $2`;
		return (await session.query<GateRecord>(sql, [releaseId, gate]))[0];
	};

	return {
		openGate: async (
			release,
			{ gate, quorum, approvers, evidence, evidenceHash, expiresInMs, executionId, wakeSeal },
		) =>
			await session.transaction(async (client) => {
				await lockEnvironment(client, release.id);
				const opened = await client.query<GateRecord>(
					`INSERT INTO deployment_runbook.gate AS g (release_id, gate, quorum, approvers, evidence, evidence_hash, expires_at, execution_id, wake_seal)
					 SELECT $1, $3, $4, $5::jsonb, $6::jsonb, $7, now() + $8 * interval '1 millisecond', $9, $10 WHERE ${HOLDS}
					 ON CONFLICT (release_id, gate) DO UPDATE SET execution_id = excluded.execution_id, wake_seal = excluded.wake_seal, looked_at = NULL,
						evidence = excluded.evidence, evidence_hash = excluded.evidence_hash, quorum = excluded.quorum, approvers = excluded.approvers,
						state      = CASE WHEN ${STANDS} THEN g.state ELSE 'open' END,
						opened_at  = CASE WHEN ${STANDS} THEN g.opened_at ELSE now() END,
						expires_at = CASE WHEN ${STANDS} THEN g.expires_at ELSE excluded.expires_at END,
						decided_at = CASE WHEN ${STANDS} THEN g.decided_at END,
						reason     = CASE WHEN ${STANDS} THEN g.reason ELSE '' END
					 RETURNING ${GATE}`,
					[
						release.id,
						release.token,
						gate,
						quorum,
						JSON.stringify(approvers),
						JSON.stringify(evidence),
						evidenceHash,
						expiresInMs,
						executionId,
						wakeSeal,
					],
				);
				const record = opened.rows[0];
				if (!record) throw releaseErrors.FENCED_OUT({ releaseId: release.id, token: release.token });
				if (record.state === 'open')
					await client.query(
						"UPDATE deployment_runbook.release SET state = 'waiting', waiting_until = $2 WHERE id = $1 AND finished_at IS NULL",
						[release.id, record.expiresAt],
					);
				return record;
			}),
		readGate: read,
		castVote: async ({ releaseId, gate, approver, nonce, decision, comment, strength, evidenceHash }) => {
			const rows = await session.query<{ recorded: boolean }>(
				`WITH voted AS (
					INSERT INTO deployment_runbook.vote (release_id, gate, approver, nonce, decision, comment, strength, evidence_hash)
					VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING nonce
				), refused AS (
					INSERT INTO deployment_runbook.refusal (release_id, environment, gate, person, code, message)
					SELECT r.id, r.environment, $2, $3, 'APPROVAL.REPLAYED', 'This link has voted before'
					FROM deployment_runbook.release r WHERE r.id = $1 AND NOT EXISTS (SELECT 1 FROM voted)
				)
				SELECT EXISTS (SELECT 1 FROM voted) AS recorded`,
				[releaseId, gate, approver, nonce, decision, comment, strength, evidenceHash],
			);
			return rows[0]?.recorded ? 'recorded' : 'replayed';
		},
		refuseVote: async ({ releaseId, gate, approver, code, message }) => {
			await session.query(
				`INSERT INTO deployment_runbook.refusal (release_id, environment, gate, person, code, message)
				 SELECT $1, coalesce((SELECT environment FROM deployment_runbook.release WHERE id = $1), ''), $2, $3, $4, $5`,
				[releaseId, gate, approver, code, message],
			);
		},
		readVotes: async (releaseId, gate) =>
			await session.query<VoteRecord>(
				`SELECT release_id AS "releaseId", gate, approver, nonce, decision, comment, strength, evidence_hash AS "evidenceHash",
					voted_at AS "votedAt"
				 FROM deployment_runbook.vote WHERE release_id = $1 AND gate = $2 ORDER BY voted_at, nonce`,
				[releaseId, gate],
			),
		decideGate: async (release, gate, { state, reason }) =>
			await session.transaction(async (client) => {
				await lockEnvironment(client, release.id);
				const decided = await client.query<GateRecord>(
					`UPDATE deployment_runbook.gate g SET
						state      = CASE WHEN g.decided_at IS NULL AND g.state <> 'void' THEN $4 ELSE g.state END,
						reason     = CASE WHEN g.decided_at IS NULL AND g.state <> 'void' THEN $5 ELSE g.reason END,
						decided_at = coalesce(g.decided_at, now())
					 WHERE g.release_id = $1 AND g.gate = $3 AND ${HOLDS} RETURNING ${GATE}`,
					[release.id, release.token, gate, state, reason],
				);
				const record = decided.rows[0];
				if (!record) throw releaseErrors.FENCED_OUT({ releaseId: release.id, token: release.token });
				await client.query(
					"UPDATE deployment_runbook.release SET state = 'running', waiting_until = NULL WHERE id = $1 AND state = 'waiting'",
					[release.id],
				);
				await client.query(
					'UPDATE deployment_runbook.environment SET heartbeat_at = now() WHERE holder = $1 AND token = $2',
					[release.id, release.token],
				);
				return record;
			}),
		lookAtGate: async (release, gate) => {
			await session.whileHeld(
				release,
				`UPDATE deployment_runbook.gate g SET looked_at = clock_timestamp() WHERE g.release_id = $1 AND g.gate = $3 AND ${HOLDS} RETURNING g.gate`,
				[gate],
			);
		},
		voidGate: async (releaseId, gate, reason) => {
			const rows = await session.query(
				`UPDATE deployment_runbook.gate SET state = 'void', reason = $3
				 WHERE release_id = $1 AND gate = $2 AND state = 'open' AND decided_at IS NULL RETURNING gate`,
				[releaseId, gate, reason],
			);
			return rows.length === 1;
		},
		listUnanswered: async (environment, forMs) =>
			await session.query<GateRecord>(
				`SELECT ${GATE} FROM deployment_runbook.gate g
				 JOIN deployment_runbook.release r ON r.id = g.release_id
				 WHERE r.environment = $1 AND r.state = 'waiting' AND g.decided_at IS NULL AND (
					g.state = 'void'
					OR EXISTS (SELECT 1 FROM deployment_runbook.vote v WHERE v.release_id = g.release_id AND v.gate = g.gate
						AND v.evidence_hash = g.evidence_hash AND v.voted_at >= coalesce(g.looked_at, g.opened_at)
						AND v.voted_at < now() - $2 * interval '1 millisecond'))
				 ORDER BY g.opened_at`,
				[environment, forMs],
			),
	};
}

/** An open or approved gate for the same evidence keeps its state and its votes. */
const STANDS =
	"g.evidence_hash = excluded.evidence_hash AND (g.state = 'approved' OR (g.state = 'open' AND g.expires_at > now()))";
