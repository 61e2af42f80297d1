import { parameterErrors } from '../../lib/support/errors';
import type { ParameterReader } from './operation';

/** The name of a bucket by the rules of S3; they also keep it from being read as an address. @throws RunbookError PARAMETER.INVALID */
export function readBucket(context: ParameterReader, itemIndex: number, name: string): string {
	const bucket: unknown = context.getNodeParameter(name, itemIndex);
	if (typeof bucket === 'string' && /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) return bucket;
	const problem = 'a bucket name has 3 to 63 lower-case letters, digits, dots and hyphens';
	const remedy = 'Enter the name of an existing bucket, without its address';
	throw parameterErrors.INVALID({ field: name, problem, remedy });
}

/** A folder inside a bucket, or nothing for its top. @throws RunbookError PARAMETER.INVALID */
export function readFolder(context: ParameterReader, itemIndex: number, name: string): string {
	const folder: unknown = context.getNodeParameter(name, itemIndex);
	if (
		typeof folder === 'string' &&
		/^[\w!.*'() /=-]{0,512}$/.test(folder) &&
		!folder.split('/').some((part) => part === '.' || part === '..')
	)
		return folder;
	const problem = 'it has characters that are not safe in object keys';
	const remedy = 'Use letters, digits, slashes, dots, hyphens and underscores';
	throw parameterErrors.INVALID({ field: name, problem, remedy });
}
