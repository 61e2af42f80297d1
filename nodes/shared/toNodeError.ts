import { NodeOperationError, type INode } from 'n8n-workflow';
import { redact } from '../../lib/support/redact';
import { RunbookError } from '../../lib/support/runbookError';

/** An error as n8n shows it: what happened, then the code, why, and what to do. Secrets are masked; the cause is not carried along. */
export function toNodeError(
	node: INode,
	error: unknown,
	{ itemIndex, secrets }: { itemIndex: number; secrets: readonly string[] },
): NodeOperationError {
	const message = redact(error instanceof Error ? error.message : String(error), secrets);
	const known = error instanceof RunbookError;
	const description = known
		? redact(`${error.code}: ${error.why}. To do: ${error.fix}.`, secrets)
		: 'UNEXPECTED: not an error the package knows';
	const shown = known ? `${message} (${error.code})` : message;
	const nodeError = new NodeOperationError(node, shown, { itemIndex, description });
	// n8n puts words of its own in the place of a text that holds an errno such as ECONNREFUSED.
	nodeError.message = shown;
	// n8n stores errors with the execution: the original one could carry a connection string or a response body.
	delete (nodeError as { cause?: unknown }).cause;
	return nodeError;
}
