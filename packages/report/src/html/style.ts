/**
 * Eight colours that colour-blind readers can tell apart, after Okabe and Ito, for light and dark
 * paper.
 */
const light = [
  '#0072b2',
  '#c4500a',
  '#007f5f',
  '#a8457e',
  '#a87400',
  '#2b8cc0',
  '#5f6368',
  '#7b3f00',
]
const dark = [
  '#62b6f0',
  '#ff9455',
  '#3ccb9f',
  '#e892c4',
  '#ecbc4c',
  '#a3d8f7',
  '#b4b8bc',
  '#d8a679',
]

const custom = (colours: readonly string[]) =>
  colours.map((colour, place) => `--series-${place}:${colour};`).join('')

const lightPaper = `--paper:#fffefb;--ink:#1b1b1a;--muted:#5b5b58;--rule:#8f8e88;--grid:#e6e4dc;--tint:#7a6f4a14;--shade:#1b1b1a38;--accent:#0b5c94;--warn:#8a3b00;--warn-tint:#fdf1e3;${custom(light)}`
const darkPaper = `--paper:#161718;--ink:#e9e7e1;--muted:#aaa8a1;--rule:#77756f;--grid:#2f3133;--tint:#ffffff0d;--shade:#000000b0;--accent:#7fc1f2;--warn:#ffb36b;--warn-tint:#2c2116;${custom(dark)}`

