import { defineErrors } from '../support/runbookError';

export const releaseErrors = defineErrors('RELEASE', {
	MANUAL_RUN_NOT_ARMED: {
		message: 'A manual run rehearses only: step {stepKey} changes {environment} and was not run',
		why: 'n8n calls no error workflow for a manual run, so nobody would be paged if it died half-way',
		fix: 'Start the release through the published form or the signed CI webhook',
	},
	STEP_NOT_PROVEN: {
		message: 'Step {stepKey} needs {required}, which the ledger does not hold as passed for release {releaseId}',
		why: 'Permission comes from the ledger, not from the wire that led here: {required} is {state}',
		fix: 'Look at {required} in the ledger; mend what made it fail, then start a new release',
	},
	LOCKED: {
		message: 'Environment {environment} is locked by release {releaseId} (version {version}, state {state})',
		why: 'One release at a time may change an environment, and it stays locked until its watch has ended',
		fix: 'Wait until that release finishes, or roll it back',
	},
	FENCED_OUT: {
		message: 'Release {releaseId} no longer holds its environment: its token {token} was superseded',
		why: 'Another release or a rollback took the lock, or this release has finished',
		fix: 'Nothing was written. Look up the release that holds the environment now',
	},
	UNKNOWN: {
		message: 'The ledger knows no release {releaseId}',
		why: 'The id was mistyped, or the node points at another ledger',
		fix: 'Check the release id and the Release Ledger credential',
	},
	NOT_JOINABLE: {
		message: 'Release {releaseId} is {state} and cannot be joined',
		why: 'A finished release changes nothing any more',
		fix: 'Start a new release',
	},
	NOT_LIVE: {
		message:
			'Release {releaseId} is not what serves in "{environment}": release {liveId} ({version}) has switched the traffic since',
		why: 'Rolling back would take down something that this release did not bring, and whoever holds the environment would lose it for that',
		fix: 'Nothing was touched. Check the release id; to go back from what serves now, roll back {liveId}. Was {liveId} rolled back without n8n (the command "rollback")? Then roll it back here, too: it finds that done, and {releaseId} counts as live again',
	},
	BELOW_SCHEMA_FLOOR: {
		message:
			'Going back behind release {releaseId} would bring a version to "{environment}" that cannot run on its schema: only {version} and later can, since {since}',
		why: 'Release {floorId} has taken away what older versions read or write, after they were gone everywhere and two people said yes',
		fix: 'Nothing was touched. Mend forward with a new release; if only the old version will do, restore the database from a backup from before, and deploy that version as a release',
	},
	NOT_CONTRACTIBLE: {
		message: 'What was held back in "{environment}" cannot be run now: {problem}',
		why: 'It takes away what an older version reads or writes, so nothing may be left that could go back to one',
		fix: '{remedy}',
	},
	NOT_RESUMABLE: {
		message: 'Release {releaseId} is {state} and cannot be resumed: {problem}',
		why: 'A release is resumed only when its run died half-way; two runs of one release would work against each other',
		fix: 'Look the release up. To go back, start "Roll back production" with its id; to take it from a run that hangs, use Take Over',
	},
	WORKFLOW_CHANGED: {
		message: 'Release {releaseId}: {part} is not what the release began with',
		why: 'What was approved and what would run now differ, so the approvals do not cover it',
		fix: 'Nothing was changed by this. Publish the earlier version again and resume, or roll back and begin a new release',
	},
	WINDOW_CLOSED: {
		message: 'The change calendar of {environment} is closed: {reason}',
		why: 'Releases start only when the change calendar is open. {opens}',
		fix: 'Wait, or start it with a written override: a person and a reason',
	},
	FREEZE_UNKNOWN: {
		message: 'The ledger knows no freeze {freezeId}',
		why: 'The id was mistyped, or the node points at another ledger',
		fix: 'List the freezes of the environment with the Release node',
	},
	LEDGER_NEWER: {
		message: 'The ledger has schema version {version}; this package knows {known}',
		why: 'A newer version of the package has used this ledger',
		fix: 'Install that version of n8n-nodes-deployment-runbook on every n8n process',
	},
	PLAN_CHANGED: {
		message: 'Step {stepKey} of release {releaseId} was already recorded with other inputs',
		why: 'What the step would do changed since it was done, so the record no longer proves it',
		fix: 'Start a new release with the changed plan',
	},
	OUTCOME_UNKNOWN: {
		message: 'Step {stepKey} of release {releaseId} was started before and its outcome cannot be told',
		why: 'Doing it a second time could do harm, so it is not repeated blindly',
		fix: 'Look at the target, then roll the release back or begin a new one',
	},
	INVALID: {
		message: 'The field {field} is not valid: {problem}',
		why: 'A release is checked as a whole before anything is touched',
		fix: '{remedy}',
	},
	ENVIRONMENT_UNKNOWN: {
		message: 'Environment "{environment}" is not the one this configuration deploys to ("{expected}")',
		why: 'A release for the wrong environment must not start',
		fix: 'Correct the field "environment", or the configuration workflow',
	},
	VERSION_UNKNOWN: {
		message: 'Version "{version}" of {repository} is not in the registry',
		why: 'A release names images that exist; their tags are resolved to digests before anything is touched',
		fix: 'Check the field "version", and that the CI has pushed the image',
	},
	REGISTRY_UNREACHABLE: {
		message: 'The registry of {repository} did not answer: {problem}',
		why: 'Without it the version cannot be resolved to a digest',
		fix: 'Check the repository in the configuration workflow and that the registry is up, then start again',
		retryable: true,
	},
	LEDGER_UNREACHABLE: {
		message: 'The release ledger at {host} did not answer: {problem}',
		why: 'Without its ledger a release has no lock and no memory, so nothing is changed',
		fix: 'What the ledger recorded before stands, and nothing further was changed. Check the Release Ledger credential and the operations database; a release that was running keeps its lock and can be resumed',
		retryable: true,
	},
	LEDGER_REFUSED: {
		message: 'The release ledger at {host} refused a statement ({sqlstate}): {problem}',
		why: 'The server is there but does not let the ledger work: a right is missing, it only reads (a standby), or its tables were changed by hand',
		fix: 'Point the Release Ledger credential at the primary, with a role that owns the schema deployment_runbook; asking again does not help',
	},
	NOT_RECORDING: {
		message: 'The operation {operation} needs a release to record into',
		why: 'It reads or writes the ledger',
		fix: 'Turn on "Record Step" and set the Release Ledger credential',
	},
});

