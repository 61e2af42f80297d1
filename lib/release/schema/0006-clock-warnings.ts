/** A clock's warning is a row of its own: not every clock is a phase. */
export const CLOCK_WARNINGS = `
CREATE TABLE deployment_runbook.clock_warning (
	release_id text NOT NULL REFERENCES deployment_runbook.release (id),
	clock      text NOT NULL,
	warned_at  timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (release_id, clock)
);
COMMENT ON TABLE deployment_runbook.clock_warning IS 'Clocks whose warning was sent, so that each is sent once';
INSERT INTO deployment_runbook.clock_warning (release_id, clock, warned_at)
	SELECT release_id, phase, warned_at FROM deployment_runbook.phase WHERE warned_at IS NOT NULL;
ALTER TABLE deployment_runbook.phase DROP COLUMN warned_at;
`;
