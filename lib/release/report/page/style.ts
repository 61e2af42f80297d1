/**
 * The page's only style sheet. Light is the default and what is printed; dark applies to screens alone. Every colour that says something
 * also stands beside a word or a sign.
 */
export const STYLE = `
:root {
	--paper: #ffffff; --ground: #f4f5f7; --ink: #16191d; --soft: #59616b; --line: #d9dde2; --track: #e9ecef;
	--passed: #17693a; --failed: #b3261e; --inconclusive: #855300; --started: #1f5fae; --accent: #1f5fae;
	--passed-ground: #e3f3e9; --failed-ground: #fbe7e5; --inconclusive-ground: #fbf0d9; --started-ground: #e5eefa;
	--phase: #5d6b7a; --wait: #8a6fb8; --watch: #2f8f8a;
	--series-0: #1f5fae; --series-1: #b4560c; --series-2: #17693a; --series-3: #8a3f9e; --series-4: #5d6b7a; --series-5: #a3306a;
	--mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
	color-scheme: light;
}
@media screen and (prefers-color-scheme: dark) {
	:root {
		--paper: #181b20; --ground: #0f1114; --ink: #e8eaed; --soft: #a3abb5; --line: #343a42; --track: #272c33;
		--passed: #6fcf97; --failed: #ff8f85; --inconclusive: #f0b95b; --started: #86b7f5; --accent: #86b7f5;
		--passed-ground: #17301f; --failed-ground: #3b1a18; --inconclusive-ground: #33270f; --started-ground: #172a42;
		--phase: #8794a3; --wait: #b79ce0; --watch: #5cc2bc;
		--series-0: #86b7f5; --series-1: #f2a65e; --series-2: #6fcf97; --series-3: #d39be3; --series-4: #a3abb5; --series-5: #f08bb8;
		color-scheme: dark;
	}
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 22px; line-height: 1.25; margin: 0 0 2px; overflow-wrap: anywhere; }
h2 { font-size: 18px; line-height: 1.3; margin: 0 0 12px; }
h3 { font-size: 15px; margin: 0 0 6px; }
p { margin: 0 0 8px; }
code, pre, .mono { font-family: var(--mono); font-size: 12.5px; }
code, .mono { overflow-wrap: anywhere; }
a { color: var(--accent); }
.soft { color: var(--soft); }
.small { font-size: 13px; }
.nowrap { white-space: nowrap; }
.pre-line { white-space: pre-line; overflow-wrap: anywhere; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 16px 0 0; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 14px 0 0; padding: 0; font-size: 14px; }
.banner { display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; align-items: center; border-radius: 10px; padding: 18px 20px; margin: 14px 0 0; border: 1px solid; border-left-width: 8px; }
.banner .sign { grid-row: span 2; font-size: 38px; line-height: 1; width: 1.1em; text-align: center; }
.banner .word { font-size: 26px; line-height: 1.15; font-weight: 700; margin: 0; }
.banner .text { margin: 0; color: var(--ink); }
.tone-good { background: var(--passed-ground); color: var(--passed); border-color: var(--passed); }
.tone-bad { background: var(--failed-ground); color: var(--failed); border-color: var(--failed); }
.tone-stopped, .tone-back { background: var(--inconclusive-ground); color: var(--inconclusive); border-color: var(--inconclusive); }
.tone-open { background: var(--started-ground); color: var(--started); border-color: var(--started); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 12px 24px; margin: 0; }
.facts div { min-width: 0; }
.facts .wide { grid-column: 1 / -1; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; overflow-wrap: anywhere; }
.badge { display: inline-block; border-radius: 999px; padding: 1px 9px; font-size: 12.5px; font-weight: 600; white-space: nowrap; border: 1px solid currentColor; }
.is-passed { color: var(--passed); background: var(--passed-ground); }
.is-failed { color: var(--failed); background: var(--failed-ground); }
.is-inconclusive { color: var(--inconclusive); background: var(--inconclusive-ground); }
.is-started { color: var(--started); background: var(--started-ground); }
.is-none { color: var(--soft); background: transparent; border-style: dashed; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding: 0 0 8px; }
th, td { text-align: left; vertical-align: top; padding: 7px 10px 7px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { color: var(--soft); font-weight: 600; font-size: 13px; }
tbody th { font-weight: 600; }
tbody tr:last-child > * { border-bottom: 0; }
table.fixed { table-layout: fixed; }
td.number { font-variant-numeric: tabular-nums; }
tr.group > * { padding-top: 14px; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.strip { font-size: 12.5px; }
.strip-row { display: grid; grid-template-columns: 220px 1fr 84px; gap: 10px; align-items: center; padding: 2px 0; }
.strip-row.phase { font-weight: 600; padding-top: 8px; }
.strip-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.strip-time { text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; font-weight: 400; }
.track { position: relative; height: 14px; background: var(--track); border-radius: 3px; }
.bar { position: absolute; top: 2px; bottom: 2px; min-width: 3px; border-radius: 2px; background: var(--phase); }
.bar.phase { top: 0; bottom: 0; background: var(--phase); }
.bar.wait { background: repeating-linear-gradient(45deg, var(--wait) 0 4px, transparent 4px 7px); border: 1px solid var(--wait); }
.bar.watch { background: var(--watch); }
.bar.passed { background: var(--passed); }
.bar.failed { background: var(--failed); }
.bar.inconclusive { background: var(--inconclusive); }
.bar.started { background: var(--started); }
.axis { position: relative; height: 18px; color: var(--soft); }
.axis span { position: absolute; white-space: nowrap; font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 8px 0 0; padding: 0; list-style: none; font-size: 13px; color: var(--soft); }
.legend li { display: flex; gap: 6px; align-items: baseline; }
.swatch { display: inline-block; position: relative; width: 18px; height: 10px; border-radius: 2px; flex: none; }
.line-swatch { display: inline-block; width: 20px; height: 0; border-top: 3px solid; flex: none; align-self: center; }
.charts { display: grid; gap: 28px; }
figure { margin: 0; min-width: 0; break-inside: avoid; }
figcaption { margin: 0 0 8px; }
.plot { display: grid; grid-template-columns: 58px 1fr; }
.canvas { position: relative; height: 200px; border-left: 1px solid var(--line); border-bottom: 1px solid var(--line); margin-top: calc(19px + 18px * var(--levels, 0)); }
.canvas svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
.canvas path, .canvas line { fill: none; vector-effect: non-scaling-stroke; }
.y-axis { position: relative; margin-top: calc(19px + 18px * var(--levels, 0)); font-size: 12px; color: var(--soft); }
.y-axis span { position: absolute; right: 6px; transform: translateY(50%); white-space: nowrap; font-variant-numeric: tabular-nums; }
.x-axis { grid-column: 2; position: relative; height: 20px; font-size: 12px; color: var(--soft); }
.x-axis span { position: absolute; top: 3px; transform: translateX(-50%); white-space: nowrap; font-variant-numeric: tabular-nums; }
.x-axis span.first { transform: none; }
.x-axis span.last { transform: translateX(-100%); }
.limit { stroke: var(--failed); stroke-width: 1; stroke-dasharray: 6 4; }
.limit.pass { stroke: var(--passed); }
.limit.warning { stroke: var(--inconclusive); }
.limit-name { position: absolute; left: 4px; font-size: 11.5px; line-height: 1; padding: 1px 3px; background: var(--paper); transform: translateY(calc(50% - 1px)); color: var(--failed); }
.limit-name.pass { color: var(--passed); }
.limit-name.warning { color: var(--inconclusive); }
.grid { stroke: var(--track); stroke-width: 1; }
.mark { stroke: var(--ink); stroke-width: 1.5; }
.mark.gate { stroke: var(--wait); stroke-dasharray: 2 3; }
.mark.rollback { stroke: var(--failed); }
.mark-name { position: absolute; top: calc(-19px - 18px * var(--level, 0)); transform: translateX(-50%); font-size: 11.5px; font-weight: 700; line-height: 17px; min-width: 17px; text-align: center; border-radius: 9px; background: var(--ink); color: var(--paper); padding: 0 4px; }
.mark-name.gate { background: var(--wait); }
.mark-name.rollback { background: var(--failed); }
.gap { stroke: var(--failed); stroke-width: 2; opacity: .8; }
.empty { border: 1px dashed var(--line); border-radius: 8px; padding: 14px 16px; color: var(--soft); margin: 0; }
pre { background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; margin: 0 0 12px; white-space: pre-wrap; overflow-wrap: anywhere; user-select: text; }
pre.command span { display: block; padding-left: 2ch; text-indent: -2ch; }
pre.command span + span { margin-top: 6px; }
details { margin: 6px 0 0; font-weight: 400; }
summary { cursor: pointer; color: var(--soft); font-size: 13px; }
details pre { margin: 8px 0 0; max-height: 420px; overflow: auto; }
ul.plain { margin: 0 0 12px; padding-left: 20px; }
.quote { border-left: 3px solid var(--line); padding-left: 10px; margin: 2px 0 0; white-space: pre-line; overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: 13px; margin: 20px 4px 0; overflow-wrap: anywhere; }
@media screen and (max-width: 720px) {
	main { padding: 14px 12px 40px; }
	section { padding: 14px; }
	.banner { padding: 14px; gap: 4px 12px; }
	.banner .sign { font-size: 30px; }
	.banner .word { font-size: 21px; }
	.facts { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 10px 16px; }
	.strip-row { grid-template-columns: minmax(0, 1fr) auto; gap: 0 10px; padding: 4px 0; }
	.strip-row .track, .strip-row .axis { grid-column: 1 / -1; grid-row: 2; }
	.strip-row.head .strip-name, .strip-row.head .strip-time { display: none; }
	.facts .nowrap { white-space: normal; }
	table caption { display: block; }
	table.cards thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
	table.cards, table.cards tbody, table.cards tr, table.cards th, table.cards td { display: block; }
	table.cards tr { border-bottom: 1px solid var(--line); padding: 8px 0; }
	table.cards tbody tr:last-child { border-bottom: 0; }
	table.cards th, table.cards td { border: 0; padding: 2px 0; }
	table.cards td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); font-size: 13px; }
	table.cards td:empty { display: none; }
	.plot { grid-template-columns: 54px 1fr; }
	.canvas { height: 170px; }
	.x-axis span.middle { display: none; }
}
@page { size: A4; margin: 14mm 13mm 16mm; }
@media print {
	body { background: #fff; font-size: 10pt; }
	* { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
	main { max-width: none; padding: 0; }
	nav, details { display: none; }
	section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 10px 0 0; margin: 14px 0 0; }
	h1 { font-size: 15pt; } h2 { font-size: 12.5pt; break-after: avoid; } h3 { break-after: avoid; }
	.banner { break-inside: avoid; padding: 10px 14px; }
	table { font-size: 8.8pt; } code, pre, .mono { font-size: 8pt; } .strip { font-size: 8.4pt; }
	.strip-row { grid-template-columns: 170px 1fr 78px; padding: 1px 0; }
	thead { display: table-header-group; }
	th, td { padding: 4px 8px 4px 0; }
	.facts { gap: 6px 18px; }
	.badge { padding: 0 7px; font-size: 8pt; }
	tr.group > * { padding-top: 8px; }
	tr.group { break-after: avoid; }
	tr, .strip-row, li, pre span, .approval-head { break-inside: avoid; }
	a { color: inherit; text-decoration: none; }
	.canvas { height: 150px; }
}
`;
