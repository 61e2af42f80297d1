import { COMBINED } from './combinedCases';
import { describeKilled } from './describeKilled';

describe('releases whose workers are killed with SIGKILL and started again', () =>
	describeKilled('queue', COMBINED.queue));
