/** The steps behind a gate, in order; the last is the change that it gives permission for. */
export function guardedSteps(guards: string): string[] {
	return guards.split(',').map((stepKey) => stepKey.trim());
}
