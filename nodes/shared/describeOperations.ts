import type { INodeProperties } from 'n8n-workflow';

/**
 * An operation's fields, shown only when it is chosen. The operation comes first among the conditions: n8n stops at the first one whose value
 * is an expression and takes it for fulfilled, and an expression in a field of another operation would then make this one's required.
 */
export function fieldsOf(operation: string, properties: INodeProperties[]): INodeProperties[] {
	return properties.map((property) => ({
		...property,
		displayOptions: {
			...property.displayOptions,
			show: { operation: [operation], ...property.displayOptions?.show },
		},
	}));
}
