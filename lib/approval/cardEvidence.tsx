import type { VNode } from 'preact';
import type { Sample } from '../release/model';
import { formatBytes, formatCount, formatMeasurement, formatTime, titleOf } from './format';
import type { ShownBackup, ShownCheck, ShownOldCode } from './model';

const MARKS: Readonly<Record<ShownCheck['state'], readonly [string, string]>> = {
	passed: ['✓', 'passed'],
	failed: ['✕', 'failed'],
	inconclusive: ['?', 'inconclusive'],
	started: ['…', 'under way'],
};

const UNPROVEN = ['–', 'proves nothing'] as const;

/** What was checked: what did not pass first, then what was measured, with its limit. */
export function Checks({ checks }: { readonly checks: readonly ShownCheck[] }): VNode {
	const measured = checks.filter(({ value, limit }) => value !== '' || limit !== '');
	const others = checks.filter((check) => !measured.includes(check));
	const unproven = others.filter(({ state, problem }) => state !== 'passed' || problem !== '');
	const passed = others.filter((check) => !unproven.includes(check));
	return (
		<section aria-labelledby="checks">
			<h2 id="checks">Evidence</h2>
			{checks.length === 0 ? <p>No check is recorded.</p> : null}
			<ul>
				{[...unproven, ...measured].map((check) => (
					<Check {...check} />
				))}
			</ul>
			{passed.length === 0 ? null : (
				<details class="plain" open={passed.length <= 3}>
					<summary>{passed.length === 1 ? '1 check passed' : `${passed.length} checks passed`}</summary>
					<ul>
						{passed.map((check) => (
							<Check {...check} />
						))}
					</ul>
				</details>
			)}
		</section>
	);
}

function Check({ title, itemKey, state, value, limit, problem, stepKey }: ShownCheck): VNode {
	const isUnproven = state === 'passed' && problem !== '';
	const [mark, word] = isUnproven ? UNPROVEN : MARKS[state];
	return (
		<li class={isUnproven ? 'inconclusive' : state}>
			<div class="row">
				<span>
					<span class="mark" role="img" aria-label={word}>
						{mark}
					</span>
					{title}
					{itemKey === '' ? '' : ` (${itemKey})`} <span class="soft small">{stepKey.split('/')[0]}</span>
				</span>
				{value === '' && limit === '' ? null : (
					<span class="number">
						<b>{value || 'no value'}</b>
						{limit === '' ? null : <span class="limit">limit {limit}</span>}
					</span>
				)}
			</div>
			{problem === '' ? null : <div class="soft small">{problem}</div>}
		</li>
	);
}

/** Said where the configuration has no staging: an approval is then given without that proof. */
export function NoStaging(): VNode {
	return (
		<section class="notice bad" aria-labelledby="staging">
			<h2 id="staging">Staging</h2>
			<p>There is no staging, says the configuration. These images have run nowhere but on the idle colour.</p>
		</section>
	);
}

/** Said where going back is not proven to help, or where the version that stays is not proven to live with what is taken away. */
export function NotProven({ reason, servesOn }: ShownOldCode): VNode {
	if (servesOn)
		return (
			<section class="notice bad" aria-labelledby="unproven">
				<h2 id="unproven">The version that serves is NOT proven without it</h2>
				<p>That version on the schema to come: {reason}.</p>
				<p>
					There is no older version to go back to. If it failed there, nothing is taken away, whoever
					approves.
				</p>
			</section>
		);
	return (
		<section class="notice bad" aria-labelledby="unproven">
			<h2 id="unproven">Rollback NOT proven</h2>
			<p>The previous version on the new schema: {reason}.</p>
			<p>Nothing goes back by itself in this release: the watch pages a person, who decides.</p>
		</section>
	);
}

/** The backup that could be restored. */
export function Backup({ backup }: { readonly backup: ShownBackup | null }): VNode {
	const time = (iso: string): string => (iso === '' ? 'unknown' : formatTime(new Date(iso)));
	return (
		<section aria-labelledby="backup" class={backup ? '' : 'notice bad'}>
			<h2 id="backup">Backup</h2>
			{backup === null ? (
				<p>There is no verified backup.</p>
			) : (
				<dl>
					<dt>Taken</dt>
					<dd>{time(backup.takenAt)}</dd>
					<dt>Verified</dt>
					<dd>
						{time(backup.verifiedAt)}, restored and compared: {formatCount(backup.tables)} tables,{' '}
						{formatCount(backup.rows)} rows
					</dd>
					<dt>Size</dt>
					<dd>{formatBytes(backup.sizeBytes)}</dd>
					<dt>Name</dt>
					<dd class="mono">{backup.backupId}</dd>
				</dl>
			)}
		</section>
	);
}

/** The newest measurements; nothing when there are none. */
export function Samples({ samples }: { readonly samples: readonly Sample[] }): VNode | null {
	if (samples.length === 0) return null;
	return (
		<section aria-labelledby="live">
			<h2 id="live">Live, as last measured</h2>
			<ul>
				{samples.map(({ metric, target, value, problem, takenAt }) => (
					<li class="row">
						<span>
							{titleOf(metric)} <span class="soft small">{target}</span>
						</span>
						<span class="number">
							<b>{value === null ? 'no value' : formatMeasurement(metric, value)}</b>
							<span class="limit">{problem || `${takenAt.slice(11, 19)} UTC`}</span>
						</span>
					</li>
				))}
			</ul>
		</section>
	);
}
