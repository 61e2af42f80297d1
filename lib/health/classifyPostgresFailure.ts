import { classifyNetworkFailure, type NetworkFailure } from '../support/networkFailure';

/** Why a server that we reached would not serve us, by SQLSTATE. */
const REASONS: Readonly<Record<string, string>> = {
	'28P01': 'the password was refused',
	'28000': 'the server refuses this user or host',
	'3D000': 'the database does not exist',
	'53300': 'the server has no connection left',
	'57P01': 'the server is shutting down',
	'57P02': 'the server crashed',
	'57P03': 'the server is starting up or shutting down',
	'42501': 'the user may not ask',
};

/** A server that answers with an SQLSTATE was reached, so it failed; for the rest the network's classification holds. */
export function classifyPostgresFailure(error: unknown): NetworkFailure {
	const { code } = (error ?? {}) as { code?: unknown };
	if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code)) {
		return {
			kind: 'failed',
			reason: `${REASONS[code] ?? 'the server refused the query'} (SQLSTATE ${code})`,
			code,
		};
	}
	const failure = classifyNetworkFailure(error);
	// The driver gives no code when its own connect timeout strikes or the server closes the connection before an answer.
	return failure.code === ''
		? { kind: 'failed', reason: 'the server did not complete the connection', code: '' }
		: failure;
}
