import { z } from 'zod';

const text = z.string().trim().min(1, 'must not be empty');

/** The parameter `targets` of TCP: at least one target, each with a name of its own. */
export const tcpTargets = z
	.array(z.object({ name: text, host: text, port: z.number().int().min(1).max(65_535) }).strict())
	.min(1, 'there is no target: nothing would be checked')
	.refine((targets) => new Set(targets.map(({ name }) => name)).size === targets.length, 'a target is named twice');
