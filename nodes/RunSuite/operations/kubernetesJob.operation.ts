import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Json } from '../../../lib/release/model';
import { parameterErrors } from '../../../lib/support/errors';
import type { SuiteJob } from '../../../lib/validation/suite/model';
import { runSuite } from '../../../lib/validation/suite/runSuite';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, OperationContext, ParameterReader } from '../../shared/operation';
import { readJson } from '../../shared/readJson';
import { readNumber } from '../../shared/readNumber';
import { splitList } from '../../shared/splitList';
import { suiteCluster } from '../suiteClusterCredential';
import { suiteFields } from '../suiteFields';

interface Parameters extends Omit<SuiteJob, 'name' | 'release'> {
	readonly suite: string;
	readonly leastTests: number;
	readonly pollMs: number;
}

/** `repository@sha256:…`, with a tag or without. */
const PINNED = /^[^\s@]+@sha256:[0-9a-f]{64}$/;
const SUITE_NAME = /^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/;
const words = z.array(z.string());
const variables = z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'is no name of a variable'), z.string());
const images = z.array(z.object({ workload: z.string(), image: z.string() }).passthrough());

/** Runs the operators' own tests as a Kubernetes Job and judges the JUnit report that they print. */
export const kubernetesJob: Operation<Parameters> = {
	name: 'kubernetesJob',
	kind: 'verdict',
	description: fieldsOf('kubernetesJob', suiteFields),
	deadlineMs: ({ deadlineSeconds }) => deadlineSeconds * 1000 + 180_000,
	readParameters: (context, itemIndex) => ({
		suite: matching(context, itemIndex, {
			name: 'suite',
			pattern: SUITE_NAME,
			remedy: 'Give a short name such as critical-path',
		}),
		namespace: readText(context, itemIndex, 'namespace'),
		image: readImage(context, itemIndex),
		command: readJson(context, { itemIndex, name: 'command', schema: words, whenAbsent: [], remedy: WORDS }),
		args: readJson(context, { itemIndex, name: 'arguments', schema: words, whenAbsent: [], remedy: WORDS }),
		environment: readJson(context, {
			itemIndex,
			name: 'environment',
			schema: variables,
			whenAbsent: {},
			remedy: 'Give a JSON object such as {"BASE_URL": "https://api.example.com"}',
		}),
		secrets: splitList(readText(context, itemIndex, 'environmentFrom')),
		serviceAccount: readText(context, itemIndex, 'serviceAccount'),
		deadlineSeconds: readNumber(context, {
			itemIndex,
			name: 'deadlineSeconds',
			minimum: 5,
			maximum: 7200,
			whole: true,
		}),
		leastTests: readNumber(context, { itemIndex, name: 'leastTests', minimum: 1, maximum: 100_000, whole: true }),
		pollMs: readNumber(context, { itemIndex, name: 'pollSeconds', minimum: 0.2, maximum: 60 }) * 1000,
	}),
	plan: ({ suite, image, command, args }) => ({ key: '', inputs: { suite, image, command, args } }),
	run: async (context) => {
		const { parameters, clock, signal, log } = context;
		const { cluster, namespace } = await context.open(suiteCluster);
		const { suite: _suite, leastTests, pollMs, ...rest } = parameters;
		const job = { ...rest, ...jobOf(context), namespace: parameters.namespace || namespace };
		const { verdict, ...result } = await runSuite(cluster, job, { leastTests, pollMs, clock, signal, log });
		return { verdict, result: result as unknown as Json };
	},
};

const WORDS = 'Give a JSON list of words such as ["run", "test:critical-path"]';

/** The same suite of the same release has the same name: a run that is resumed finds the Job of the one that was killed. */
function jobOf({ release, parameters }: OperationContext<Parameters>): { name: string; release: string } {
	const { suite, image, command, args, environment } = parameters;
	const identity = release ? JSON.stringify([release.id, suite, image, command, args, environment]) : randomUUID();
	const hash = createHash('sha256').update(identity).digest('hex').slice(0, 10);
	return { name: `suite-${suite}-${hash}`, release: release?.id ?? '' };
}

function readText(context: ParameterReader, itemIndex: number, name: string): string {
	const value: unknown = context.getNodeParameter(name, itemIndex, '');
	return typeof value === 'string' ? value.trim() : '';
}

function matching(
	context: ParameterReader,
	itemIndex: number,
	{ name, pattern, remedy }: { name: string; pattern: RegExp; remedy: string },
): string {
	const value = readText(context, itemIndex, name);
	if (pattern.test(value)) return value;
	throw parameterErrors.INVALID({ field: name, problem: `"${value}" is not of that form`, remedy });
}

/** The image given, or the release's image of a workload. @throws RunbookError PARAMETER.INVALID for one that is not pinned by digest */
function readImage(context: ParameterReader, itemIndex: number): string {
	if (context.getNodeParameter('imageFrom', itemIndex, 'given') !== 'release')
		return matching(context, itemIndex, {
			name: 'image',
			pattern: PINNED,
			remedy: 'Pin the image: registry.example.com/tests@sha256:… A tag can be moved between two releases',
		});
	const workload = readText(context, itemIndex, 'workload');
	const known = readJson(context, {
		itemIndex,
		name: 'images',
		schema: images,
		remedy: 'Leave the expression that reads the images of the release',
	});
	const image = known.find((one) => one.workload === workload)?.image ?? '';
	if (PINNED.test(image)) return image;
	throw parameterErrors.INVALID({
		field: 'workload',
		problem: `the release has no image of "${workload}" with a digest`,
		remedy: `Name one of: ${known.map((one) => one.workload).join(', ')}`,
	});
}
