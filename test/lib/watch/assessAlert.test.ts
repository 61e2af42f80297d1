import type { Alert, AlertLevel } from '../../../lib/release/watchStore';
import { assessAlert } from '../../../lib/watch/assessAlert';

const open = (level: AlertLevel): Alert => ({ signal: 'health', level, pagedAtMs: 0, acknowledged: false });

describe('whom the watch tells', () => {
	it.each<[string, Alert | undefined, AlertLevel | null, boolean, string]>([
		['calm and nothing open', undefined, null, true, 'keep'],
		['a warning opens', undefined, 'warning', false, 'page'],
		['it stays a warning', open('warning'), 'warning', false, 'keep'],
		['it rises', open('warning'), 'critical', false, 'page'],
		['it rises to what rolls back', open('critical'), 'rollback', false, 'page'],
		['it falls and is not calm yet', open('critical'), 'warning', false, 'keep'],
		['it stands below every limit, not for long enough', open('critical'), null, false, 'keep'],
		['it is calm for long enough', open('critical'), null, true, 'resolve'],
		['it cannot be told', undefined, 'unknown', false, 'page'],
		['it was critical and cannot be told now', open('critical'), 'unknown', false, 'keep'],
	])('%s', (_, alert, level, cleared, change) => {
		expect(assessAlert(alert, { level, cleared }, { quiet: false }).change).toBe(change);
	});

	it('too little traffic at night wakes nobody, and still does not hide a warning', () => {
		expect(assessAlert(undefined, { level: 'unknown', cleared: false }, { quiet: true }).change).toBe('keep');
		expect(assessAlert(undefined, { level: 'warning', cleared: false }, { quiet: true }).change).toBe('page');
	});
});
