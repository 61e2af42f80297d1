import { Readable } from 'node:stream';
import type { IExecuteFunctions } from 'n8n-workflow';

/** An item's binary data: as a stream where n8n keeps it on disk or in object storage. */
export async function openBinary(context: IExecuteFunctions, itemIndex: number, field: string): Promise<Readable> {
	const { id, data } = context.helpers.assertBinaryData(itemIndex, field);
	if (id !== undefined) return await context.helpers.getBinaryStream(id);
	return Readable.from([Buffer.from(data, 'base64')], { objectMode: false });
}
