import { classifyNetworkFailure } from '../../support/networkFailure';

/** Why a database could not be asked, without its message: a SQLSTATE, or what the network says. */
export function describeSourceFailure(error: unknown): string {
	const code = (error as { code?: unknown } | null)?.code;
	if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return `the database refuses (SQLSTATE ${code})`;
	return `the database cannot be reached: ${classifyNetworkFailure(error).reason}`;
}
