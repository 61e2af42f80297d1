import type { JSX } from 'preact';
import { describeDuration } from '../describeText';
import type { ChangeReport, Json, Measurement, StepReport } from '../model';
import { Badge, Folded, Instant } from './marks';

/** Every check with value, limit and what was asked. */
export function CheckSection({ checks }: { readonly checks: readonly StepReport[] }): JSX.Element {
	return (
		<section id="checks" aria-labelledby="checks-title">
			<h2 id="checks-title">Checks</h2>
			{checks.length === 0 ? (
				<p class="empty">No check was recorded.</p>
			) : (
				<table class="cards fixed">
					<caption>Every number that was judged, with its limit and what was asked.</caption>
					<thead>
						<tr>
							<th scope="col" style="width:20%">
								Measured
							</th>
							<th scope="col" style="width:21%">
								Value
							</th>
							<th scope="col" style="width:13%">
								Limit
							</th>
							<th scope="col">Query or target</th>
							<th scope="col" style="width:118px">
								Verdict
							</th>
						</tr>
					</thead>
					<tbody>{checks.map(CheckRows)}</tbody>
				</table>
			)}
		</section>
	);
}

function CheckRows(step: StepReport): JSX.Element {
	return (
		<>
			<tr class="group">
				<th scope="colgroup" colSpan={4}>
					{step.title} <StepFacts step={step} />
					<ErrorLine step={step} />
					<Records step={step} />
				</th>
				<td>
					{step.kind === 'verdict' ? (
						<Badge state={step.state} />
					) : (
						<Badge state={null} word={`observed, ${step.state}`} />
					)}
				</td>
			</tr>
			{step.measurements.map(MeasurementRow)}
		</>
	);
}

function MeasurementRow({ subject, value, limit, query, verdict, reason }: Measurement): JSX.Element {
	return (
		<tr>
			<td data-label="Measured">{subject}</td>
			<td class="number" data-label="Value">
				{value === '' ? 'no value' : value}
				{reason === '' ? null : <div class="soft small pre-line">{reason}</div>}
			</td>
			<td class="number" data-label="Limit">
				{limit === '' ? '–' : limit}
			</td>
			<td data-label="Query or target">{query === '' ? '–' : <code>{query}</code>}</td>
			<td>{verdict === null ? null : <Badge state={verdict} />}</td>
		</tr>
	);
}

/** What was changed, and how each change is undone. */
export function ChangeSection({ changes }: { readonly changes: readonly ChangeReport[] }): JSX.Element {
	return (
		<section id="changes" aria-labelledby="changes-title">
			<h2 id="changes-title">Changes</h2>
			{changes.length === 0 ? (
				<p class="empty">Nothing was changed.</p>
			) : (
				<table class="cards">
					<thead>
						<tr>
							<th scope="col">Change</th>
							<th scope="col" style="width:118px">
								State
							</th>
						</tr>
					</thead>
					<tbody>{changes.map(ChangeRow)}</tbody>
				</table>
			)}
		</section>
	);
}

function ChangeRow(step: ChangeReport): JSX.Element {
	return (
		<tr>
			<th scope="row">
				{step.title} <StepFacts step={step} />
				<ErrorLine step={step} />
				<Records step={step} />
				<Folded title="How to undo it" value={step.inverse} />
			</th>
			<td>
				<Badge state={step.state} />
			</td>
		</tr>
	);
}

function StepFacts({ step }: { readonly step: StepReport }): JSX.Element {
	const { stepKey, itemKey, startedAt, durationMs, attempts } = step;
	return (
		<span class="soft small" style="font-weight:400">
			<code>{stepKey}</code>
			{itemKey === '' ? '' : ` ${itemKey}`} · <Instant at={startedAt} /> ·{' '}
			{durationMs === null ? 'not finished' : describeDuration(durationMs)}
			{attempts > 1
				? ` · ${stepKey.startsWith('watch/') ? `judged ${attempts} times` : `attempt ${attempts}`}`
				: ''}
		</span>
	);
}

function ErrorLine({ step: { error } }: { readonly step: StepReport }): JSX.Element | null {
	if (!error) return null;
	return (
		<p class="quote small" style="font-weight:400">
			<code>{error.code}</code> {error.message}
		</p>
	);
}

function Records({ step }: { readonly step: StepReport }): JSX.Element {
	return (
		<div style="font-weight:400">
			<Folded title="What was recorded" value={recordOf(step)} />
		</div>
	);
}

function recordOf({ result, evidence }: StepReport): Json {
	if (evidence === null) return result;
	return result === null ? { evidence } : { result, evidence };
}
