import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';

/** An operation's fields, shown only when it is chosen. */
export function fieldsOf(operation: string, properties: INodeProperties[]): INodeProperties[] {
	return updateDisplayOptions({ show: { operation: [operation] } }, properties);
}
