/** A release as the ledger answers it; `r` is its row. */
export const COLUMNS = `r.id, r.environment, r.version, r.commit, r.images, r.started_by AS "startedBy", r.authors, r.state, r.token::int AS token,
	r.rehearsal, r.contracts, r.delivery_id AS "deliveryId", r.execution_id AS "executionId", r.override, r.resumes, r.started_at AS "startedAt",
	r.waiting_until AS "waitingUntil", r.watch_until AS "watchUntil", r.rolling_back_at AS "rollingBackAt",
	r.no_return AS "pointOfNoReturn", r.finished_at AS "finishedAt", r.reason,
	(SELECT e.heartbeat_at FROM deployment_runbook.environment e WHERE e.holder = r.id) AS "heartbeatAt"`;
export const FROM = 'FROM deployment_runbook.release r';
/** Has not ended, and is more than a rehearsal. */
export const LIVE = 'r.finished_at IS NULL AND NOT r.rehearsal';
