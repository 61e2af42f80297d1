/** What the watch remembers: looks, counters, alerts, and the acts it claimed. */
export const WATCH = `
CREATE TABLE deployment_runbook.look (
	environment  text NOT NULL,
	cell         text NOT NULL DEFAULT 'main',
	watcher      text NOT NULL,
	release_id   text REFERENCES deployment_runbook.release (id),
	taken_at     timestamptz NOT NULL,
	recorded_at  timestamptz NOT NULL,
	monotonic_ms double precision NOT NULL,
	boot_id      text NOT NULL,
	signals      jsonb NOT NULL
);
CREATE INDEX look_by_environment ON deployment_runbook.look (environment, watcher, recorded_at);
CREATE INDEX look_by_release ON deployment_runbook.look (release_id, recorded_at) WHERE release_id IS NOT NULL;
CREATE INDEX look_by_age ON deployment_runbook.look (recorded_at) WHERE release_id IS NULL;
COMMENT ON TABLE deployment_runbook.look IS 'What the watch measured at one moment; judged together, by taken and recorded time';

CREATE TABLE deployment_runbook.counter_memory (
	environment  text NOT NULL,
	cell         text NOT NULL DEFAULT 'main',
	watcher      text NOT NULL,
	recorded_at  timestamptz NOT NULL,
	monotonic_ms double precision NOT NULL,
	boot_id      text NOT NULL,
	counters     jsonb NOT NULL,
	PRIMARY KEY (environment, cell, watcher)
);
COMMENT ON TABLE deployment_runbook.counter_memory IS 'What the counters stood at when they were last read: the next look counts from there, in whatever process';

CREATE TABLE deployment_runbook.alert (
	environment     text NOT NULL,
	cell            text NOT NULL DEFAULT 'main',
	signal          text NOT NULL,
	level           text NOT NULL,
	reason          text NOT NULL,
	opened_at       timestamptz NOT NULL DEFAULT now(),
	paged_at        timestamptz NOT NULL DEFAULT now(),
	acknowledged_at timestamptz,
	acknowledged_by text NOT NULL DEFAULT '',
	PRIMARY KEY (environment, cell, signal)
);
COMMENT ON TABLE deployment_runbook.alert IS 'What people were told of and has not cleared';

CREATE TABLE deployment_runbook.watch_act (
	release_id text NOT NULL REFERENCES deployment_runbook.release (id),
	act        text NOT NULL CHECK (act IN ('roll-back', 'void-gate', 'finish')),
	watcher    text NOT NULL,
	reason     text NOT NULL,
	claimed_at timestamptz NOT NULL DEFAULT now(),
	attempts   integer NOT NULL DEFAULT 1,
	PRIMARY KEY (release_id, act)
);
COMMENT ON TABLE deployment_runbook.watch_act IS 'Claimed before it is done, so that two watchers never do it twice; one automatic rollback a release';
CREATE TRIGGER chain AFTER INSERT OR UPDATE OR DELETE ON deployment_runbook.watch_act FOR EACH ROW EXECUTE FUNCTION deployment_runbook.chain_row();
`;
