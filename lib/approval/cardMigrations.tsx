import type { VNode } from 'preact';
import { Rehearsed } from './cardRehearsal';
import { formatBytes } from './format';
import type { BoundEvidence, ShownMigrationRisk, ShownRehearsal } from './model';

interface Props {
	readonly migrations: BoundEvidence['migrations'];
	/** Absent in evidence that was recorded before the migrations were linted. */
	readonly risks: readonly ShownMigrationRisk[] | undefined;
	/** Absent in evidence that was recorded before the migrations were rehearsed. */
	readonly rehearsal: readonly ShownRehearsal[] | undefined;
}

/** What is pending, and what it risks while the previous version serves. */
export function Migrations({ migrations, risks = [], rehearsal = [] }: Props): VNode {
	const isHeldBack = (name: string): boolean => risks.some((risk) => risk.name === name && risk.heldBack);
	const applied = (migrations ?? []).filter(({ name }) => !isHeldBack(name)).length;
	return (
		<>
			<h3>Database</h3>
			{migrations === null ? (
				<p>No migration is left to approve here.</p>
			) : migrations.length === 0 ? (
				<p>No migration is pending: the schema stays as it is.</p>
			) : (
				<>
					<p>
						{applied === 1 ? '1 migration' : `${applied} migrations`} will be applied
						{applied === migrations.length ? '' : `, and ${migrations.length - applied} stay pending`}:
					</p>
					<ul>
						{migrations.map(({ name, checksum }) => (
							<li>
								<span class="mono">{name}</span>
								<br />
								<span class="soft small">
									checksum <code>{checksum.slice(0, 12)}</code>
								</span>
								<Risk risk={risks.find((risk) => risk.name === name)} />
								{isHeldBack(name) ? null : (
									<Rehearsed rehearsal={rehearsal.find((one) => one.name === name)} />
								)}
							</li>
						))}
					</ul>
				</>
			)}
		</>
	);
}

const PHASES: Readonly<Record<string, string>> = {
	expand: 'the previous version can go on',
	contract: 'the previous version can not go on',
};

function Risk({ risk }: { readonly risk: ShownMigrationRisk | undefined }): VNode {
	if (risk === undefined) return <p class="soft small">Its risk was not assessed.</p>;
	return (
		<>
			<p class="small">
				<b>{risk.phase}</b>: {PHASES[risk.phase] ?? 'nobody can tell whether the previous version can go on'}
				{risk.declared ? ' (as its author declares)' : ''}
				{risk.heldBack ? '. It stays pending, for a release of its own' : ''}
			</p>
			{risk.risks.map((one) => (
				<p class="soft small">
					line {one.line}
					{one.table === '' ? '' : `, ${one.table}`}: {one.text}
					{one.lock === '' ? '' : ` · ${one.lock}`}
					{one.tableBytes === null ? '' : ` · ${formatBytes(one.tableBytes)}`}
				</p>
			))}
		</>
	);
}
