/** A signal that aborts on Ctrl-C, termination, or when the terminal goes away. A second Ctrl-C changes nothing: the end is already under way. */
export function abortOnInterrupt(): AbortSignal {
	const controller = new AbortController();
	for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => controller.abort());
	return controller.signal;
}
