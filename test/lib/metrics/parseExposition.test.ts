import { parseExposition, seriesKey } from '../../../lib/metrics/parseExposition';

/** The complete example of the format's specification (Prometheus documentation, "Exposition formats", text format example). */
const PUBLISHED = String.raw`# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="0.1"} 33444
http_request_duration_seconds_bucket{le="0.2"} 100392
http_request_duration_seconds_bucket{le="0.5"} 129389
http_request_duration_seconds_bucket{le="1"} 133988
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# Finally a summary, which has a complex representation, too:
# HELP rpc_duration_seconds A summary of the RPC duration in seconds.
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds{quantile="0.05"} 3272
rpc_duration_seconds{quantile="0.5"} 4773
rpc_duration_seconds{quantile="0.9"} 9001
rpc_duration_seconds{quantile="0.99"} 76656
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
`;

describe('parseExposition', () => {
	it('reads the published example of the format whole', () => {
		const samples = parseExposition(PUBLISHED);
		const valueOf = (name: string, labels: Record<string, string> = {}) =>
			samples.find((sample) => seriesKey(sample) === seriesKey({ name, labels }))?.value;
		expect(samples).toHaveLength(20);
		expect(valueOf('http_requests_total', { code: '400', method: 'post' })).toBe(3);
		expect(
			valueOf('msdos_file_access_time_seconds', {
				path: 'C:\\DIR\\FILE.TXT',
				error: 'Cannot find file:\n"FILE.TXT"',
			}),
		).toBe(1_458_255_915);
		expect(valueOf('metric_without_timestamp_and_labels')).toBe(12.47);
		expect(valueOf('something_weird', { problem: 'division by zero' })).toBe(Infinity);
		expect(valueOf('http_request_duration_seconds_bucket', { le: '+Inf' })).toBe(144_320);
		expect(valueOf('http_request_duration_seconds_bucket', { le: '0.2' })).toBe(100_392);
		expect(valueOf('http_request_duration_seconds_count')).toBe(144_320);
		expect(valueOf('rpc_duration_seconds', { quantile: '0.99' })).toBe(76_656);
		expect(valueOf('rpc_duration_seconds_sum')).toBe(17_560_473);
	});

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
