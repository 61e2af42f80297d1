import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';

export const ROLLBACK_USAGE = `Rolls back to what was live before a release, with nothing but the cluster: no n8n, no ledger, no pager.

  n8n-nodes-deployment-runbook rollback --environment production [options]

  --environment NAME   what is rolled back; for the record of it
  --namespace NAME     namespace of the Services; otherwise the record's or the kubeconfig's
  --kubeconfig FILE    otherwise $KUBECONFIG, then ~/.kube/config
  --context NAME       otherwise the kubeconfig's current one
  --record FILE        the record.json of a release: a file, or s3://bucket/key (credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
                       AWS_REGION, AWS_ENDPOINT_URL); otherwise the annotations of the Services
  --reason TEXT        why, for the record
  --person NAME        who, for the record; otherwise the user of this machine
  --timeout SECONDS    how long the recorded version may take to be ready; 240
  --out FILE           where to write what was done; otherwise offline-rollback-<environment>.json
  --yes                do not ask

It ends with 0 when the recorded version serves, with 1 when it does not, with 2 when it was called wrongly or not confirmed.`;

export interface RollbackArguments {
	readonly environment: string;
	/** Empty: the record's, then the kubeconfig's. */
	readonly namespace: string;
	/** Empty: $KUBECONFIG, then ~/.kube/config. */
	readonly kubeconfig: string;
	readonly context: string;
	/** Empty: the annotations of the Services. */
	readonly record: string;
	readonly reason: string;
	readonly person: string;
	readonly timeoutMs: number;
	readonly out: string;
	readonly yes: boolean;
}

/** The command's arguments; what is wrong with them as text; undefined when help was asked for. */
export function parseRollbackArguments(args: readonly string[]): RollbackArguments | string | undefined {
	const text = { type: 'string', default: '' } as const;
	const flag = { type: 'boolean', default: false } as const;
	const options = {
		environment: text,
		namespace: text,
		kubeconfig: text,
		context: text,
		record: text,
		reason: text,
		person: text,
		timeout: { type: 'string', default: '240' },
		out: text,
		yes: flag,
		help: flag,
	} as const;
	try {
		const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
		const { help, timeout, environment, person, out, ...rest } = values;
		if (help) return undefined;
		if (!/^[a-z0-9][a-z0-9.-]*$/i.test(environment)) return '--environment NAME is missing or is no name';
		const seconds = Number(timeout);
		if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400)
			return '--timeout wants whole seconds, from 1 to 86400';
		return {
			...rest,
			environment,
			timeoutMs: seconds * 1000,
			person: person === '' ? userInfo().username : person,
			out: out === '' ? `offline-rollback-${environment}.json` : out,
		};
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
