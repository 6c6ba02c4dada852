/** The style sheet of reports: no file beside the page, no script, light and dark, wide and narrow, and on paper. */
import { Html } from "./html.ts";

/** Okabe and Ito (2008); in the dark the brighter of their blues and reds, and grey in the place of black. */
const light = `
--ink:#1b1f24;--soft:#59636e;--page:#f6f7f9;--card:#fff;--line:#d9dee4;--faint:#eef0f3;
--source:#0072b2;--target:#d55e00;--baseline:#59636e;--method:#009e73;--bound:#b3528c;--heat:#0072b2;--link:#0067a3;
--good:#00785a;--caution:#8a5a00;--bad:#b34700;--good-bg:#e3f4ee;--caution-bg:#fbf0da;--bad-bg:#fbe8dc;
--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#b3528c;--c4:#c98a00;--c5:#3aa0dd;--c6:#1b1f24;--c7:#a89b00;`;

const dark = `
--ink:#e8eaed;--soft:#a3acb6;--page:#14171b;--card:#1d2126;--line:#363c44;--faint:#262b31;
--source:#56b4e9;--target:#e6822e;--baseline:#a3acb6;--method:#1fbf92;--bound:#dd8fbc;--heat:#56b4e9;--link:#7cc4f0;
--good:#3ecfa5;--caution:#e6b34a;--bad:#f08a4b;--good-bg:#12332b;--caution-bg:#372b10;--bad-bg:#3d2313;
--c0:#56b4e9;--c1:#e6822e;--c2:#1fbf92;--c3:#dd8fbc;--c4:#e6b800;--c5:#3f87c9;--c6:#e8eaed;--c7:#f0e442;`;

