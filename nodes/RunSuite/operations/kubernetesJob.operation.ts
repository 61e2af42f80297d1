import type { Json } from '../../../lib/release/model';
import { parameterErrors } from '../../../lib/support/errors';
import { runSuite } from '../../../lib/validation/suite/runSuite';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, ParameterReader } from '../../shared/operation';
import { readJson } from '../../shared/readJson';
import { readNumber } from '../../shared/readNumber';
import { splitList } from '../../shared/splitList';
import { imageOfRelease, PIN_IT, PINNED, releaseImages } from '../pinnedImage';
import { suiteCluster } from '../suiteClusterCredential';
import { suiteFields } from '../suiteFields';
import { jobOf, SUITE_NAME, variables, words, type SuiteOrder } from '../suiteJob';

interface Parameters extends SuiteOrder {
	readonly pollMs: number;
}

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
	run: async ({ parameters, release, open, clock, signal, log }) => {
		const { cluster, namespace } = await open(suiteCluster);
		const { leastTests, pollMs, ...order } = parameters;
		const job = jobOf({ ...order, leastTests }, { release, namespace });
		const { verdict, ...result } = await runSuite(cluster, job, { leastTests, pollMs, clock, signal, log });
		return { verdict, result: result as unknown as Json };
	},
};

const WORDS = 'Give a JSON list of words such as ["run", "test:critical-path"]';

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
		return matching(context, itemIndex, { name: 'image', pattern: PINNED, remedy: PIN_IT });
	const images = readJson(context, {
		itemIndex,
		name: 'images',
		schema: releaseImages,
		remedy: 'Leave the expression that reads the images of the release',
	});
	return imageOfRelease(readText(context, itemIndex, 'workload'), { images, field: 'workload' });
}
