/**
 * The hash chain of a release: every write about it appends one link, by triggers, so that a row changed by hand shows too. And the
 * views for the four figures of software delivery.
 */
export const EVIDENCE = `
CREATE TABLE deployment_runbook.event (
	release_id text NOT NULL REFERENCES deployment_runbook.release (id),
	sequence   integer NOT NULL,
	at         timestamptz NOT NULL,
	kind       text NOT NULL,
	payload    text NOT NULL,
	hash       text NOT NULL,
	PRIMARY KEY (release_id, sequence)
);
COMMENT ON COLUMN deployment_runbook.event.hash IS 'SHA-256 (hex) over the previous hash, a line feed, and payload';

CREATE FUNCTION deployment_runbook.append_event(of_release text, of_kind text, detail jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	last_sequence integer;
	last_hash     text;
	instant       timestamptz := clock_timestamp();
	link          text;
BEGIN
	-- Two writers of one release take turns, or their links would meet.
	PERFORM pg_advisory_xact_lock(hashtextextended('deployment_runbook.event ' || of_release, 0));
	SELECT sequence, hash INTO last_sequence, last_hash
		FROM deployment_runbook.event WHERE release_id = of_release ORDER BY sequence DESC LIMIT 1;
	last_sequence := coalesce(last_sequence, 0);
	link := jsonb_build_object('release', of_release, 'sequence', last_sequence + 1, 'at', instant, 'kind', of_kind, 'detail', detail)::text;
	INSERT INTO deployment_runbook.event (release_id, sequence, at, kind, payload, hash)
		VALUES (of_release, last_sequence + 1, instant, of_kind, link,
			encode(sha256(convert_to(coalesce(last_hash, '') || E'\\n' || link, 'UTF8')), 'hex'));
END $$;

CREATE FUNCTION deployment_runbook.chain_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'a release is never deleted' USING ERRCODE = 'integrity_constraint_violation'; END IF;
	PERFORM deployment_runbook.append_event(NEW.id, CASE TG_OP WHEN 'INSERT' THEN 'release.begun' ELSE 'release.' || NEW.state END, to_jsonb(NEW));
	RETURN NEW;
END $$;
CREATE TRIGGER chain AFTER INSERT OR UPDATE OR DELETE ON deployment_runbook.release FOR EACH ROW EXECUTE FUNCTION deployment_runbook.chain_release();

CREATE FUNCTION deployment_runbook.chain_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	changed jsonb := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
	suffix  text := CASE WHEN TG_OP = 'DELETE' THEN 'deleted' ELSE coalesce(changed ->> 'state', 'recorded') END;
BEGIN
	IF changed ->> 'step_key' LIKE 'watch/%' THEN
		-- The watch measures every few seconds for hours: its beginnings and what it found in order say nothing.
		IF changed ->> 'state' = 'started' THEN RETURN NULL; END IF;
		IF changed ->> 'state' = 'passed' THEN changed := changed - 'result' - 'evidence'; END IF;
	END IF;
	IF changed ->> 'release_id' <> '' AND EXISTS (SELECT 1 FROM deployment_runbook.release WHERE id = changed ->> 'release_id') THEN
		PERFORM deployment_runbook.append_event(changed ->> 'release_id', TG_TABLE_NAME || '.' || suffix, changed - 'wake_seal');
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER chain AFTER INSERT OR UPDATE OR DELETE ON deployment_runbook.step FOR EACH ROW EXECUTE FUNCTION deployment_runbook.chain_row();
CREATE TRIGGER chain AFTER INSERT OR UPDATE OR DELETE ON deployment_runbook.gate FOR EACH ROW EXECUTE FUNCTION deployment_runbook.chain_row();
CREATE TRIGGER chain AFTER INSERT OR UPDATE OR DELETE ON deployment_runbook.vote FOR EACH ROW EXECUTE FUNCTION deployment_runbook.chain_row();
CREATE TRIGGER chain AFTER INSERT OR UPDATE OR DELETE ON deployment_runbook.refusal FOR EACH ROW EXECUTE FUNCTION deployment_runbook.chain_row();
CREATE TRIGGER chain AFTER INSERT OR UPDATE OR DELETE ON deployment_runbook.plan_part FOR EACH ROW EXECUTE FUNCTION deployment_runbook.chain_row();

CREATE VIEW deployment_runbook.deployment AS
	SELECT r.id AS release_id, r.environment, r.cell, r.version, r.state, r.started_at, r.finished_at,
		s.finished_at AS switched_at,
		r.state IN ('rolled-back-verified', 'rolled-back-unverified', 'needs-human') AS failed,
		r.rolling_back_at,
		b.finished_at AS restored_at
	FROM deployment_runbook.release r
	JOIN deployment_runbook.step s ON s.release_id = r.id AND s.step_key = '3.2/switch-traffic' AND s.item_key = '' AND s.state = 'passed'
	LEFT JOIN deployment_runbook.step b ON b.release_id = r.id AND b.step_key = 'rollback/switch-back' AND b.item_key = '' AND b.state = 'passed'
	WHERE NOT r.rehearsal;
COMMENT ON VIEW deployment_runbook.deployment IS 'Releases whose new version took traffic';

CREATE VIEW deployment_runbook.deployment_frequency AS
	SELECT environment, cell, date_trunc('week', switched_at) AS week, count(*) AS deployments
	FROM deployment_runbook.deployment GROUP BY environment, cell, date_trunc('week', switched_at);
COMMENT ON VIEW deployment_runbook.deployment_frequency IS 'Deployments per environment and week (UTC or the session''s time zone)';

CREATE VIEW deployment_runbook.lead_time AS
	SELECT environment, cell, release_id, version, switched_at - started_at AS lead_time
	FROM deployment_runbook.deployment;
COMMENT ON VIEW deployment_runbook.lead_time IS 'From the start of the release to its traffic; the time from commit to start is the CI''s to add';

CREATE VIEW deployment_runbook.change_failure_rate AS
	SELECT environment, cell, date_trunc('month', switched_at) AS month, count(*) AS deployments,
		count(*) FILTER (WHERE failed) AS failures, count(*) FILTER (WHERE failed)::numeric / count(*) AS rate
	FROM deployment_runbook.deployment GROUP BY environment, cell, date_trunc('month', switched_at);
COMMENT ON VIEW deployment_runbook.change_failure_rate IS 'Share of deployments that were rolled back or needed a person, 0 to 1';

CREATE VIEW deployment_runbook.time_to_restore AS
	SELECT environment, cell, release_id, version, restored_at - rolling_back_at AS time_to_restore
	FROM deployment_runbook.deployment WHERE rolling_back_at IS NOT NULL AND restored_at IS NOT NULL;
COMMENT ON VIEW deployment_runbook.time_to_restore IS 'From taking a release over for its rollback to the recorded version serving again';
`;
