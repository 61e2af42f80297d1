import { z } from 'zod';
import { parameterErrors } from '../../lib/support/errors';

/** `repository@sha256:…`, with a tag or without. */
export const PINNED = /^[^\s@]+@sha256:[0-9a-f]{64}$/;
/** What a release says of its images. */
export const releaseImages = z.array(z.object({ workload: z.string(), image: z.string() }).passthrough());
export const PIN_IT = 'Pin the image: registry.example.com/tests@sha256:… A tag can be moved between two releases';

/** The release's image of a workload. @throws RunbookError PARAMETER.INVALID naming `field` when there is none that is pinned by digest */
export function imageOfRelease(
	workload: string,
	{ images, field }: { readonly images: z.output<typeof releaseImages>; readonly field: string },
): string {
	const image = images.find((one) => one.workload === workload)?.image ?? '';
	if (PINNED.test(image)) return image;
	throw parameterErrors.INVALID({
		field,
		problem: `the release has no image of "${workload}" with a digest`,
		remedy: `Name one of: ${images.map((one) => one.workload).join(', ')}`,
	});
}
