import { text } from 'node:stream/consumers';
import type { INodeType } from 'n8n-workflow';
import { KubernetesRollout } from '../../../nodes/KubernetesRollout/KubernetesRollout.node';
import { PostgresBackup } from '../../../nodes/PostgresBackup/PostgresBackup.node';
import { PrismaMigrate } from '../../../nodes/PrismaMigrate/PrismaMigrate.node';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import type { ChildWork } from '../runInChild';

/** Executes one node as n8n does, with what standard input says, and prints the outcome as one line. */
const NODES: Readonly<Record<ChildWork['node'], new () => INodeType>> = {
	KubernetesRollout,
	PostgresBackup,
	PrismaMigrate,
};

async function work(): Promise<void> {
	const { node, parameters, credentials } = JSON.parse(await text(process.stdin)) as ChildWork;
	const { context } = fakeExecuteContext({ parameters, credentials });
	try {
		const outputs = await new NODES[node]().execute?.call(context);
		print({ outputs });
	} catch (error) {
		print({ error: error instanceof Error ? error.message : String(error) });
	}
}

function print(outcome: object): void {
	process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit());
}

void work();
