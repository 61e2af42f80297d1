import type { JSX } from 'preact';
import { describeCount, describeSeconds, describeShare } from '../describeText';
import type { ChartReport, ChartUnit } from '../model';
import type { ChartLayout } from './layoutChart';
import { Instant } from './marks';

/** The measured metrics around the switch. Lines are stretched to the page's width; every text stays text of its own size. */
export function ChartSection({
	charts,
}: {
	readonly charts: ReadonlyArray<{ readonly chart: ChartReport; readonly layout: ChartLayout | undefined }>;
}): JSX.Element {
	return (
		<section id="charts" aria-labelledby="charts-title">
			<h2 id="charts-title">Metrics around the switch</h2>
			<div class="charts">{charts.map(Chart)}</div>
		</section>
	);
}

function Chart({
	chart,
	layout,
}: {
	readonly chart: ChartReport;
	readonly layout: ChartLayout | undefined;
}): JSX.Element {
	return (
		<figure>
			<figcaption>
				<h3>{chart.title}</h3>
			</figcaption>
			{layout === undefined ? <p class="empty">{chart.emptyBecause}</p> : <Plot chart={chart} layout={layout} />}
		</figure>
	);
}

function Plot({ chart, layout }: { readonly chart: ChartReport; readonly layout: ChartLayout }): JSX.Element {
	const label = `${chart.title}: ${chart.series.map((series) => describeSeries(series, chart.unit)).join('; ')}`;
	return (
		<>
			<div class="plot" style={`--levels:${layout.levels}`}>
				<div class="y-axis" aria-hidden="true">
					{layout.yTicks.map(({ value, percent }) => (
						<span style={`bottom:${percent}%`}>{describeValue(value, chart.unit)}</span>
					))}
				</div>
				<div class="canvas">
					<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label={label}>
						{layout.yTicks.map(({ percent }) => (
							<line class="grid" x1="0" x2="1000" y1={1000 - percent * 10} y2={1000 - percent * 10} />
						))}
						{layout.limits.map(({ name, percent }) => (
							<line
								class={`limit ${limitClass(name)}`}
								x1="0"
								x2="1000"
								y1={1000 - percent * 10}
								y2={1000 - percent * 10}
							/>
						))}
						{layout.marks.map(({ kind, percent }) => (
							<line class={`mark ${kind}`} x1={percent * 10} x2={percent * 10} y1="0" y2="1000" />
						))}
						{layout.gaps.map((percent) => (
							<line class="gap" x1={percent * 10} x2={percent * 10} y1="965" y2="1000" />
						))}
						{layout.paths.map((path, index) => (
							<path
								d={path}
								style={`stroke:var(--series-${index});stroke-width:${strokeWidth(chart, index)};stroke-linejoin:round;stroke-linecap:round`}
							/>
						))}
					</svg>
					{layout.limits.map(({ name, value, percent }) => (
						<span class={`limit-name ${limitClass(name)}`} style={`bottom:${percent}%`}>
							{name} {describeValue(value, chart.unit)}
						</span>
					))}
					{layout.marks.map(({ kind, letter, level, percent }) => (
						<span class={`mark-name ${kind}`} style={`left:${percent}%;--level:${level}`}>
							{letter}
						</span>
					))}
				</div>
				<div class="x-axis" aria-hidden="true">
					{layout.xTicks.map(({ text, percent, place }) => (
						<span class={place} style={`left:${percent}%`}>
							{text}
						</span>
					))}
				</div>
			</div>
			<ul class="legend">
				{chart.series.map((series, index) => (
					<li>
						<span class="line-swatch" style={`border-color:var(--series-${index})`} />
						<span>{describeSeries(series, chart.unit)}</span>
					</li>
				))}
				{layout.gaps.length > 0 ? (
					<li>
						<span class="line-swatch" style="border-color:var(--failed);width:6px" />
						<span>no data</span>
					</li>
				) : null}
			</ul>
			<ul class="legend">
				{layout.marks.map(({ letter, title, at }) => (
					<li>
						<strong>{letter}</strong>
						<span>
							{title}, <Instant at={at} short />
						</span>
					</li>
				))}
				{layout.outside.map(({ title, at }) => (
					<li>
						<strong aria-hidden="true">–</strong>
						<span>
							not in the picture: {title}, <Instant at={at} short />
						</span>
					</li>
				))}
				{layout.limitsAbove.map(({ name, value }) => (
					<li>
						<strong aria-hidden="true">–</strong>
						<span>
							above the picture: limit "{name}" at {describeValue(value, chart.unit)}
						</span>
					</li>
				))}
			</ul>
		</>
	);
}

function describeSeries(
	{ target, samples, withoutData, lowest, highest }: ChartReport['series'][number],
	unit: ChartUnit,
): string {
	const range =
		lowest === null || highest === null
			? 'no data'
			: unit === 'health'
				? describeHealth(lowest, highest)
				: `${describeValue(lowest, unit)} to ${describeValue(highest, unit)}`;
	const gaps = withoutData === 0 ? '' : `, ${withoutData} without data`;
	return `${target || 'all'}: ${range} (${describeCount(samples, 'sample')}${gaps})`;
}

function describeValue(value: number, unit: ChartUnit): string {
	if (unit === 'ratio') return describeShare(value);
	if (unit === 'seconds') return value === 0 ? '0' : describeSeconds(value);
	if (unit === 'health') return value >= 1 ? 'healthy' : 'down';
	return String(Number(value.toPrecision(4)));
}

/** A limit that several names share looks like the mildest of them. */
function limitClass(name: string): string {
	return name.split(' ')[0] ?? '';
}

function describeHealth(lowest: number, highest: number): string {
	if (lowest >= 1) return 'healthy throughout';
	return highest < 1 ? 'down throughout' : 'healthy and down by turns';
}

/** Health runs along two heights only: earlier series are drawn wider, so that a later one on top does not hide them. */
function strokeWidth({ unit, series }: ChartReport, index: number): number {
	return unit === 'health' ? 2 + (series.length - 1 - index) * 3 : 2;
}
