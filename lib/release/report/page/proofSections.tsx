import type { JSX } from 'preact';
import type { ReportModel, RollbackReport } from '../model';
import { Badge } from './marks';

/** The kubectl lines that go back without n8n. */
export function RollbackSection({ rollback }: { readonly rollback: RollbackReport }): JSX.Element {
	return (
		<section id="rollback" aria-labelledby="rollback-title">
			<h2 id="rollback-title">Going back without n8n</h2>
			{rollback.recorded ? null : <p class="empty">There are no lines for this release.</p>}
			{rollback.notes.length === 0 ? null : (
				<ul class="plain" style={rollback.recorded ? '' : 'margin-top:12px'}>
					{rollback.notes.map((note) => (
						<li>{note}</li>
					))}
				</ul>
			)}
			{rollback.blocks.map(({ title, lines }, index) => (
				<>
					<h3>
						{index + 1}. {title}
					</h3>
					<pre class="command">
						{lines.map((line) => (
							<span>{`${line}\n`}</span>
						))}
					</pre>
				</>
			))}
		</section>
	);
}

/** What the release said it would do, the hash chain, and what this report left out. */
export function ProofSection({
	report,
	json,
}: {
	readonly report: ReportModel;
	readonly json: { readonly sha256: string };
}): JSX.Element {
	const { chain, plan, omissions } = report;
	return (
		<section id="proof" aria-labelledby="proof-title">
			<h2 id="proof-title">Proof</h2>
			<dl class="facts">
				<div>
					<dt>Hash chain</dt>
					<dd>
						<Badge
							state={chain.verified ? 'passed' : chain.links === 0 ? 'inconclusive' : 'failed'}
							word={
								chain.verified
									? 'verified'
									: chain.links === 0
										? 'none recorded'
										: `broken at link ${chain.broken?.sequence ?? '?'}`
							}
						/>
					</dd>
				</div>
				<div>
					<dt>Links</dt>
					<dd>{chain.links}</dd>
				</div>
				<div class="wide">
					<dt>First hash</dt>
					<dd class="mono">{chain.firstHash === '' ? '–' : chain.firstHash}</dd>
				</div>
				<div class="wide">
					<dt>Last hash</dt>
					<dd class="mono">{chain.lastHash === '' ? '–' : chain.lastHash}</dd>
				</div>
				<div class="wide">
					<dt>report.json beside this page</dt>
					<dd class="mono">sha256 {json.sha256}</dd>
				</div>
			</dl>
			{chain.broken ? (
				<p class="quote">
					Link {chain.broken.sequence}: {chain.broken.problem}
				</p>
			) : null}
			{chain.differences.map((difference) => (
				<p class="quote">{difference}</p>
			))}
			<p class="small soft" style="margin-top:12px">
				Each link is SHA-256 over the hash before it, a line feed, and its content; report.json holds every
				link, so anybody can compute them again. A chain that was cut off at its end is found by comparing the
				last hash with that of an earlier report or notification.
			</p>
			{plan.length === 0 ? null : (
				<table class="cards" style="margin-top:12px">
					<caption>What the release began with: a changed part is refused.</caption>
					<thead>
						<tr>
							<th scope="col">Part of the plan</th>
							<th scope="col">SHA-256</th>
						</tr>
					</thead>
					<tbody>
						{plan.map(({ part, hash }) => (
							<tr>
								<th scope="row">{part}</th>
								<td>
									<code>{hash}</code>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
			{omissions.length === 0 ? null : (
				<>
					<h3 style="margin-top:12px">Left out or shortened</h3>
					<ul class="plain">
						{omissions.map((omission) => (
							<li>{omission}</li>
						))}
					</ul>
				</>
			)}
		</section>
	);
}
