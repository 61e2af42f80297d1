import { z } from 'zod';
import type { ParameterReader } from '../shared/operation';
import { readJson } from '../shared/readJson';
import { imageOfRelease, PIN_IT, PINNED, releaseImages } from './pinnedImage';
import { SUITE_NAME, variables, words, type SuiteOrder } from './suiteJob';

const suite = z
	.object({
		name: z.string().regex(SUITE_NAME, 'is not a short name such as critical-path'),
		/** Whose image of the release holds the suite. */
		workload: z.string().min(1).optional(),
		/** Or an image of its own. */
		image: z.string().regex(PINNED, PIN_IT).optional(),
		command: words.default([]),
		arguments: words.default([]),
		environment: variables.default({}),
		environmentFrom: words.default([]),
		serviceAccount: z.string().default(''),
		deadlineSeconds: z.number().int().min(5).max(7200).default(600),
		leastTests: z.number().int().min(1).max(100_000).default(1),
	})
	.strict()
	.refine(({ workload, image }) => (workload === undefined) !== (image === undefined), {
		message: 'give either the workload whose image holds the suite, or an image of its own',
	});

const suites = z
	.array(suite)
	.refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'a suite is named twice');

const REMEDY =
	'Give a list such as [{"name": "smoke", "workload": "api", "command": ["npm", "run", "test:smoke"]}], or [] when there is none';

/** The suites of a configuration, with the images that hold them. An empty list is one; none at all is not. @throws RunbookError PARAMETER.INVALID */
export function readSuites(context: ParameterReader, itemIndex: number, namespace: string): SuiteOrder[] {
	const listed = readJson(context, { itemIndex, name: 'suites', schema: suites, remedy: REMEDY });
	const images = readJson(context, {
		itemIndex,
		name: 'listImages',
		schema: releaseImages,
		whenAbsent: [],
		remedy: 'Leave the expression that reads the images of the release',
	});
	return listed.map(({ name, workload, image, arguments: args, environmentFrom: secrets, ...rest }, index) => ({
		...rest,
		suite: name,
		namespace,
		args,
		secrets,
		image: image ?? imageOfRelease(workload ?? '', { images, field: `suites.${index}.workload` }),
	}));
}
