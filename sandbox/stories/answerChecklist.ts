import { waitUntil } from './world.ts';
import { readSteps } from './ledgerView.ts';
import type { World } from './world.ts';

/** Of the form, in its order. */
const questions = 6;

/** Sends the form of the business validation, as whoever validated would, and waits until the answers are on record. */
export async function answerChecklist(
	world: World,
	{ id, person, answer }: { id: string; person: string; answer: 'yes' | 'no' },
): Promise<void> {
	const form = new FormData();
	// The third field is hidden: it says which checklist it is.
	const values = [id, person, 'business', ...Array.from({ length: questions }, () => answer), ''];
	for (const [index, value] of values.entries()) form.append(`field-${String(index)}`, value);
	const sent = await fetch(`${world.n8n.url}/form/business-checklist`, { method: 'POST', body: form });
	if (!sent.ok) throw new Error(`the business checklist was answered ${String(sent.status)}`);
	await waitUntil(
		'the answers are on record',
		async () => (await readSteps(world, id)).find(({ step_key }) => step_key === '4.3/business-checklist'),
		30_000,
	);
}