/** The only style sheet of the page. It uses the fonts of the system. */
export const style = `
:root{color-scheme:light dark;${lightPaper}
--serif:Charter,'Bitstream Charter','Sitka Text',Cambria,'Noto Serif','DejaVu Serif',Georgia,serif;
--sans:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif}
@media (prefers-color-scheme:dark){:root{${darkPaper}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.55 var(--serif);overflow-wrap:break-word}
.page{max-width:1128px;margin:0 auto;padding:0 24px 72px}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-9999px;top:8px;background:var(--paper);padding:8px 14px;border:1px solid var(--rule);font-family:var(--sans)}
.skip:focus{left:16px;z-index:1}
header{padding:56px 0 8px;border-bottom:3px double var(--rule);margin-bottom:28px}
h1{font-size:34px;line-height:1.2;margin:0 0 10px;font-weight:600;letter-spacing:-.01em;text-wrap:balance}
h2{font-size:23px;line-height:1.3;margin:64px 0 14px;padding-top:12px;border-top:1px solid var(--rule);font-weight:600}
main>section:first-of-type>h2{margin-top:0;padding-top:0;border-top:0}
h2 .number{color:var(--muted);font-weight:400;margin-right:.55em}
h3{font-size:18px;line-height:1.35;margin:32px 0 8px;font-weight:600}
p{margin:0 0 14px;max-width:46em}
.description{color:var(--muted);margin-bottom:18px}
.lead{font-size:20px;line-height:1.45}
nav ol{list-style:none;display:flex;flex-wrap:wrap;gap:2px 22px;margin:0 0 18px;padding:0;font:14.5px/1.6 var(--sans)}
nav a{text-decoration:none;display:inline-block;padding:2px 0}
nav a:hover{text-decoration:underline}
.warnings{background:var(--warn-tint);border-left:4px solid var(--warn);padding:14px 20px 4px;margin:0 0 28px}
.warnings h2{font-size:17px;margin:0 0 8px;padding:0;border:0;color:var(--warn)}
.warnings ul{margin:0;padding-left:1.1em}
.warnings li{margin-bottom:8px;max-width:54em}
figure{margin:36px 0 44px}
figcaption{font:14.5px/1.5 var(--sans);color:var(--muted);margin-bottom:14px;max-width:62em}
figcaption strong{color:var(--ink);font-weight:600}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 20px;margin:0 0 14px;padding:0;font:13.5px/1.5 var(--sans)}
.legend li{display:flex;align-items:center;gap:7px;min-width:0}
.legend svg{flex:none}
.legend span{min-width:0;overflow-wrap:anywhere}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,324px),1fr));gap:0 26px}
.panel{min-width:0;max-width:420px;display:grid;grid-template-rows:subgrid;grid-row:span 3;row-gap:0;margin-bottom:22px}
.panel svg{grid-row:3}
.panel p{font:13px/1.4 var(--sans);color:var(--muted);margin:0 0 6px;overflow-wrap:anywhere}
.panel .panel-title{font-weight:600;font-size:13.5px;color:var(--ink);margin-bottom:2px}
.panel svg{display:block;width:100%;height:auto;font-family:var(--sans);font-variant-numeric:tabular-nums}
.single .panel{display:block;margin-bottom:8px}
.single .panel-title{display:none}
@media (min-width:900px){.single{display:grid;grid-template-columns:400px minmax(0,1fr);column-gap:36px;align-items:start}.single .panels{grid-area:1/1;display:block}.single .words{grid-area:1/2}.single details{grid-column:1/3}}
details{margin-top:0;font:14px/1.5 var(--sans)}
summary{cursor:pointer;color:var(--accent);padding:3px 0;width:fit-content}
.scroll{overflow-x:auto;margin:8px 0 0;max-width:100%;background:linear-gradient(90deg,var(--paper) 40%,transparent) left/36px 100% no-repeat local,linear-gradient(270deg,var(--paper) 40%,transparent) right/36px 100% no-repeat local,linear-gradient(90deg,var(--shade),transparent) left/16px 100% no-repeat scroll,linear-gradient(270deg,var(--shade),transparent) right/16px 100% no-repeat scroll}
details .scroll{max-height:420px;overflow:auto}
table{border-collapse:collapse;font:14px/1.45 var(--sans);font-variant-numeric:tabular-nums lining-nums;border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink)}
thead th{border-bottom:1px solid var(--ink);font-weight:600;vertical-align:bottom}
th,td{padding:5px 14px 5px 0;text-align:left;vertical-align:top}
th:not(:first-child),td{padding-left:6px}
tbody th{font-weight:400}
tbody tr:nth-child(even){background:var(--tint)}
.number-cell{text-align:right;white-space:nowrap}
th.number-cell{white-space:normal}
.prose td{overflow-wrap:anywhere}
pre{font:13.5px/1.5 ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace;background:var(--tint);padding:12px 16px;margin:8px 0 14px;overflow-x:auto}
.download{font:14.5px/1.6 var(--sans);color:var(--muted)}
.caption{font:14.5px/1.5 var(--sans);color:var(--muted);margin:26px 0 8px;max-width:62em}
.caption strong{color:var(--ink);font-weight:600}
.lists{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,236px),1fr));gap:18px 28px}
.lists section{min-width:0}
.lists h4{font:600 14px/1.4 var(--sans);margin:0 0 4px;padding-bottom:4px;border-bottom:1px solid var(--grid);overflow-wrap:anywhere}
.lists ol{margin:0;padding-left:2em;font:14px/1.45 var(--sans)}
.lists li{padding:1.5px 0;overflow-wrap:anywhere}
.lists li::marker{color:var(--muted);font-variant-numeric:tabular-nums}
.lists .hit{font-weight:600}
.star{color:var(--accent)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{margin-top:64px;border-top:1px solid var(--rule);padding-top:12px;font:13.5px/1.5 var(--sans);color:var(--muted)}
@media (max-width:600px){
.lists{grid-template-columns:repeat(auto-fill,minmax(148px,1fr));gap:18px 16px}.lists ol{padding-left:1.7em;font-size:13.5px}
body{font-size:16px}.page{padding:0 16px 48px}header{padding-top:32px}h1{font-size:26px}h2{font-size:20px;margin-top:48px}.lead{font-size:18px}
}
@media print{
:root{color-scheme:light;${lightPaper}--paper:#fff}
body{font-size:10.5pt}nav,.skip{display:none}h2,h3,.caption{break-after:avoid}figure,.panel,tr{break-inside:avoid}
details:not([open]){display:none}.scroll,details .scroll{overflow:visible;max-height:none;background:none}.download{display:none}pre{white-space:pre-wrap}
.panels{grid-template-columns:1fr 1fr}table,.number-cell{font-size:7.5pt;white-space:normal}th,td{padding:3px 6px 3px 0}h2{margin-top:32px}
}
`
