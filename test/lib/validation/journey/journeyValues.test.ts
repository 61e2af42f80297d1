import { fillJson, fillText, namesIn } from '../../../../lib/validation/journey/fillValues';
import { fillStep } from '../../../../lib/validation/journey/fillStep';
import { journeySteps } from '../../../../lib/validation/journey/journeySchema';
import { JSON_POINTER, readPointer } from '../../../../lib/validation/journey/jsonPointer';
import { summarizeTimes } from '../../../../lib/validation/summarizeTimes';

const RFC_DOCUMENT = {
	foo: ['bar', 'baz'],
	'': 0,
	'a/b': 1,
	'c%d': 2,
	'e^f': 3,
	'g|h': 4,
	'i\\j': 5,
	'k"l': 6,
	' ': 7,
	'm~n': 8,
};

describe('readPointer', () => {
	it.each([
		['', RFC_DOCUMENT],
		['/foo', ['bar', 'baz']],
		['/foo/0', 'bar'],
		['/', 0],
		['/a~1b', 1],
		['/c%d', 2],
		['/e^f', 3],
		['/g|h', 4],
		['/i\\j', 5],
		['/k"l', 6],
		['/ ', 7],
		['/m~0n', 8],
		['/foo/2', undefined],
		['/toString', undefined],
		['/foo/0/length', undefined],
	])('%j reads what RFC 6901 says', (pointer, value) => {
		expect(JSON_POINTER.test(pointer)).toBe(true);
		expect(readPointer(RFC_DOCUMENT, pointer)).toEqual(value);
	});

	it.each(['foo', '/a~2b', '/a~'])('%j is no pointer', (pointer) => {
		expect(JSON_POINTER.test(pointer)).toBe(false);
	});
});

describe('values', () => {
	const values = new Map<string, string | number | boolean>([
		['id', 7],
		['name', 'a/b "c"?'],
	]);

	it('a place that is the whole text keeps the type of its value, one inside a text does not', () => {
		expect(fillJson({ id: '${id}', list: ['case ${id}', null, true], '${id}': 1 }, values)).toEqual({
			id: 7,
			list: ['case 7', null, true],
			'${id}': 1,
		});
	});

	it('a name that nobody gave stays as it is', () => {
		expect(fillText('${nobody} $id {id}', values)).toBe('${nobody} $id {id}');
	});

	it('finds the names in a whole value', () => {
		expect(namesIn({ a: ['${x}-${y}', 1], b: { c: '${z}' } })).toEqual(['x', 'y', 'z']);
	});

	it('a value cannot leave its place in a path, nor the path its host', () => {
		const [step] = journeySteps.parse([{ name: 'a', path: '//other.example.com/${user}' }]);
		const request = fillStep(step!, {
			baseUrl: 'https://api.example.com/v1/',
			values: new Map([['user', '../x?y=1#z@h']]),
		});
		expect(request.url).toBe('https://api.example.com/v1//other.example.com/..%2Fx%3Fy%3D1%23z%40h');
	});
});

describe('the steps of a journey', () => {
	const login = { name: 'log in', path: '/login', extract: { token: '/token' } };

	it('are completed with what is usual', () => {
		expect(journeySteps.parse([login])).toEqual([
			{
				name: 'log in',
				method: 'GET',
				path: '/login',
				headers: {},
				expect: { statuses: [200], json: {} },
				extract: { token: { pointer: '/token', show: false } },
				retry: true,
				cleanup: false,
			},
		]);
	});

	it.each([
		['nothing', [], /nothing would be checked/],
		['only clean-up', [{ name: 'a', path: '/', cleanup: true }], /nothing would be checked/],
		['a name twice', [login, { name: 'log in', path: '/' }], /named twice/],
		['a value nobody gave', [{ name: 'a', path: '/${id}' }], /\$\{id\} is neither given nor extracted/],
		['a value of a later step', [{ name: 'a', path: '/${token}' }, login], /\$\{token\} is neither/],
		['a value in what is expected', [{ name: 'a', path: '/', expect: { json: { '/a': '${b}' } } }], /\$\{b\}/],
		['a name taken twice', [login, { ...login, name: 'again' }], /stands for something already/],
		['a name that is given', [{ ...login, extract: { password: '/p' } }], /stands for something already/],
		['bytes nobody sent', [{ name: 'a', path: '/', expect: { bytesOf: 'upload' } }], /no earlier step .*upload/],
		['a body and a file', [{ name: 'a', path: '/', method: 'POST', body: {}, file: {} }], /one of them/],
		['a GET with a body', [{ name: 'a', path: '/', body: {} }], /sends no body/],
		['a POST repeated', [{ name: 'a', path: '/', method: 'POST', timing: { samples: 9 } }], /only a GET/],
		['another host', [{ name: 'a', path: 'https://other.example.com/' }], /must start with \//],
		['a field nobody knows', [{ name: 'a', path: '/', expects: 200 }], /Unrecognized key/],
		['a pointer that is none', [{ name: 'a', path: '/', extract: { a: 'token' } }], /JSON pointer/],
	])('%s is refused', (_name, steps, message) => {
		const { error } = journeySteps.safeParse(steps);
		expect(error?.issues.map((issue) => JSON.stringify(issue)).join()).toMatch(message);
	});
});

describe('summarizeTimes', () => {
	it.each([
		[[], { p50Ms: null, p95Ms: null, p99Ms: null, maximumMs: null }],
		[[7], { p50Ms: 7, p95Ms: 7, p99Ms: 7, maximumMs: 7 }],
		[Array.from({ length: 100 }, (_, index) => 100 - index), { p50Ms: 50, p95Ms: 95, p99Ms: 99, maximumMs: 100 }],
		[[1, 2, 3, 1000], { p50Ms: 2, p95Ms: 1000, p99Ms: 1000, maximumMs: 1000 }],
	])('of %j names times that were measured', (times, expected) => {
		expect(summarizeTimes(times)).toEqual(expected);
	});
});
