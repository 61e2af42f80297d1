import type { V1Pod } from '@kubernetes/client-node';
import { pullImage } from './pullImage.ts';
import { resolveEnvironment } from './resolveEnvironment.ts';
import type { RunPodOptions } from './runPod.ts';

/** What a container is started with. */
export interface PreparedPod {
	readonly imageId: string;
	readonly environment: Readonly<Record<string, string>>;
	/** The container's `args`; its image's command is the demo application. */
	readonly args: readonly string[];
}

/** Why a container cannot be started: what its status says at first, and while it is tried again. */
export interface PodProblem {
	readonly problem: string;
	readonly afterwards: string;
	readonly message: string;
}

/** Pulls the image and gathers the environment: base, image, then the pod's own variables. Never throws. */
export async function preparePod(
	{ connection, podIp, baseEnvironment }: RunPodOptions,
	pod: V1Pod,
): Promise<PreparedPod | PodProblem> {
	const [container, ...others] = pod.spec?.containers ?? [];
	if (!container || others.length > 0)
		return configurationProblem(new Error('this kubelet runs pods of exactly one container'));
	if (container.command?.length)
		return configurationProblem(new Error('this kubelet runs the command of the image only'));
	const image = await pullImage(container.image ?? '').catch((error: unknown) => messageOf(error));
	if (typeof image === 'string') return { problem: 'ErrImagePull', afterwards: 'ImagePullBackOff', message: image };
	const { application, version, behaviour, imageId } = image;
	const ofImage = {
		APPLICATION: application,
		VERSION: version,
		BEHAVIOUR: behaviour,
		PORT: '0',
		POD_NAME: pod.metadata?.name ?? '',
	};
	try {
		return {
			imageId,
			args: container.args ?? [],
			environment: { ...baseEnvironment, ...ofImage, ...(await resolveEnvironment(connection, pod, podIp)) },
		};
	} catch (error) {
		return configurationProblem(error);
	}
}

function configurationProblem(error: unknown): PodProblem {
	return {
		problem: 'CreateContainerConfigError',
		afterwards: 'CreateContainerConfigError',
		message: messageOf(error),
	};
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
