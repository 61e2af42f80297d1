import type { ComponentChildren, JSX } from 'preact';
import { describeCount, describeDuration } from '../describeText';
import type { OutcomeTone, ReportModel } from '../model';
import { Instant } from './marks';

const SIGNS: Readonly<Record<OutcomeTone, string>> = { good: '✓', stopped: '■', back: '↩', bad: '✕', open: '…' };

/** How it came out, at a glance, and whether the evidence holds. */
export function Banner({ report }: { readonly report: ReportModel }): JSX.Element {
	const { outcome, reason, pointOfNoReturn } = report.summary;
	const { broken, differences, links } = report.chain;
	return (
		<>
			<div class={`banner tone-${outcome.tone}`} role="status">
				<span class="sign" aria-hidden="true">
					{SIGNS[outcome.tone]}
				</span>
				<p class="word">{outcome.word}</p>
				<p class="text">
					{outcome.meaning} <strong>{outcome.todo}</strong>
					{reason === '' ? null : <span class="pre-line"> Recorded reason: {reason}</span>}
				</p>
			</div>
			{pointOfNoReturn ? (
				<Warning word="Past the point of no return">
					Going back loses data since <Instant at={pointOfNoReturn.since} /> (step {pointOfNoReturn.stepKey}):{' '}
					{pointOfNoReturn.reason}
				</Warning>
			) : null}
			{broken || differences.length > 0 ? (
				<Warning word="The record was changed">
					{broken ? `Link ${broken.sequence} of the hash chain does not hold: ${broken.problem}. ` : ''}
					{differences.join('; ')} Do not rely on this report before it is explained.
				</Warning>
			) : null}
			{links === 0 ? <Warning word="Not proven">The ledger holds no hash chain for this release.</Warning> : null}
		</>
	);
}

function Warning({ word, children }: { readonly word: string; readonly children: ComponentChildren }): JSX.Element {
	return (
		<div class="banner tone-bad" role="alert">
			<span class="sign" aria-hidden="true">
				!
			</span>
			<p class="word">{word}</p>
			<p class="text">{children}</p>
		</div>
	);
}

/** What was released, by whom, when. */
export function SummarySection({ report }: { readonly report: ReportModel }): JSX.Element {
	const { summary } = report;
	const { steps, override } = summary;
	const standings = (['passed', 'failed', 'inconclusive', 'started'] as const)
		.filter((state) => steps[state] > 0)
		.map((state) => `${steps[state]} ${state === 'started' ? 'open' : state}`);
	return (
		<section id="summary" aria-labelledby="summary-title">
			<h2 id="summary-title">Summary</h2>
			<dl class="facts">
				<Fact name="Release">
					<span class="mono">{summary.id}</span>
				</Fact>
				<Fact name="Environment">{summary.environment}</Fact>
				<Fact name="Version">{summary.version}</Fact>
				<Fact name="Commit">
					{summary.commit === '' ? 'not named' : <span class="mono">{summary.commit}</span>}
				</Fact>
				<Fact name="Started by">{summary.startedBy}</Fact>
				<Fact name="Authors (may not approve)">
					{summary.authors.length === 0 ? 'not named' : summary.authors.join(', ')}
				</Fact>
				<Fact name="Started">
					<Instant at={summary.startedAt} />
				</Fact>
				<Fact name="Finished">{summary.finishedAt ? <Instant at={summary.finishedAt} /> : 'not yet'}</Fact>
				<Fact name="Duration">
					{describeDuration(summary.durationMs)}
					{summary.waitedMs > 0 ? (
						<span class="soft"> ({describeDuration(summary.waitedMs)} for people)</span>
					) : null}
				</Fact>
				<Fact name="Traffic switched">
					{summary.switchedAt ? <Instant at={summary.switchedAt} /> : 'never'}
				</Fact>
				{summary.watchUntil ? (
					<Fact name="Watched until">
						<Instant at={summary.watchUntil} />
					</Fact>
				) : null}
				{summary.rollingBackAt ? (
					<Fact name="Rollback began">
						<Instant at={summary.rollingBackAt} />
					</Fact>
				) : null}
				<Fact name="Steps">{standings.length === 0 ? 'none recorded' : standings.join(', ')}</Fact>
				<Fact name="Resumed">{summary.resumes === 0 ? 'never' : describeCount(summary.resumes, 'time')}</Fact>
				<Fact name="Point of no return">
					{summary.pointOfNoReturn ? <Instant at={summary.pointOfNoReturn.since} /> : 'not passed'}
				</Fact>
				<Fact name="Change calendar">
					{override ? `overridden by ${override.person}: ${override.reason}` : 'not overridden'}
				</Fact>
				<Fact name="n8n execution">{summary.executionId === '' ? 'not recorded' : summary.executionId}</Fact>
				<Fact name="Delivery">
					{summary.deliveryId === '' ? 'none' : <span class="mono">{summary.deliveryId}</span>}
				</Fact>
				<div class="wide">
					<dt>Images</dt>
					{summary.images.length === 0 ? <dd>none recorded</dd> : null}
					{summary.images.map(({ workload, image }) => (
						<dd>
							{workload}: <code>{image}</code>
						</dd>
					))}
				</div>
			</dl>
		</section>
	);
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
	return (
		<div>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}
