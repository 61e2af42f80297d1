import { defineErrors } from '../support/runbookError';

export const pagingErrors = defineErrors('PAGING', {
	REFUSED: {
		message: 'The pager refused the event with HTTP {status}: {problem}',
		why: 'Nobody was paged; sending the same event again would be refused again',
		fix: 'Check the routing key of the PagerDuty Events credential and the fields of the event',
	},
	NOT_ACCEPTED: {
		message: 'The pager did not accept the event in {attempts} attempts within {seconds} s: {problem}',
		why: 'Nobody was paged as far as we know',
		fix: 'Reach the people on call another way, then look at the pager’s status page and at the network',
		retryable: true,
	},
	EVENT_TOO_LARGE: {
		message: 'The event is {bytes} bytes large, the pager takes at most {limit}',
		why: 'The pager would refuse it and nobody would be paged',
		fix: 'Put less into Custom Details, e.g. a link to the report instead of the report',
	},
});
