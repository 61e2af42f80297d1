import type { JSX } from 'preact';
import { describeDuration, describeShare } from '../describeText';
import type { ClockReport, ReportModel, Span } from '../model';
import { Badge, Instant } from './marks';

/** Phases and rollback against their clocks, and everything that took time as bars. */
export function ClockSection({ report }: { readonly report: ReportModel }): JSX.Element {
	return (
		<section id="clocks" aria-labelledby="clocks-title">
			<h2 id="clocks-title">Phases and clocks</h2>
			{report.clocks.length === 0 ? (
				<p class="empty">No phase was entered.</p>
			) : (
				<table class="cards">
					<caption>
						Waiting for people at a gate does not count against a phase; it does count against restoring.
					</caption>
					<thead>
						<tr>
							<th scope="col">Clock</th>
							<th scope="col">Began</th>
							<th scope="col">Took</th>
							<th scope="col">Budget</th>
							<th scope="col">Used</th>
							<th scope="col">Verdict</th>
						</tr>
					</thead>
					<tbody>{report.clocks.map(ClockRow)}</tbody>
				</table>
			)}
			<Strip report={report} />
		</section>
	);
}

function ClockRow(clock: ClockReport): JSX.Element {
	const { title, startedAt, finishedAt, elapsedMs, budgetMs, share, standing, verdict, recorded } = clock;
	return (
		<tr>
			<th scope="row">
				{title}
				{recorded ? null : <span class="soft small"> (times of its steps)</span>}
			</th>
			<td data-label="Began">
				<Instant at={startedAt} />
			</td>
			<td class="number" data-label="Took">
				{describeDuration(elapsedMs)}
				{finishedAt === null ? ' so far' : ''}
			</td>
			<td class="number" data-label="Budget">
				{budgetMs === null ? 'none' : describeDuration(budgetMs)}
			</td>
			<td class="number" data-label="Used">
				{share === null ? '–' : describeShare(Math.round(share * 100) / 100)}
			</td>
			<td>
				{budgetMs === null ? (
					<Badge state={null} word="no budget" />
				) : (
					<ClockBadge verdict={verdict} standing={standing} />
				)}
			</td>
		</tr>
	);
}

function ClockBadge({ verdict, standing }: Pick<ClockReport, 'verdict' | 'standing'>): JSX.Element {
	if (verdict === 'failed') return <Badge state="failed" word="over its budget" />;
	if (verdict === 'inconclusive') return <Badge state="inconclusive" word="the clock went back" />;
	if (standing === 'warning')
		return <Badge state={verdict ?? 'inconclusive'} word={verdict ? 'in time, barely' : 'time runs out'} />;
	return <Badge state={verdict ?? 'started'} word={verdict ? 'in time' : 'running'} />;
}

function Strip({ report }: { readonly report: ReportModel }): JSX.Element | null {
	const { spans, summary, writtenAt } = report;
	if (spans.length === 0) return null;
	const ends = spans.map(({ until }) => Date.parse(until ?? summary.finishedAt ?? writtenAt));
	const from = Math.min(Date.parse(summary.startedAt), ...spans.map((span) => Date.parse(span.from)));
	const lengthMs = Math.max(1, Math.max(Date.parse(summary.finishedAt ?? summary.startedAt), ...ends) - from);
	const percent = (at: number): number => Math.min(100, Math.max(0, ((at - from) / lengthMs) * 100));
	return (
		<div class="strip" style="margin-top:16px">
			<div class="strip-row head" aria-hidden="true">
				<span class="strip-name" />
				<span class="axis">
					<span style="left:0">0</span>
					<span style="left:50%;transform:translateX(-50%)">{describeDuration(lengthMs / 2)}</span>
					<span style="right:0">{describeDuration(lengthMs)}</span>
				</span>
				<span class="strip-time" />
			</div>
			{spans.map((span, index) => {
				const end = ends[index] ?? from;
				const left = percent(Date.parse(span.from));
				const width = percent(end) - left;
				return (
					<div class={`strip-row ${span.kind}`}>
						<span class="strip-name" title={span.title}>
							{span.kind === 'wait' ? `Wait: ${span.title}` : span.title}
						</span>
						<span class="track">
							<span
								class={`bar ${barClass(span)}`}
								style={`left:${left.toFixed(2)}%;width:${width.toFixed(2)}%`}
							/>
						</span>
						<span class="strip-time">
							{span.until === null ? 'open' : describeDuration(Math.max(0, end - Date.parse(span.from)))}
						</span>
					</div>
				);
			})}
			<ul class="legend">
				<Swatch kind="phase" name="phase" />
				<Swatch kind="passed" name="step passed" />
				<Swatch kind="failed" name="failed" />
				<Swatch kind="inconclusive" name="inconclusive" />
				<Swatch kind="started" name="never finished" />
				<Swatch kind="wait" name="waiting for people" />
				<Swatch kind="watch" name="watch" />
			</ul>
		</div>
	);
}

function barClass({ kind, state }: Span): string {
	return kind === 'step' ? (state ?? 'started') : kind;
}

function Swatch({ kind, name }: { readonly kind: string; readonly name: string }): JSX.Element {
	return (
		<li>
			<span class="swatch">
				<span class={`bar ${kind}`} style="left:0;right:0;top:0;bottom:0" />
			</span>
			{name}
		</li>
	);
}
