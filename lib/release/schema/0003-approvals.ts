/** Gates and votes: the rows are the decision. */
export const APPROVALS = `
CREATE TABLE deployment_runbook.gate (
	release_id    text NOT NULL REFERENCES deployment_runbook.release (id),
	gate          text NOT NULL,
	state         text NOT NULL DEFAULT 'open',
	quorum        integer NOT NULL,
	approvers     jsonb NOT NULL,
	evidence      jsonb NOT NULL,
	evidence_hash text NOT NULL,
	opened_at     timestamptz NOT NULL DEFAULT now(),
	expires_at    timestamptz NOT NULL,
	decided_at    timestamptz,
	reason        text NOT NULL DEFAULT '',
	execution_id  text NOT NULL,
	wake_seal     text NOT NULL DEFAULT '',
	looked_at     timestamptz,
	PRIMARY KEY (release_id, gate)
);
COMMENT ON COLUMN deployment_runbook.gate.looked_at IS 'When its execution last read the votes; null until it waits';
COMMENT ON COLUMN deployment_runbook.gate.wake_seal IS 'Where to wake the waiting execution, sealed; waking is no permission';

CREATE TABLE deployment_runbook.vote (
	release_id    text NOT NULL,
	gate          text NOT NULL,
	approver      text NOT NULL,
	nonce         text NOT NULL,
	decision      text NOT NULL CHECK (decision IN ('approve', 'reject', 'break-glass')),
	comment       text NOT NULL DEFAULT '',
	strength      text NOT NULL,
	evidence_hash text NOT NULL,
	voted_at      timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (release_id, gate, approver, nonce),
	FOREIGN KEY (release_id, gate) REFERENCES deployment_runbook.gate (release_id, gate)
);
`;
