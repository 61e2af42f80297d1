import { z } from 'zod';
import { parse } from '../schemas';
import type { OwnershipOptions } from './checkOwnership';

const OBJECT = z
	.string()
	.regex(/^(Deployment|StatefulSet|DaemonSet|CronJob)\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'not of the form Kind/name');
const OWNERSHIP = z
	.object({
		others: z
			.array(z.object({ object: OBJECT, role: z.enum(['worker', 'cron', 'singleton', 'stateful']) }).strict())
			.default([]),
		accepted: z
			.array(z.string().regex(/^[a-z-]+:[A-Za-z]+\/[^\s/]+$/, 'not the name of a finding, as gitops:Service/api'))
			.default([]),
	})
	.strict();

/** The field "ownership": JSON text, the value itself, or nothing. @throws RunbookError PARAMETER.INVALID */
export function parseOwnership(value: unknown): OwnershipOptions {
	const { others, accepted } = parse(OWNERSHIP, {
		field: 'ownership',
		value: value === '' || value === null || value === undefined ? {} : value,
		remedy: 'Give an object such as {"others":[{"object":"CronJob/nightly","role":"cron"}],"accepted":[]}',
	});
	return { declared: others, accepted };
}
