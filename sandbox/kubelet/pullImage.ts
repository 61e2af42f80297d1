/** An image as the kubelet needs it. */
export interface PulledImage {
	/** `<repository>@sha256:…`, what `containerStatuses[].imageID` shows. */
	readonly imageId: string;
	readonly application: string;
	readonly version: string;
	readonly behaviour: string;
}

interface ImageReference {
	readonly host: string;
	readonly name: string;
	readonly reference: string;
}

const pullTimeoutMs = 5_000;
const manifestTypes = [
	'application/vnd.oci.image.manifest.v1+json',
	'application/vnd.docker.distribution.manifest.v2+json',
];

/**
 * Reads an image's manifest and configuration from the registry that its reference names. A loopback registry is spoken
 * to by plain HTTP, any other by HTTPS.
 *
 * @throws with a message fit for the container's status, when the image or its labels are not there.
 */
export async function pullImage(image: string): Promise<PulledImage> {
	const { host, name, reference } = parseReference(image);
	const scheme = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host) ? 'http' : 'https';
	const base = `${scheme}://${host}/v2/${name}`;
	const manifest = await fetchContent(`${base}/manifests/${reference}`, image, manifestTypes.join(', '));
	const digest = manifest.headers.get('docker-content-digest') ?? reference;
	const { config } = (await manifest.json()) as { config?: { digest?: string } };
	if (!config?.digest) throw new Error(`image ${image} has no configuration`);
	const blob = await fetchContent(`${base}/blobs/${config.digest}`, image, '*/*');
	const labels = ((await blob.json()) as { config?: { Labels?: Record<string, string> } }).config?.Labels ?? {};
	const { application, version, behaviour = 'good' } = labels;
	if (!application || !version)
		throw new Error(`image ${image} is none of the demo application: labels application and version are missing`);
	return { imageId: `${host}/${name}@${digest}`, application, version, behaviour };
}

/** `host[:port]/name:tag` or `host[:port]/name@sha256:…`. */
function parseReference(image: string): ImageReference {
	const match =
		/^(?<host>[^/]+)\/(?<name>[^@:]+)(?:@(?<digest>sha256:[0-9a-f]{64})|:(?<tag>[\w][\w.-]{0,127}))?$/.exec(image);
	const { host, name, digest, tag } = match?.groups ?? {};
	if (!host || !name)
		throw new Error(`image reference ${JSON.stringify(image)} is not host/name:tag or host/name@digest`);
	return { host, name, reference: digest ?? tag ?? 'latest' };
}

async function fetchContent(url: string, image: string, accept: string): Promise<Response> {
	const response = await fetch(url, {
		headers: { Accept: accept },
		signal: AbortSignal.timeout(pullTimeoutMs),
	}).catch((error: unknown) => {
		throw new Error(`the registry of image ${image} could not be reached`, { cause: error });
	});
	if (response.ok) return response;
	await response.body?.cancel();
	throw new Error(
		response.status === 404
			? `image ${image} is not found`
			: `the registry answered ${response.status} for image ${image}`,
	);
}
