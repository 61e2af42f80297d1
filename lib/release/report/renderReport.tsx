import type { JSX } from 'preact';
import { renderToStaticMarkup } from 'preact-render-to-string';
import type { ReportModel } from './model';
import { ChartSection } from './page/chartSection';
import { ClockSection } from './page/clockSection';
import { layoutChart } from './page/layoutChart';
import { Instant } from './page/marks';
import { ApprovalSection, RefusalSection, TimelineSection } from './page/peopleSections';
import { ProofSection, RollbackSection } from './page/proofSections';
import { ChangeSection, CheckSection } from './page/stepSections';
import { STYLE } from './page/style';
import { Banner, SummarySection } from './page/summarySection';

/** Should an escape ever be missing, nothing can run and nothing can be fetched. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const CONTENTS: ReadonlyArray<readonly [string, string]> = [
	['summary', 'Summary'],
	['clocks', 'Phases and clocks'],
	['charts', 'Metrics'],
	['checks', 'Checks'],
	['approvals', 'Approvals'],
	['refusals', 'Refusals'],
	['changes', 'Changes'],
	['rollback', 'Going back'],
	['timeline', 'Timeline'],
	['proof', 'Proof'],
];

/**
 * The report as one HTML page that needs no network and no script, for screens light and dark and for paper.
 * @param json the SHA-256 (hex) of the JSON that is stored beside it
 */
export async function renderReport(report: ReportModel, json: { readonly sha256: string }): Promise<string> {
	const charts = await Promise.all(report.charts.map(async (chart) => ({ chart, layout: await layoutChart(chart) })));
	return `<!DOCTYPE html>\n${renderToStaticMarkup(<Page report={report} json={json} charts={charts} />)}\n`;
}

function Page({
	report,
	json,
	charts,
}: {
	readonly report: ReportModel;
	readonly json: { readonly sha256: string };
	readonly charts: Parameters<typeof ChartSection>[0]['charts'];
}): JSX.Element {
	const { summary, writtenAt } = report;
	return (
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta http-equiv="Content-Security-Policy" content={POLICY} />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="color-scheme" content="light dark" />
				<meta name="referrer" content="no-referrer" />
				<title>{`${summary.outcome.word}: ${summary.environment} ${summary.version} (${summary.id})`}</title>
				<style dangerouslySetInnerHTML={{ __html: STYLE }} />
			</head>
			<body>
				<main>
					<h1>
						Release of {summary.version} to {summary.environment}
					</h1>
					<p class="soft small">
						Report of release <span class="mono">{summary.id}</span>, written <Instant at={writtenAt} />
					</p>
					<Banner report={report} />
					<nav aria-label="Contents">
						<ul>
							{CONTENTS.map(([id, title]) => (
								<li>
									<a href={`#${id}`}>{title}</a>
								</li>
							))}
						</ul>
					</nav>
					<SummarySection report={report} />
					<ClockSection report={report} />
					<ChartSection charts={charts} />
					<CheckSection checks={report.checks} />
					<ApprovalSection approvals={report.approvals} />
					<RefusalSection refusals={report.refusals} />
					<ChangeSection changes={report.changes} />
					<RollbackSection rollback={report.rollback} />
					<TimelineSection timeline={report.timeline} />
					<ProofSection report={report} json={json} />
					<footer>
						{report.schema}, version {report.schemaVersion}. Folded parts are not printed; report.json holds
						everything.
					</footer>
				</main>
			</body>
		</html>
	);
}
