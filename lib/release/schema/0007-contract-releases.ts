/** Releases that only run the migrations which earlier ones held back, and the floor that they raise. */
export const CONTRACT_RELEASES = `
ALTER TABLE deployment_runbook.release
	ADD COLUMN contracts boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN deployment_runbook.release.contracts IS 'True when it deploys no image and runs the migrations that were held back';

ALTER TABLE deployment_runbook.environment
	ADD COLUMN floor_release text REFERENCES deployment_runbook.release (id),
	ADD COLUMN floor_at      timestamptz;
COMMENT ON COLUMN deployment_runbook.environment.floor_release IS 'The release that raised schema_floor; null while any version can run';
COMMENT ON COLUMN deployment_runbook.environment.floor_at IS 'When; what was live before that cannot run on the schema';
`;
