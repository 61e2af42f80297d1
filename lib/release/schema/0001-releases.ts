/** Deliveries, releases, environments with their lock, and steps. */
export const RELEASES = `
CREATE TABLE IF NOT EXISTS deployment_runbook.delivery (
	id          text PRIMARY KEY,
	received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE deployment_runbook.delivery IS 'Signed webhook deliveries seen, so that none starts a release twice';

CREATE TABLE IF NOT EXISTS deployment_runbook.release (
	id           text PRIMARY KEY,
	environment  text NOT NULL,
	cell         text NOT NULL DEFAULT 'main',
	version      text NOT NULL,
	commit       text NOT NULL DEFAULT '',
	images       jsonb NOT NULL DEFAULT '[]',
	started_by   text NOT NULL,
	state        text NOT NULL,
	token        bigint NOT NULL DEFAULT 0,
	rehearsal    boolean NOT NULL DEFAULT false,
	delivery_id  text NOT NULL DEFAULT '',
	execution_id text NOT NULL DEFAULT '',
	reason       text NOT NULL DEFAULT '',
	started_at   timestamptz NOT NULL DEFAULT now(),
	watch_until  timestamptz,
	finished_at  timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS release_one_live
	ON deployment_runbook.release (environment, cell) WHERE finished_at IS NULL AND NOT rehearsal;
CREATE UNIQUE INDEX IF NOT EXISTS release_one_per_delivery
	ON deployment_runbook.release (delivery_id) WHERE delivery_id <> '';
CREATE INDEX IF NOT EXISTS release_by_execution ON deployment_runbook.release (execution_id);

CREATE TABLE IF NOT EXISTS deployment_runbook.environment (
	name         text NOT NULL,
	cell         text NOT NULL DEFAULT 'main',
	token        bigint NOT NULL DEFAULT 0,
	holder       text REFERENCES deployment_runbook.release (id),
	heartbeat_at timestamptz,
	PRIMARY KEY (name, cell)
);
COMMENT ON COLUMN deployment_runbook.environment.token IS 'Fencing token: raised each time the lock is taken, never lowered';

CREATE TABLE IF NOT EXISTS deployment_runbook.step (
	release_id  text NOT NULL REFERENCES deployment_runbook.release (id),
	step_key    text NOT NULL,
	item_key    text NOT NULL DEFAULT '',
	kind        text NOT NULL,
	state       text NOT NULL,
	input_hash  text NOT NULL,
	attempts    integer NOT NULL DEFAULT 1,
	token       bigint NOT NULL,
	started_at  timestamptz NOT NULL DEFAULT now(),
	finished_at timestamptz,
	result      jsonb,
	evidence    jsonb,
	inverse     jsonb,
	error       jsonb,
	PRIMARY KEY (release_id, step_key, item_key)
);
`;
