import { defineErrors, RunbookError } from '../../../lib/support/runbookError';

const errors = defineErrors('BACKUP', {
	CHECKSUM_MISMATCH: {
		message: 'The dump {id} has checksum {found}, its manifest says {expected}',
		why: '{id} was damaged',
		fix: 'Create another backup than {id}',
	},
	STORAGE_BUSY: { message: 'busy', why: 'load', fix: 'wait', retryable: true },
});

describe('defineErrors', () => {
	it('gives errors with the full code and every text filled from the meta', () => {
		const cause = new Error('crc');
		const error = errors.CHECKSUM_MISMATCH({ id: 'b-1', found: 'aa', expected: 'bb' }, cause);
		expect(error).toBeInstanceOf(RunbookError);
		expect(error).toBeInstanceOf(Error);
		const { name, code, message, why, fix, retryable, meta } = error;
		expect({ name, code, message, why, fix, retryable, meta, cause: error.cause }).toEqual({
			name: 'RunbookError',
			code: 'BACKUP.CHECKSUM_MISMATCH',
			message: 'The dump b-1 has checksum aa, its manifest says bb',
			why: 'b-1 was damaged',
			fix: 'Create another backup than b-1',
			retryable: false,
			meta: { id: 'b-1', found: 'aa', expected: 'bb' },
			cause,
		});
	});

	it('leaves a placeholder standing when the meta does not name it', () => {
		expect(errors.CHECKSUM_MISMATCH({ id: 'b-1' }).message).toBe(
			'The dump b-1 has checksum {found}, its manifest says {expected}',
		);
	});

	it('fills a placeholder with a value that itself looks like one, once', () => {
		expect(errors.CHECKSUM_MISMATCH({ id: '{found}', found: 'aa' }).why).toBe('{found} was damaged');
	});

	it('says retryable only where the definition does', () => {
		expect(errors.STORAGE_BUSY().retryable).toBe(true);
	});

	it('has no cause when none was given', () => {
		expect('cause' in errors.STORAGE_BUSY()).toBe(false);
	});

	it('lists its definitions by full code', () => {
		expect(Object.keys(errors.definitions)).toEqual(['BACKUP.CHECKSUM_MISMATCH', 'BACKUP.STORAGE_BUSY']);
	});
});
