import { defineErrors } from './runbookError';

export const supportErrors = defineErrors('CREDENTIAL', {
	FIELD_MISSING: {
		message: 'The credential {credential} has no {field}',
		why: 'The node cannot connect without it',
		fix: 'Open the credential in n8n and fill in {field}',
	},
	ADDRESS_IN_FIELD: {
		message: 'The field {field} of the credential {credential} holds a whole address',
		why: 'It is taken for a name; what it says of user, password and schema would be shown or ignored',
		fix: 'Enter host, port, database, user and password each in its own field. A schema (?schema=…) belongs into the node that asks for one',
	},
	UNREADABLE: {
		message: 'n8n could not read the credential {credential}',
		why: "The node names one, so it is not missing: n8n's database or its encryption key did not answer, or the credential was deleted",
		fix: "Try again; if it stays, look at n8n's log and choose the credential in the node anew",
		retryable: true,
	},
	SSH_TUNNEL: {
		message: 'The credential {credential} asks for an SSH tunnel',
		why: 'pg_dump and the migration engine connect by themselves and would bypass the tunnel',
		fix: 'Use a credential that reaches the database directly',
	},
});

export const parameterErrors = defineErrors('PARAMETER', {
	INVALID: {
		message: 'The field {field} is not valid: {problem}',
		why: 'The operation was not started, nothing was touched',
		fix: '{remedy}',
	},
	WORKFLOW_UNSEEN: {
		message: 'This n8n does not show a node the workflow it runs in',
		why: 'A release is bound to the workflows it began with, and without seeing them nobody could tell that one was changed',
		fix: 'Use the n8n version that the README names',
	},
	OPERATION_UNKNOWN: {
		message: 'The node has no operation "{operation}"',
		why: 'The workflow was exported from another version of the package',
		fix: 'Choose one of: {operations}',
	},
});

export const clusterAccessErrors = defineErrors('CLUSTER_ACCESS', {
	TOKEN_FILE: {
		message: 'The token of the Kubernetes Cluster credential cannot be read from {file}: {problem}',
		why: 'It is read again for every call, as the cluster renews it',
		fix: 'Let n8n run in a pod with a mounted service account token, or use a token or a kubeconfig',
		retryable: true,
	},
	PLUGIN_FAILED: {
		message: 'The exec plugin {command} of the kubeconfig gave no token: {problem}',
		why: 'Without a token the Kubernetes API cannot be asked. What the plugin wrote is not repeated here: it may hold the token',
		fix: 'Run the command as the user of n8n with nothing but PATH, HOME and the variables that the kubeconfig names; or use the token of a service account',
		retryable: true,
	},
});
