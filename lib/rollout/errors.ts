import { defineErrors } from '../support/runbookError';

export const rolloutErrors = defineErrors('ROLLOUT', {
	UNREACHABLE: {
		message: 'The Kubernetes API did not answer while asked to {verb} {kind} {name}: {problem}',
		why: 'Without an answer nothing is known about the cluster, and whether a write took effect is unknown too',
		fix: 'Check the server URL of the Kubernetes Cluster credential and that the API is up, then run the step again: it reads before it writes',
		retryable: true,
	},
	UNAUTHORIZED: {
		message: 'The Kubernetes API refused the credential (401) while asked to {verb} {kind} {name}',
		why: 'The bearer token is wrong, expired, or belongs to another cluster',
		fix: 'Put a valid service account token into the Kubernetes Cluster credential',
	},
	FORBIDDEN: {
		message: 'The credential may not {verb} {kind} {name} in namespace {namespace} (403)',
		why: 'The role of its service account lacks the verb "{verb}" on "{kind}"',
		fix: 'Add the verb "{verb}" on "{kind}" to the role in namespace {namespace}; the page of the Kubernetes Rollout node lists the whole role',
	},
	NOT_FOUND: {
		message: 'There is no {kind} {name} in namespace {namespace}',
		why: 'The name is mistyped in the configuration, or it was deleted',
		fix: 'Correct "workloads" or "namespace" in the configuration, or create the {kind}',
	},
	CONFLICT: {
		message: 'The {kind} {name} was changed by somebody else while it was written (409)',
		why: 'The write was based on an older version of it',
		fix: 'Run the step again: it reads before it writes',
		retryable: true,
	},
	TEST_FAILED: {
		message: 'The {kind} {name} is no longer as it was read (422): {problem}',
		why: 'Every write tests what it was decided on, so that two writers cannot overwrite each other',
		fix: 'Find out who else writes to {kind} {name} (GitOps, another pipeline), then run the step again',
		retryable: true,
	},
	REFUSED: {
		message: 'The Kubernetes API refused to {verb} {kind} {name} ({status}): {problem}',
		why: 'The request was understood and rejected',
		fix: 'Read the reason; quota, an admission rule or an old API version are the usual ones',
	},
	WRONG_CLUSTER: {
		message: 'This is cluster {actual}, not cluster {expected}',
		why: 'The credential or the kubeconfig leads to another cluster than the one that the environment or its record names; the names in it may be the same',
		fix: 'Nothing was written. Give the credential of the right cluster. If the cluster was built anew, put its UID ("kubectl get namespace kube-system -o jsonpath={.metadata.uid}") into "clusterUid" of the configuration',
	},
	CREDENTIAL_INVALID: {
		message: 'The Kubernetes Cluster credential is not usable: {problem}',
		why: 'Nothing was sent',
		fix: '{remedy}',
	},
	FENCED_OUT: {
		message: '{kind} {name} was last written with token {stored}, and release {release} holds only token {token}',
		why: 'A newer release or a rollback has taken the environment over',
		fix: 'Nothing was written to it. Look up in the ledger which release holds the environment now',
	},
	COLOUR_UNKNOWN: {
		message: 'The selector of Service {service} ({selector}) does not name a colour of its deployments',
		why: 'What is live cannot be told, so it could neither be recorded nor restored',
		fix: 'Give the Service a selector with "color: blue" or "color: green", matching the labels of its deployments\' pods',
	},
	SELECTOR_MISMATCH: {
		message:
			'The selector of Service {service} does not match the pods of Deployment {deployment} once its colour is {colour}',
		why: 'Switching to it would leave the Service without endpoints',
		fix: 'Give the pod template of {deployment} the labels of the selector ({selector})',
	},
	CONTAINER_MISSING: {
		message: 'Deployment {deployment} has no container {container}',
		why: 'The image to record or to set belongs to that container',
		fix: 'Correct "container" in the workloads of the configuration',
	},
	DIGEST_UNKNOWN: {
		message: 'The digest that Deployment {deployment} runs cannot be told: {problem}',
		why: 'A record without a digest could not be restored exactly',
		fix: 'Deploy it by digest, or wait until all of its pods run the same image',
	},
	RECORD_MISSING: {
		message: 'There is no record of what was live for {missing}',
		why: 'A rollback goes to exactly what was recorded and never to "the revision before"',
		fix: 'Give the record (the annotation deployment-runbook/record of each Service) in the field "record", or use a release that recorded it',
	},
	LIVE_CHANGED: {
		message: 'Service {service} serves {actual}, but the release recorded {recorded} as live',
		why: 'Somebody switched it since; the colour to be changed may be the one that serves',
		fix: 'Find out who switched it, then begin a new release',
	},
	IMAGE_MISSING: {
		message: 'No image is given for workload {workload}',
		why: 'All workloads of a release move together',
		fix: 'Add it to "images"; the release resolves them from its version',
	},
	NOT_READY: {
		message: '{workload} is not ready to take traffic: {problem}',
		why: 'Traffic is switched only to enough ready endpoints of the right image',
		fix: 'Nothing was switched. Look at the pods of the idle colour; run "Wait for Rollout" before the switch',
	},
	NOT_SETTLED: {
		message:
			'Service {service} was switched to {colour}, but its endpoints did not follow within {seconds} s: {problem}',
		why: 'The selector counts only once the endpoints are those of the new colour',
		fix: 'Look at the EndpointSlices of the Service and at the endpoint controller',
	},
	PARTIAL: {
		message: 'The switch failed at {workload}: {problem}. State now: {state}',
		why: 'The workloads of a release must serve the same version',
		fix: '{repair}',
	},
	PAUSED: {
		message: 'Deployment {deployment} is paused',
		why: 'Nothing of it is rolled out until it is resumed',
		fix: 'Find out who paused it and why, then resume it',
	},
	REPLICAS_DIFFER: {
		message: 'Deployment {deployment} asks for {actual} replicas, not for {expected}',
		why: 'Somebody, or an autoscaler, has scaled it since',
		fix: 'Nothing was changed. Look at its replicas, then give the number that is expected now',
	},
	REVISION_MISSING: {
		message: 'Deployment {deployment} has no {wanted}. There are: {there}',
		why: 'Its revisionHistoryLimit has pruned it, or the revision was rolled back to and has another number by now',
		fix: 'Give one that is there, by its digest, or set the image by digest',
	},
	FROZEN: {
		message: 'The writers are frozen: Deployment {deployment} is to have no replicas',
		why: 'A new version would write while somebody has stopped all writing',
		fix: 'Nothing was started. Let two people thaw the writers first',
	},
	NOT_FROZEN: {
		message: 'Deployment {deployment} is not frozen: it carries no note of what it had',
		why: 'A thaw goes to exactly what the freeze noted',
		fix: 'Nothing was changed. If it was scaled to 0 by hand, scale it by hand',
	},
	SCALES_FROM_ZERO: {
		message: 'Deployment {deployment} cannot be frozen: its autoscaler {autoscaler} may choose 0 replicas itself',
		why: 'It would take 0 for its own choice and scale up again while writers must stay stopped',
		fix: 'Nothing was changed. Set its minReplicas to 1 or more, or remove it, then freeze again',
	},
	AUTOSCALER_MISSING: {
		message: 'The autoscaler {autoscaler} of Deployment {deployment} is gone',
		why: 'A thaw gives back exactly what there was when the writers were frozen',
		fix: 'Nothing was changed. Create the autoscaler again, then thaw',
	},
	WRITERS_LEFT: {
		message: 'Writers are still running after {seconds} s: {pods}',
		why: 'Until the last of them has ended, data may change',
		fix: 'They are scaled to 0. Look at why they do not end, then run the step again: it goes on waiting',
	},
	WRITERS_NOT_BACK: {
		message: 'The writers have their replicas back, and are not all available after {seconds} s: {missing}',
		why: 'Nothing is frozen any more; what does not come up does not serve',
		fix: 'Look at their pods. There is nothing to thaw a second time',
	},
	WORKER_UNCLEAR: {
		message: 'Which colour of {worker} runs cannot be told: {problem}',
		why: 'No Service names the colour of a worker: exactly one of its two Deployments has replicas',
		fix: 'Nothing was changed. Scale the one that is not to run to 0, and the other one to the replicas that it needs',
	},
	WORKER_NOT_READY: {
		message: '{worker} did not come up: {problem}',
		why: 'A worker moves only to a version that runs',
		fix: 'Look at its pods. Rolling the release back takes the workers back, too',
	},
	WORKER_NOT_STOPPED: {
		message: 'The version of {worker} that was stopped still runs after {seconds} s: {pods}',
		why: 'The other version of a singleton starts only once the last pod has ended',
		fix: 'It is scaled to 0. Look at why its pods do not end, then run the step again: it goes on waiting',
	},
	WORKERS_NOT_BACK: {
		message: 'The traffic is back, and these workers are not: {problems}',
		why: 'The parts of a release go back together; what is not back is named',
		fix: '{repair}',
	},
	RECORD_NOT_READY: {
		message: 'The recorded version of {workload} did not become ready within {seconds} s: {problem}',
		why: 'Traffic goes back only to pods that can take it',
		fix: 'No traffic was moved. Mend the pods of the recorded colour, then press rollback again',
	},
});

export const rollbackErrors = defineErrors('ROLLBACK', {
	NOT_LIVE: {
		message:
			'Service {service} serves {actual}, which is neither the record ({recorded}) nor what this release deployed',
		why: 'Rolling back would take down something that this release did not bring',
		fix: 'Roll back the release that is live, or switch by hand if you are sure',
	},
	BELOW_SCHEMA_FLOOR: {
		message:
			'The record of Service {service} ({recorded}) cannot run on the schema: only {version} and later can, since {since}',
		why: 'Release {release} has taken away what older versions read or write; the Service says so in its annotation deployment-runbook/schema-floor',
		fix: 'Nothing was touched. Mend forward with a new release; if only the old version will do, restore the database from a backup from before, and deploy that version as a release',
	},
});
