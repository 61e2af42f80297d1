import { COMBINED } from './combinedCases';
import { describeKilled } from './describeKilled';

describe('releases whose n8n is killed with SIGKILL and started again', () =>
	describeKilled('regular', COMBINED.regular));
