import { parser as createParser } from 'sax';
import type { FailedTest, SuiteReport } from './model';

/** Failures that are kept by name: more than this nobody reads in a verdict. */
const FAILURES_KEPT = 20;
const MESSAGE_LENGTH = 200;

/** A test while it is read. */
interface OpenTest {
	readonly name: string;
	readonly ms: number;
	skipped: boolean;
	message: string | undefined;
}

/**
 * Counts the test cases of JUnit XML; what a suite says of itself in attributes is not believed. The parser is strict, knows no
 * entities but XML's own five, and reads no DTD: nothing is expanded or loaded. Undefined for what is no well-formed JUnit XML.
 */
export function parseJunit(xml: string): SuiteReport | undefined {
	const parser = createParser(true, { strictEntities: true });
	let problem = false;
	let root: string | undefined;
	let open: OpenTest | undefined;
	let [tests, failed, skipped, durationMs] = [0, 0, 0, 0];
	const failures: FailedTest[] = [];
	parser.onerror = () => {
		problem = true;
		// It would throw at the next write otherwise.
		parser.error = null;
	};
	parser.ondoctype = () => (problem = true);
	parser.onopentag = ({ name, attributes }) => {
		root ??= name;
		if (name === 'testcase') open = openTest(attributes);
		if (!open) return;
		if (name === 'skipped') open.skipped = true;
		if (name === 'failure' || name === 'error') open.message ??= firstLine(attributes['message'] ?? name);
	};
	parser.onclosetag = (name) => {
		if (name !== 'testcase' || !open) return;
		tests += 1;
		durationMs += open.ms;
		if (open.message !== undefined) {
			failed += 1;
			if (failures.length < FAILURES_KEPT) failures.push({ name: open.name, message: open.message });
		} else if (open.skipped) skipped += 1;
		open = undefined;
	};
	parser.write(xml).close();
	if (problem || (root !== 'testsuites' && root !== 'testsuite')) return undefined;
	return { tests, failed, skipped, durationMs: Math.round(durationMs), failures };
}

function openTest(attributes: Readonly<Record<string, string>>): OpenTest {
	const { name = 'unnamed', classname = '', time = '' } = attributes;
	const seconds = Number(time);
	return {
		name: firstLine(classname === '' || classname === 'test' ? name : `${classname}: ${name}`),
		ms: seconds > 0 && Number.isFinite(seconds) ? seconds * 1000 : 0,
		skipped: false,
		message: undefined,
	};
}

function firstLine(text: string): string {
	const line = text.trim().split('\n', 1)[0] ?? '';
	return line.length > MESSAGE_LENGTH ? `${line.slice(0, MESSAGE_LENGTH)}…` : line;
}
