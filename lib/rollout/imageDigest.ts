const DIGEST = /sha256:[0-9a-f]{64}$/;

/** The digest at the end of an image reference or image id (`repo@sha256:…`); undefined when there is none. */
export function imageDigest(image: string): string | undefined {
	return DIGEST.exec(image)?.[0];
}

/**
 * The digest of what a container runs. A reference pinned by digest is proof by itself, as the runtime checks the content;
 * for a tag only what the runtime reports counts. Undefined while neither is known.
 */
export function runningDigest(container: { readonly image: string; readonly imageId: string }): string | undefined {
	return imageDigest(container.image) ?? imageDigest(container.imageId);
}
