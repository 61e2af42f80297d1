import { parseExposition, seriesKey } from '../../../lib/metrics/parseExposition';

describe('parseExposition', () => {
	it('reads every form of the format', () => {
		const text = [
			'# HELP http_requests_total The total number of HTTP requests.',
			'# TYPE http_requests_total counter',
			'http_requests_total{method="post",code="200"} 1027 1395066363000',
			'http_requests_total{method="post",code="400"}    3 1395066363000',
			'',
			'# Escaping in label values:',
			'msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9',
			'metric_without_timestamp_and_labels 12.47',
			'something_weird{problem="division by zero"} +Inf -3982045',
			'\t spaced \t { a = "b c} d" , e="f", } \t -.5e-3 \t',
			'nothing{} NaN',
			'below -inf',
			'',
		].join('\n');
		expect(parseExposition(text)).toEqual([
			{ name: 'http_requests_total', labels: { method: 'post', code: '200' }, value: 1027 },
			{ name: 'http_requests_total', labels: { method: 'post', code: '400' }, value: 3 },
			{
				name: 'msdos_file_access_time_seconds',
				labels: { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' },
				value: 1_458_255_915,
			},
			{ name: 'metric_without_timestamp_and_labels', labels: {}, value: 12.47 },
			{ name: 'something_weird', labels: { problem: 'division by zero' }, value: Infinity },
			{ name: 'spaced', labels: { a: 'b c} d', e: 'f' }, value: -0.0005 },
			{ name: 'nothing', labels: {}, value: Number.NaN },
			{ name: 'below', labels: {}, value: -Infinity },
		]);
	});

	it.each([
		['an unknown line', 'a 1\nhello world there\n', 2],
		['a value that is none', 'a 1\nb one\n', 2],
		['a value that JavaScript takes for 0', 'a \n', 1],
		['a hexadecimal value', 'a 0x10\n', 1],
		['something behind the timestamp', 'a 1 2 3\n', 1],
		['a timestamp with a fraction', 'a 1 2.5\n', 1],
		['an exemplar of another format', 'a_bucket{le="1"} 1 # {trace_id="x"} 0.5\n', 1],
		['a name that begins with a digit', '1a 1\n', 1],
		['labels without a value', 'a{b} 1\n', 1],
		['labels without quotes', 'a{b=c} 1\n', 1],
		['an open quote', 'a{b="c} 1\n', 1],
		['an unknown escape', 'a{b="\\t"} 1\n', 1],
		['no comma between labels', 'a{b="c" d="e"} 1\n', 1],
		['only a comma as labels', 'a{,} 1\n', 1],
		['a label twice', 'a{b="c",b="d"} 1\n', 1],
		['a series twice, its labels in another order', 'a{b="c",d="e"} 1\na{d="e",b="c"} 2\n', 2],
		['a TYPE twice', '# TYPE a counter\n# TYPE a counter\n', 2],
		['a TYPE of another kind', '# TYPE a info\n', 1],
		['a page that was cut off in a number', 'a 1\nb 1234', 2],
		['an HTML page', '<!doctype html>\n', 1],
	])('refuses %s', (_name, text, line) => {
		expect(() => parseExposition(text)).toThrow(
			expect.objectContaining({
				code: 'METRICS.EXPOSITION_INVALID',
				meta: expect.objectContaining({ line }),
			}) as Error,
		);
	});

	it('an empty page holds no series', () => {
		expect(parseExposition('')).toEqual([]);
	});

	it('the order of labels makes no other series', () => {
		expect(seriesKey({ name: 'a', labels: { x: '1', y: '2' } })).toBe(
			seriesKey({ name: 'a', labels: { y: '2', x: '1' } }),
		);
		expect(seriesKey({ name: 'a', labels: { x: '1,y=2' } })).not.toBe(
			seriesKey({ name: 'a', labels: { x: '1', y: '2' } }),
		);
	});

	it('reads a label named as a property of every object', () => {
		expect(parseExposition('a{__proto__="x",constructor="y"} 1\n')[0]?.labels.constructor).toBe('y');
	});
});