export const webhookErrors = defineErrors('WEBHOOK', {
	SECRET_MISSING: {
		message: 'The Deployment Webhook credential holds no secret',
		why: 'Without a secret anybody could start a release',
		fix: 'Set a secret of at least 24 random bytes in the Deployment Webhook credential and in the CI',
	},
	SIGNATURE_MISSING: {
		message: 'The header {header} is missing',
		why: 'Only signed requests may start a release',
		fix: 'Send webhook-id, webhook-timestamp and webhook-signature as Standard Webhooks describes',
	},
	SIGNATURE_INVALID: {
		message: 'The signature does not match the body',
		why: 'The request was not signed with this secret, was signed too long ago, or was changed on the way',
		fix: 'Sign "<webhook-id>.<webhook-timestamp>.<raw body>" with HMAC-SHA256 and the shared secret, at the time of sending',
	},
	REPLAYED: {
		message: 'The delivery {deliveryId} was received before',
		why: 'A delivery starts one release at most',
		fix: 'Nothing was started. Send a new webhook-id for a new release',
	},
	BODY_INVALID: {
		message: 'The body is not a release request: {problem}',
		why: 'A release names its version and environment',
		fix: 'Send JSON such as {"version":"2026.11.23","environment":"production","commit":"…","startedBy":"…"}',
	},
});
