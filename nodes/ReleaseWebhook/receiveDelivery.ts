import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { webhookErrors } from '../../lib/release/errors';
import type { ReleaseRequest } from '../../lib/release/releaseRequest';
import { verifyDelivery } from '../../lib/release/verifyDelivery';
import { redact } from '../../lib/support/redact';
import { RunbookError } from '../../lib/support/runbookError';
import { releaseLedger, text } from '../shared/credentials';
import { readWebhookCredential } from '../shared/readWebhookCredential';

/** HTTP status by error code; a refused request starts no execution. */
const STATUS: Readonly<Record<string, number>> = {
	'WEBHOOK.SECRET_MISSING': 503,
	'WEBHOOK.SIGNATURE_MISSING': 401,
	'WEBHOOK.SIGNATURE_INVALID': 401,
	'WEBHOOK.REPLAYED': 409,
	'WEBHOOK.BODY_INVALID': 422,
	'RELEASE.LEDGER_UNREACHABLE': 503,
	'RELEASE.LEDGER_REFUSED': 503,
	'CREDENTIAL.FIELD_MISSING': 503,
	'CREDENTIAL.UNREADABLE': 503,
};

/** Of a signed delivery, and so in the ledger, too; whoever cannot sign writes nothing there. */
const RECORDED: readonly string[] = ['WEBHOOK.REPLAYED', 'WEBHOOK.BODY_INVALID'];

/** Answers a delivery: 202 and one execution, or a refusal that names the error code and starts nothing. */
export async function receiveDelivery(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const response = context.getResponseObject();
	const secrets: string[] = [];
	try {
		const request = await acceptDelivery(context, secrets);
		response.status(202).json({
			status: 'accepted',
			deliveryId: request.deliveryId,
			intent: request.intent,
			version: request.version,
			environment: request.environment,
		});
		return { noWebhookResponse: true, workflowData: [[{ json: { ...request } }]] };
	} catch (error) {
		const known = error instanceof RunbookError ? error : undefined;
		const logged = known ? known.code : `WEBHOOK.REFUSED: ${redact(String(error), secrets)}`;
		context.logger.warn(`${context.getNode().name}: refused a delivery: ${logged}`);
		if (known && RECORDED.includes(known.code)) await recordRefusal(context, known);
		const { code, message, fix } = known ?? {
			code: 'WEBHOOK.REFUSED',
			message: 'The delivery could not be checked',
			fix: "Look at n8n's log",
		};
		response.status(STATUS[code] ?? 500).json({ error: { code, message, fix } });
		return { noWebhookResponse: true };
	}
}

/** `secrets` receives what must not be logged. */
async function acceptDelivery(context: IWebhookFunctions, secrets: string[]): Promise<ReleaseRequest> {
	const credential = await readWebhookCredential(context, 'deploymentWebhook');
	secrets.push(text(credential, 'secret'));
	const { headers, rawBody } = context.getRequestObject();
	const request = verifyDelivery(text(credential, 'secret'), { headers, rawBody });
	const connection = await readWebhookCredential(context, 'releaseLedger');
	secrets.push(...releaseLedger.secrets(connection));
	const { client: ledger } = await releaseLedger.open(connection);
	if (!(await ledger.acceptDelivery(request.deliveryId)))
		throw webhookErrors.REPLAYED({ deliveryId: request.deliveryId });
	return request;
}

/** A ledger that goes away meanwhile must not hide why the delivery was refused. */
async function recordRefusal(context: IWebhookFunctions, { code, message }: RunbookError): Promise<void> {
	try {
		const { client: ledger } = await releaseLedger.open(await readWebhookCredential(context, 'releaseLedger'));
		await ledger.recordRefusal({ releaseId: '', environment: '', person: '', code, message });
	} catch {
		context.logger.warn(`${context.getNode().name}: the refusal ${code} could not be recorded`);
	}
}
