/** What a release remembers besides its steps: plan, phases, samples, freezes, refusals; and how it goes on after a run died. */
export const MEMORY = `
ALTER TABLE deployment_runbook.environment
	ADD COLUMN schema_floor text NOT NULL DEFAULT '';
COMMENT ON COLUMN deployment_runbook.environment.schema_floor IS 'Oldest version that can run on the schema; empty while any can';

ALTER TABLE deployment_runbook.release
	ADD COLUMN authors         jsonb NOT NULL DEFAULT '[]',
	ADD COLUMN override        jsonb,
	ADD COLUMN resumes         integer NOT NULL DEFAULT 0,
	ADD COLUMN former_executions text[] NOT NULL DEFAULT '{}',
	ADD COLUMN waiting_until   timestamptz,
	ADD COLUMN rolling_back_at timestamptz,
	ADD COLUMN no_return       jsonb;
COMMENT ON COLUMN deployment_runbook.release.override IS 'Who started it although the change calendar was closed, and why';
COMMENT ON COLUMN deployment_runbook.release.no_return IS 'From which step on going back loses data, since when, and what';
CREATE INDEX release_by_environment ON deployment_runbook.release (environment, started_at);

CREATE TABLE deployment_runbook.plan_part (
	release_id text NOT NULL REFERENCES deployment_runbook.release (id),
	part       text NOT NULL,
	hash       text NOT NULL,
	PRIMARY KEY (release_id, part)
);
COMMENT ON TABLE deployment_runbook.plan_part IS 'What the release said it would do: hashes of its workflows, configuration and package';

CREATE TABLE deployment_runbook.phase (
	release_id  text NOT NULL REFERENCES deployment_runbook.release (id),
	phase       text NOT NULL,
	started_at  timestamptz NOT NULL DEFAULT now(),
	finished_at timestamptz,
	warned_at   timestamptz,
	PRIMARY KEY (release_id, phase)
);

CREATE TABLE deployment_runbook.sample (
	release_id   text NOT NULL REFERENCES deployment_runbook.release (id),
	step_key     text NOT NULL,
	metric       text NOT NULL,
	target       text NOT NULL,
	value        double precision,
	problem      text NOT NULL DEFAULT '',
	taken_at     timestamptz NOT NULL,
	recorded_at  timestamptz NOT NULL DEFAULT now(),
	monotonic_ms double precision NOT NULL,
	boot_id      text NOT NULL
);
CREATE INDEX sample_by_release ON deployment_runbook.sample (release_id, metric, taken_at);
COMMENT ON COLUMN deployment_runbook.sample.recorded_at IS 'The ledger''s own time; taken_at is the measuring host''s';

CREATE TABLE deployment_runbook.freeze (
	id          text PRIMARY KEY,
	environment text NOT NULL,
	reason      text NOT NULL,
	declared_by text NOT NULL,
	from_at     timestamptz NOT NULL,
	until_at    timestamptz,
	lifted_at   timestamptz,
	lifted_by   text NOT NULL DEFAULT ''
);

CREATE TABLE deployment_runbook.refusal (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at          timestamptz NOT NULL DEFAULT now(),
	release_id  text NOT NULL DEFAULT '',
	environment text NOT NULL DEFAULT '',
	gate        text NOT NULL DEFAULT '',
	person      text NOT NULL DEFAULT '',
	code        text NOT NULL,
	message     text NOT NULL
);
CREATE INDEX refusal_by_release ON deployment_runbook.refusal (release_id);
COMMENT ON TABLE deployment_runbook.refusal IS 'What was asked for and not done, and by whom as far as it is known';
`;
