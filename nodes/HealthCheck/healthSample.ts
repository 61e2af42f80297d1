import type { TargetResult } from '../../lib/health/model';
import type { Sample } from '../../lib/release/model';
import type { Clock } from '../../lib/support/clock';
import { takeSample } from '../shared/takeSample';

/** A target's latest answer as the ledger keeps it: 1 healthy, 0 not, no value when it could not be asked. */
export function healthSample(clock: Clock, { name, verdict, reason }: TargetResult): Sample {
	const value = verdict === 'inconclusive' ? null : verdict === 'passed' ? 1 : 0;
	return takeSample(clock, { metric: 'health', target: name, value, problem: value === 1 ? '' : reason });
}
