import { z } from 'zod';
import type { DetailsJson, Page, PageAction, Severity } from '../../../lib/paging/model';
import { sendPage } from '../../../lib/paging/sendPage';
import type { StepOutcome } from '../../../lib/release/recordStep';
import { parameterErrors } from '../../../lib/support/errors';
import { RunbookError } from '../../../lib/support/runbookError';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, ParameterReader } from '../../shared/operation';
import { pagerDutyCredential } from '../../shared/pagerDutyCredential';
import { readJson } from '../../shared/readJson';
import { readNumber } from '../../shared/readNumber';
import { pageFields } from '../pageFields';

interface Parameters {
	readonly page: Page;
	readonly deadlineMs: number;
	readonly onFailure: 'error' | 'report';
}

const linksSchema = z.array(
	z.object({ href: z.string().url('must be an absolute URL'), text: z.string().default('') }).strict(),
);
const detailsSchema = z.record(z.unknown());

/** Tells the pager. Accepted is not delivered: the result never claims that somebody was reached. */
export const send: Operation<Parameters> = {
	name: 'send',
	kind: 'change',
	description: fieldsOf('send', pageFields),
	deadlineMs: ({ deadlineMs }) => deadlineMs + 30_000,
	readParameters: (context, itemIndex) => ({
		page: readPage(context, itemIndex),
		deadlineMs: readNumber(context, { itemIndex, name: 'deadlineSeconds', minimum: 1, maximum: 3600 }) * 1000,
		onFailure: context.getNodeParameter('onFailure', itemIndex, 'error') === 'report' ? 'report' : 'error',
	}),
	// The texts may differ from run to run: the same event of the same incident is the same step.
	plan: ({ page: { action, dedupKey } }) => ({ key: `${action} ${dedupKey}`.trim(), inputs: { action, dedupKey } }),
	// Whether an interrupted one arrived cannot be seen, and sending it again is harmless: the pager merges by the key.
	observe: async () => await Promise.resolve('not-done'),
	run: async ({ parameters: { page, deadlineMs, onFailure }, clock, signal, open, log }): Promise<StepOutcome> => {
		try {
			const accepted = await sendPage(await open(pagerDutyCredential), page, { deadlineMs, clock, signal });
			return { result: { ...accepted, action: page.action } };
		} catch (error) {
			if (onFailure === 'error' || !(error instanceof RunbookError)) throw error;
			log(`the page was not sent: ${error.message}`);
			const result = {
				status: 'not-sent',
				action: page.action,
				dedupKey: page.dedupKey,
				confirmed: false,
				code: error.code,
				reason: error.message,
			};
			// Recorded as failed, so that a later run sends it.
			return { verdict: 'failed', result };
		}
	},
};

function readPage(context: ParameterReader, itemIndex: number): Page {
	const text = (name: string): string => String(context.getNodeParameter(name, itemIndex, '') ?? '').trim();
	const action = text('action') as PageAction;
	const hasText = action === 'trigger' || action === 'change';
	if (hasText) requireText(text('summary'), 'summary');
	if (hasText) requireText(text('source'), 'source');
	if (action !== 'change') requireText(text('dedupKey'), 'dedupKey');
	const json = <Schema extends z.ZodTypeAny>(name: string, schema: Schema, remedy: string): z.output<Schema> =>
		readJson(context, { itemIndex, name, schema, remedy });
	return {
		action,
		summary: text('summary'),
		source: text('source'),
		severity: text('severity') as Severity,
		dedupKey: action === 'change' ? '' : text('dedupKey'),
		links: hasText ? json('links', linksSchema, 'Give a JSON list of {"href": …, "text": …}') : [],
		customDetails: hasText
			? (json('customDetails', detailsSchema, 'Give a JSON object') as Record<string, DetailsJson>)
			: {},
	};
}

function requireText(value: string, field: string): void {
	if (value === '')
		throw parameterErrors.INVALID({
			field,
			problem: 'it is empty',
			remedy: 'Fill it in: the pager refuses an event without it',
		});
}
