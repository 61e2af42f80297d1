import { defineErrors } from '../support/runbookError';

export const metricsErrors = defineErrors('METRICS', {
	CLUSTER_REFUSED: {
		message: 'The cluster refused to {action}: HTTP {status}',
		why: 'Without it no pod can be measured, and that would look like calm',
		fix: 'Check the token of the Kubernetes Cluster credential, and that its role may {verb} in namespace {namespace}',
	},
	CLUSTER_UNAVAILABLE: {
		message: 'The cluster’s API answered HTTP {status}',
		why: 'Nothing can be said about the pods while it does; the sample counts as a gap',
		fix: 'Wait, or look at the health of the control plane',
		retryable: true,
	},
	CLUSTER_ANSWER: {
		message: 'The cluster’s answer to {action} is not what the API promises: {problem}',
		why: 'The address may belong to something else than a Kubernetes API',
		fix: 'Check the server address of the Kubernetes Cluster credential',
	},
	QUERY_REFUSED: {
		message: '{source} refused the query: {problem}',
		why: 'The query is wrong, or the credential may not ask it; asking again would give the same',
		fix: 'Correct the query or the credential; try the query where it is asked, with the same user',
	},
	EXPOSITION_INVALID: {
		message: 'Line {line} of the metrics is not Prometheus text: {problem}',
		why: 'Half-read metrics would look like fewer errors',
		fix: 'Look at the target’s metrics page and at the path that is scraped',
	},
});
