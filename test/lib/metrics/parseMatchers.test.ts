import { parseMatchers } from '../../../lib/metrics/parseMatchers';

const LABELS = { status: '502', route: '/cases', method: 'GET' };

describe('parseMatchers', () => {
	it.each([
		['', true],
		['status="502"', true],
		['status="50"', false],
		['status=~"5.."', true],
		['status=~"5."', false],
		['status=~"4..|5.."', true],
		['status!~"5.."', false],
		['route!="/health"', true],
		['route!="/cases"', false],
		['missing=""', true],
		['missing="x"', false],
		['missing!="x"', true],
		['missing=~".+"', false],
		['constructor=""', true],
		[' status =~ "5.." , route="/cases", ', true],
		['status=~"5..",method="POST"', false],
	])('%s: %s', (text, meant) => {
		expect(parseMatchers(text, 'matchers')(LABELS)).toBe(meant);
	});

	it.each(['status', 'status=5', 'status="5" route="x"', 'status=~"(5"', 'status="5', ',', 'status=="5"'])(
		'refuses %s and names the field',
		(text) => {
			expect(() => parseMatchers(text, 'errorMatchers')).toThrow(/errorMatchers/);
		},
	);
});