const sheet = `
:root{color-scheme:light dark;${light}}
@media(prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;overflow-wrap:anywhere}
main,header.top,footer{max-width:1120px;margin:0 auto;padding:0 20px}
header.top{padding-top:28px}
h1{font-size:24px;line-height:1.25;margin:0}
h2{font-size:18px;margin:0 0 4px}
h3{font-size:15px;margin:20px 0 4px}
p{margin:6px 0;max-width:92ch}
a{color:var(--link)}
.sub,.note,figcaption span,.lead{color:var(--soft)}
.note{font-size:13px}
.sub{margin:4px 0 0}
nav.toc{display:flex;flex-wrap:wrap;gap:2px 16px;margin:14px 0 18px;font-size:14px}
nav.toc a{text-decoration:none}
nav.toc a:hover,nav.toc a:focus-visible{text-decoration:underline}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:0 0 16px}
section>.lead{margin:0 0 12px}
.verdict{border-left:6px solid var(--tone)}
.verdict h2{display:flex;align-items:center;gap:10px;font-size:21px;color:var(--tone);margin-bottom:8px}
.verdict h2 svg{flex:none}
.good{--tone:var(--good);--tint:var(--good-bg)}.caution{--tone:var(--caution);--tint:var(--caution-bg)}.bad{--tone:var(--bad);--tint:var(--bad-bg)}
.neutral{--tone:var(--link)}
.tile small{font-size:14px;font-weight:400}
details.run{border-top:1px solid var(--line);padding:10px 0}
details.run>summary{font-size:15px;font-weight:600;width:auto}
details.run>.verdict{margin-top:12px}
.part{margin:22px 0 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,148px),1fr));gap:10px;margin:14px 0 0}
.tile{background:var(--faint);border-radius:8px;padding:10px 12px}
.tile b{display:block;font-size:21px;line-height:1.25;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:13px}
.finding{--tint:var(--faint);--tone:var(--soft)}.finding.caution{--tone:var(--caution);--tint:var(--caution-bg)}
.finding{background:var(--tint);border-radius:8px;padding:10px 14px;margin:10px 0}
.finding h3{margin:0;color:var(--tone);font-size:14px}
.finding ul,.verdict ul{margin:6px 0;padding-left:20px}
.numbers{font-size:13px;color:var(--soft);font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto;max-width:100%}
.scroll:focus-visible,pre:focus-visible,summary:focus-visible,a:focus-visible,input:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums;overflow-wrap:normal}
caption{text-align:left;color:var(--soft);font-size:13px;padding:4px 0}
th,td{padding:5px 12px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400}
thead th{color:var(--soft);font-size:13px;white-space:nowrap}
tbody th{font-weight:600;min-width:7em}
@media (max-width:600px){table{font-size:13px}thead th{white-space:normal;font-size:12px}tbody th{min-width:5em}th,td{padding-right:6px}}
/* The table of models, six columns, fits a phone. */
@media (max-width:420px){table{font-size:12px}thead th{font-size:10.5px}tbody th{min-width:4em}th,td{padding-right:4px}th .badge{font-size:10px}}
tbody th small{font-weight:400;font-size:12px;color:var(--soft)}
.r{text-align:right}
tr.marked>*{background:var(--faint)}
tr.marked th{box-shadow:inset 3px 0 0 var(--method);padding-left:9px}
.badge{display:inline-block;border:1px solid currentColor;border-radius:99px;padding:0 8px;font-size:12px;line-height:18px;color:var(--soft);white-space:nowrap}
.badge.on{color:var(--good);font-weight:600}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,310px),1fr));gap:18px 20px}
.scroll+.grid{margin-top:18px}
.wide{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:18px 24px;align-items:start}
figure{margin:0;min-width:0}
figcaption{font-size:14px;margin-bottom:4px}
figcaption span{display:block;font-size:13px;line-height:1.35}
svg{display:block;max-width:100%}
.chart>svg,.plot>svg,.panels svg{width:100%;height:auto}
.plot{max-width:440px}
svg text{fill:var(--ink);font-size:11px;font-family:inherit}
.axis path{stroke:var(--line);fill:none}
.axis text{fill:var(--soft)}
.reference path{stroke:var(--soft);stroke-dasharray:2 3;fill:none}
.reference text{fill:var(--soft);paint-order:stroke;stroke:var(--card);stroke-width:3px}
.line .stroke{stroke:var(--on);stroke-width:1.8;fill:none;stroke-linejoin:round}
.line .shape{fill:var(--card);stroke:var(--on);stroke-width:1.4}
.ring{fill:none;stroke:var(--ink);stroke-width:1.5}
.row .rule{stroke:var(--line);fill:none}
.row .name{font-size:12px;font-weight:600}
.row .note{fill:var(--soft);font-size:10px}
.dot .full{fill:var(--on);stroke:var(--card);stroke-width:1}
.dot .open{stroke:var(--on);stroke-width:2;fill:none}
.dot .whisker{stroke:var(--on);stroke-width:2;fill:none}
.faint{opacity:.45}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;margin:6px 0 0;padding:0;font-size:13px}
.legend li{display:flex;align-items:center;gap:6px}
details.data{margin-top:6px;font-size:14px}
summary{cursor:pointer;color:var(--link);font-size:13px;width:fit-content}
pre{background:var(--faint);border-radius:8px;padding:12px 14px;margin:8px 0;overflow:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:normal}
pre.wrap{white-space:pre-wrap;overflow-wrap:anywhere}
.tall{max-height:340px}
.choice{display:inline-flex;flex-wrap:wrap;gap:4px 14px;border:0;padding:0;margin:0 24px 12px 0;font-size:14px}
.choice legend{float:left;color:var(--soft);margin-right:12px;padding:0}
.choice label{display:inline-flex;gap:6px;align-items:center;cursor:pointer}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:16px}
.panels figure{max-width:520px}
.frame{fill:var(--faint)}
.embedding path.source{fill:none;stroke:var(--source);stroke-width:5;stroke-linecap:round;opacity:.6}
.embedding path.target{fill:var(--card);fill-opacity:.25;stroke:var(--target);stroke-width:1.2;opacity:.85}
.embedding .legend path.source{stroke-width:2;fill:var(--source)}
.embedding:has(input[value=class]:checked) path.source,.by-class path.source{stroke:var(--class)}
.embedding .by-class path.source{fill:var(--class)}
.embedding:has(input[value=class]:checked) path.target{stroke:var(--class)}
.embedding:has(input[value=umap]:checked) figure.pca,.embedding:has(input[value=pca]:checked) figure.umap{display:none}
.embedding:has(input[value=class]:checked) .by-domain,.embedding:has(input[value=domain]:checked) .by-class{display:none}
.names text{font-weight:700;font-size:12px;paint-order:stroke;stroke:var(--card);stroke-width:3.5px}
.confusion table{border-collapse:separate;border-spacing:2px;font-size:13px}
.confusion th,.confusion td{border:0;padding:3px 6px}
.confusion tbody th{text-align:right;white-space:nowrap;position:sticky;left:0;background:var(--card)}
.confusion thead th{text-align:center;font-size:12px}
.confusion td{text-align:center;min-width:34px;border-radius:4px;background:color-mix(in srgb,var(--heat) var(--part),var(--faint))}
.confusion td.right{box-shadow:inset 0 0 0 1.5px var(--ink)}
.confusion td.over80{color:#fff}
@media(prefers-color-scheme:dark){.confusion td.over60{color:var(--page)}}
.samples{display:grid;grid-template-columns:repeat(auto-fill,minmax(136px,1fr));gap:10px;list-style:none;padding:0;margin:0}
.sample{background:var(--faint);border-radius:8px;padding:10px;font-size:13px;line-height:1.4}
.sample img{display:block;width:84px;height:84px;object-fit:contain;image-rendering:pixelated;margin:0 auto 6px;background:#000;border-radius:4px}
.sample .name{color:var(--soft);font-size:12px}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:10px 0;font-size:14px}
dl.facts dt{color:var(--soft)}dl.facts dd{margin:0;min-width:0}
footer{color:var(--soft);font-size:13px;padding-bottom:28px}
@media(max-width:560px){main,header.top,footer{padding-left:12px;padding-right:12px}section{padding:14px}h1{font-size:20px}dl.facts{grid-template-columns:1fr}dl.facts dt{margin-top:4px}}
@media print{:root{color-scheme:light;${light}}section{break-inside:avoid}nav.toc{display:none}}
`;

export const style = new Html(`<style>${sheet.replaceAll("\n", "")}</style>`);
