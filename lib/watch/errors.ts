import { defineErrors } from '../support/runbookError';

export const watchErrors = defineErrors('WATCH', {
	OTHER_RELEASE: {
		message:
			'The Services in {namespace} carry the record of "{recordedFor}", and {releaseId} is to be rolled back',
		why: 'Going back by the record of another release could bring back a version that was live long ago',
		fix: 'Look which release is live, and roll it back in n8n or with the command rollback',
	},
});
