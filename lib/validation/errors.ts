import { defineErrors } from '../support/runbookError';

export const validationErrors = defineErrors('VALIDATION', {
	CLUSTER_UNREACHABLE: {
		message: 'The Kubernetes API could not {verb} {kind} in {namespace}: {problem}',
		why: 'The API did not answer, or failed itself; whether the suite runs is not known',
		fix: 'Check the server URL of the credential and the API server, then run the step again: it goes on with a suite that still runs',
		retryable: true,
	},
	CLUSTER_REFUSED: {
		message: 'The Kubernetes API does not allow {verb} {kind} in {namespace} (HTTP {status})',
		why: 'The token is wrong or its role does not allow the call',
		fix: 'Give the role the verbs that docs/nodes/run-suite.md lists, in this namespace',
	},
	JOB_REFUSED: {
		message: 'The Kubernetes API refuses the job {name} in {namespace} (HTTP {status}): {problem}',
		why: 'A field of the job is not valid, or the namespace is missing or does not admit it; no suite was started',
		fix: 'Correct the field that the API names',
	},
	USAGE_REFUSED: {
		message: 'The Kubernetes API does not allow to list {kind} in {namespace} (HTTP {status})',
		why: 'The token is wrong or its role does not allow the call; how much the pods use is not known',
		fix: 'Give the role "list" on pods and on pods.metrics.k8s.io in this namespace',
	},
});
