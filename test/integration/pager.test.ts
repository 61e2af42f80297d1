import type { ICredentialTestFunctions } from 'n8n-workflow';
import { Pager } from '../../nodes/Pager/Pager.node';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

const { pager } = sandboxEndpoints();
const page = {
	operation: 'send',
	action: 'trigger',
	summary: 'Release 2 was rolled back',
	severity: 'critical',
	source: 'production',
	links: '[]',
	customDetails: '{}',
	deadlineSeconds: 20,
	onFailure: 'error',
};
const dedupKey = `pager-test-${process.pid}-${Date.now()}`;

interface Received {
	readonly kind: string;
	readonly action?: string;
	readonly dedupKey?: string;
	readonly event: { readonly payload?: Readonly<Record<string, unknown>>; readonly links?: unknown };
}

async function send(change: object = {}, routingKey = pager.routingKey): Promise<unknown> {
	const { context, logged } = fakeExecuteContext({
		parameters: { ...page, dedupKey, ...change },
		credentials: { pagerDutyEvents: { routingKey, baseUrl: pager.url } },
	});
	const outputs = await new Pager().execute.call(context);
	expect(JSON.stringify(outputs) + logged.join()).not.toContain(routingKey);
	return outputs[0]?.[0]?.json.page;
}

/** What the inbox has got of this test. */
async function inbox(): Promise<Received[]> {
	const events = (await (await fetch(pager.inboxUrl)).json()) as Received[];
	return events.filter((event) => event.dedupKey === dedupKey || event.event.payload?.source === dedupKey);
}

describe('Pager against an inbox that speaks the Events API', () => {
	it('opens, acknowledges and resolves one incident, and marks a change', async () => {
		const links = [{ href: 'https://n8n.example.com/executions/1', text: 'Execution' }];
		expect(await send({ links, customDetails: { version: '2' } })).toEqual({
			status: 'accepted',
			action: 'trigger',
			dedupKey,
			confirmed: false,
			attempts: 1,
		});
		await send({ action: 'acknowledge' });
		await send({ action: 'resolve' });
		expect(await send({ action: 'change', source: dedupKey })).toMatchObject({ status: 'accepted', dedupKey: '' });
		const received = await inbox();
		expect(received.map(({ kind, action }) => [kind, action])).toEqual([
			['alert', 'trigger'],
			['alert', 'acknowledge'],
			['alert', 'resolve'],
			['change', undefined],
		]);
		expect(received[0]?.event).toMatchObject({
			links,
			payload: { severity: 'critical', custom_details: { version: '2' } },
		});
	});

	it('is accepted at the third attempt when the pager is throttled and then broken', async () => {
		const fail = async (status: number): Promise<unknown> =>
			await fetch(`${pager.url}/fail`, { method: 'POST', body: JSON.stringify({ status, times: 1 }) });
		await fail(429);
		await fail(502);
		expect(await send()).toMatchObject({ attempts: 3 });
	});

	it('a wrong routing key is refused at once and shown nowhere', async () => {
		const error: unknown = await send({}, 'canarywrongkey47110000000000000').catch((caught: unknown) => caught);
		expect(String(error)).toMatch(/routing_key.*PAGING\.REFUSED/);
		expect(JSON.stringify(error)).not.toContain('canarywrongkey4711');
	});

	it('the credential test tells a good key from a bad one and leaves the inbox empty', async () => {
		const count = async (): Promise<number> => ((await (await fetch(pager.inboxUrl)).json()) as unknown[]).length;
		const before = await count();
		const test = async (routingKey: string) =>
			await new Pager().methods.credentialTest.pagerDutyConnection.call({} as ICredentialTestFunctions, {
				id: '1',
				name: 'p',
				type: 'pagerDutyEvents',
				data: { routingKey, baseUrl: pager.url },
			});
		expect(await test(pager.routingKey)).toMatchObject({ status: 'OK' });
		expect(await test('wrong')).toMatchObject({ status: 'Error' });
		expect(await count()).toBe(before);
	});
});
