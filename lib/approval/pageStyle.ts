/** The look of every page: the system's fonts, light or dark as the device is, one column that fits 360 pixels. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--page:#f3f5f8;--card:#fff;--line:#dfe4ea;--text:#17202b;--soft:#566373;--accent:#1f4e79;--good:#137a45;--good-text:#fff;
--bad:#b3261e;--warn:#8a5300;--bad-soft:#fdecea;--warn-soft:#fff4de;--good-soft:#e5f5ec}
@media (prefers-color-scheme:dark){:root{--page:#10151b;--card:#1a212a;--line:#2f3945;--text:#e8edf3;--soft:#9dabbb;--accent:#a8cdf0;--good:#35b877;--good-text:#06210f;
--bad:#ff8a80;--warn:#ffc46b;--bad-soft:#3a1c1a;--warn-soft:#35290f;--good-soft:#12301f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{max-width:640px;margin:0 auto;padding:20px 16px 48px}
h1{font-size:1.55rem;line-height:1.25;margin:6px 0 4px;overflow-wrap:anywhere}
h2{font-size:1rem;margin:0 0 10px}
h3{font-size:.9rem;margin:16px 0 6px;color:var(--soft);font-weight:600}
p{margin:0 0 10px}
p:last-child{margin-bottom:0}
.over{color:var(--accent);font-size:.85rem;font-weight:600;margin:0;overflow-wrap:anywhere}
.soft{color:var(--soft)}
.small{font-size:.875rem}
ul+p.small{margin-top:10px}
section,.answer,details{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:16px;margin-top:14px}
.status{display:grid;grid-template-columns:1fr 1fr;gap:12px;margin-top:16px}
.status>div{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:12px 14px;min-width:0}
.status b{display:block;font-size:1.15rem;line-height:1.3;font-variant-numeric:tabular-nums}
.jump{display:block;min-height:48px;margin-top:12px;padding:11px;border:1px solid var(--accent);border-radius:12px;color:var(--accent);font-weight:600;text-align:center;text-decoration:none}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875rem;overflow-wrap:anywhere}
dl{margin:0;display:grid;align-items:baseline;grid-template-columns:minmax(0,max-content) minmax(0,1fr);gap:6px 14px}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere;min-width:0}
ul{list-style:none;margin:0;padding:0}
li{padding:8px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
li:first-child{border-top:0;padding-top:0}
li:last-child{padding-bottom:0}
.row{display:flex;gap:10px;justify-content:space-between;align-items:baseline}
.row>:first-child{min-width:0}
.number{text-align:right;flex:none;max-width:60%;font-variant-numeric:tabular-nums}
.number .limit{display:block;color:var(--soft);font-size:.8rem}
.mark{display:inline-block;width:1.3em;font-weight:700}
.passed .mark{color:var(--good)}.failed .mark{color:var(--bad)}.inconclusive .mark,.started .mark{color:var(--warn)}
.notice{border-color:var(--warn);background:var(--warn-soft)}
.notice.bad{border-color:var(--bad);background:var(--bad-soft)}
.notice.good{border-color:var(--good);background:var(--good-soft)}
label{display:block;font-weight:600;margin-bottom:6px}
textarea{width:100%;min-height:84px;padding:10px 12px;font:inherit;color:inherit;background:var(--page);border:1px solid var(--soft);border-radius:10px;resize:vertical}
.buttons{display:grid;grid-template-columns:1fr 1fr;gap:12px;margin-top:12px}
button{min-height:54px;width:100%;font:inherit;font-weight:700;border-radius:12px;border:2px solid transparent;cursor:pointer;-webkit-tap-highlight-color:transparent}
.approve{background:var(--good);color:var(--good-text)}
.reject{background:transparent;border-color:var(--bad);color:var(--bad)}
.glass-button{background:var(--bad);color:var(--card);margin-top:12px}
button:disabled{opacity:.55;cursor:progress}
button:focus-visible,textarea:focus-visible,summary:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
summary{cursor:pointer;min-height:28px;font-weight:600}
details[open] summary{margin-bottom:12px}
details.plain{padding:0;border:0;margin-top:12px;background:none}
.progress:empty{display:none}
.progress{margin-top:12px;font-weight:600}
.answer{margin-top:20px;padding:20px 18px 22px}
.answer h1{margin:0 0 12px}
`.trim();
