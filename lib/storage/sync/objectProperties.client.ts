import type { HeadObjectCommandOutput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { ListedObject, ObjectProperties } from './model';

/** The note in a copy's own metadata: which version of the source it is. S3 sends these names in lower case. */
const NOTE = 'copied-from-etag';

export function readProperties(head: HeadObjectCommandOutput): ObjectProperties {
	return {
		contentType: head.ContentType,
		cacheControl: head.CacheControl,
		contentDisposition: head.ContentDisposition,
		contentEncoding: head.ContentEncoding,
		contentLanguage: head.ContentLanguage,
		expires: head.ExpiresString,
		websiteRedirectLocation: head.WebsiteRedirectLocation,
		metadata: head.Metadata ?? {},
	};
}

export function notedSource({ Metadata }: HeadObjectCommandOutput): string | undefined {
	return Metadata?.[NOTE];
}

type Headers = Pick<
	PutObjectCommandInput,
	| 'ContentType'
	| 'CacheControl'
	| 'ContentDisposition'
	| 'ContentEncoding'
	| 'ContentLanguage'
	| 'Expires'
	| 'WebsiteRedirectLocation'
	| 'Metadata'
>;

/** What makes a new object like the source, and notes the version. An expiry that is no date is left out: it means nothing. */
export function objectHeaders(
	{ metadata, expires, ...properties }: ObjectProperties,
	{ etag }: Pick<ListedObject, 'etag'>,
): Headers {
	const expiry = expires === undefined ? Number.NaN : Date.parse(expires);
	return {
		ContentType: properties.contentType,
		CacheControl: properties.cacheControl,
		ContentDisposition: properties.contentDisposition,
		ContentEncoding: properties.contentEncoding,
		ContentLanguage: properties.contentLanguage,
		WebsiteRedirectLocation: properties.websiteRedirectLocation,
		...(Number.isNaN(expiry) ? {} : { Expires: new Date(expiry) }),
		Metadata: { ...metadata, [NOTE]: etag },
	};
}
