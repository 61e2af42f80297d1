import { defineErrors } from '../support/runbookError';

export const storageErrors = defineErrors('STORAGE', {
	ENDPOINT_INVALID: {
		message: 'The S3 endpoint of the credential is not an address',
		why: 'The node cannot connect without it',
		fix: 'Enter the endpoint with its scheme, e.g. https://s3.eu-central-1.amazonaws.com',
	},
	BUCKET_MISSING: {
		message: 'The bucket {bucket} does not exist',
		why: 'Nothing was stored and nothing could be read',
		fix: 'Create the bucket, or correct its name in the node',
	},
	ACCESS_DENIED: {
		message: 'Object storage refuses {action} in bucket {bucket} ({problem})',
		why: 'The key pair is wrong, or its policy does not allow the call',
		fix: 'Check the S3 credential: it needs to get, put and delete objects and to abort multipart uploads in this bucket',
	},
	UNAVAILABLE: {
		message: 'Object storage could not {action} in bucket {bucket} ({problem})',
		why: 'The call was tried several times; storage did not answer, or answered with an error of its own',
		fix: 'Check the S3 endpoint and that the storage is up, then run the operation again',
		retryable: true,
	},
	FOREIGN_BUCKET: {
		message: 'The bucket {bucket} does not belong to the account {owner}',
		why: 'A bucket of that name in another account would take in the files; nothing was read or written',
		fix: 'Correct the bucket, or the account that the node expects to own it',
	},
	LISTING_UNORDERED: {
		message: 'Object storage lists {key} of bucket {bucket} out of order',
		why: 'Two listings can be compared without being held in memory only when both are in the order of their keys',
		fix: 'Use a bucket of a kind that lists in order; S3 directory buckets do not',
	},
	LISTING_BROKEN: {
		message: 'Object storage gave a listing of bucket {bucket} that cannot be followed: {problem}',
		why: 'A listing that leaves something out would make a copy that leaves it out',
		fix: 'Check that the endpoint is an S3-compatible storage, then run the operation again',
	},
	TOO_LARGE: {
		message: 'The object {key} is {sizeBytes} bytes, more than the {limitBytes} that are read as text',
		why: 'Something else was stored where a manifest belongs',
		fix: 'Check the bucket and the prefix',
	},
});
