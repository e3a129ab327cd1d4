#pragma once
// How the HTML report looks: on a desk, on a phone, on paper.

namespace systolic::report {

inline constexpr const char* html_style = R"css(
:root { color-scheme: light; --ink: #222; --soft: #5a6068; --line: #d5d9de; --mark: #7a1f00; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1120px; padding: 16px; background: #fff; color: var(--ink);
  font: 15px/1.45 Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 22px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 28px 0 8px; }
p, ul { margin: 4px 0; }
ul { padding-left: 20px; }
.soft { color: var(--soft); font-size: 13px; }
.head { display: grid; grid-template-columns: 1fr 1fr auto; gap: 4px 24px; align-items: start;
  border-bottom: 1px solid var(--ink); padding-bottom: 8px; }
.head .score { font-size: 22px; font-weight: bold; margin: 0; }
.verdict { border: 1.5px solid var(--ink); border-radius: 3px; padding: 4px 18px; font-size: 18px; font-weight: bold; }
.verdict.abnormal { background: var(--ink); color: #fff; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(105px, 1fr)); gap: 4px 12px; margin: 8px 0 12px; }
.facts div { display: flex; flex-direction: column; }
.facts dt { color: var(--soft); font-size: 12px; }
.facts dd { margin: 0; font-size: 18px; font-weight: bold; }
.facts dd.absent { font-weight: normal; color: var(--soft); }
.controls { display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: center; margin: 8px 0; }
.controls .set { display: flex; align-items: center; }
.controls label { display: flex; align-items: center; gap: 5px; min-height: 34px; }
button { font: inherit; color: inherit; background: #fff; border: 1px solid #8a9099; min-height: 34px; min-width: 38px;
  padding: 2px 11px; cursor: pointer; }
.set button { margin-left: -1px; }
.set button:first-of-type { border-radius: 4px 0 0 4px; }
.set button:last-of-type { border-radius: 0 4px 4px 0; }
button[aria-pressed="true"] { background: var(--ink); border-color: var(--ink); color: #fff; }
button:focus-visible, .paper:focus-visible { outline: 3px solid #4a90d9; outline-offset: 1px; }
.paper { overflow: auto; max-height: 92vh; border: 1px solid var(--line); -webkit-overflow-scrolling: touch; }
.paper svg { display: block; width: calc(279mm * var(--zoom, 1)); height: auto; }
.sheet { display: none; }
.sheet.shown { display: block; }
.hide-map .map, .hide-restored .restored, .hide-findings .findings, .hide-peaks .peaks { display: none; }
.readout { min-height: 24px; margin: 6px 0; font-variant-numeric: tabular-nums; }
.readout b { display: inline-block; min-width: 38px; }
.legend svg, .plot svg { width: 100%; max-width: 310px; height: auto; }
.under { display: flex; flex-wrap: wrap; gap: 12px 40px; }
.under > * { flex: 1 1 280px; }
table { border-collapse: collapse; font-size: 14px; }
th, td { text-align: left; padding: 3px 14px 3px 0; vertical-align: top; }
thead th { border-bottom: 1px solid var(--ink); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.list td { vertical-align: middle; }
td.bad { color: var(--mark); font-weight: bold; }
.go { color: var(--mark); font-weight: bold; padding: 0 8px; min-height: 28px; border-color: var(--line); border-radius: 4px; }
.wide { overflow-x: auto; }
.close-ups { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 16px; }
.close-ups svg, .beats svg { width: 100%; height: auto; }
.key i { display: inline-block; width: 22px; height: 0; border-top: 2.5px solid; vertical-align: middle; margin: 0 6px 0 14px; }
.compare { display: flex; flex-wrap: wrap; gap: 24px; align-items: flex-start; }
.beats { display: grid; grid-template-columns: repeat(4, minmax(0, 130px)); grid-auto-flow: column;
  grid-template-rows: repeat(3, auto); gap: 8px; }
.earlier { color: #0072b2; }
footer { border-top: 1px solid var(--line); margin-top: 28px; padding-top: 8px; display: flex; flex-wrap: wrap; gap: 4px 24px;
  justify-content: space-between; }
@media (max-width: 640px) {
  body { padding: 10px; font-size: 15px; }
  .head { grid-template-columns: 1fr; }
  .verdict { justify-self: start; }
  .facts { grid-template-columns: repeat(auto-fit, minmax(84px, 1fr)); }
  .facts dd { font-size: 16px; }
  .list td, .list th { padding-right: 8px; }
  .beats { grid-template-columns: repeat(2, 1fr); grid-template-rows: none; grid-auto-flow: row; }
}
@page { size: landscape; margin: 6mm 0 5mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .head, .facts, section > *, footer { margin-left: 6mm; margin-right: 6mm; }
  .paper, .paper.paper { margin: 0; border: 0; overflow: visible; max-height: none; }
  .paper svg { width: 279mm; }
  .controls, .readout, .cursor, .all { display: none !important; }
  .go { border: 0; padding: 0; min-height: 0; min-width: 0; }
  .head .score, h1 { font-size: 14pt; }
  .facts { display: flex; justify-content: space-between; margin-top: 1mm; margin-bottom: 1mm; }
  .facts dt { font-size: 7pt; } .facts dd { font-size: 11pt; }
  h2 { margin-top: 5mm; margin-bottom: 1mm; font-size: 11pt; break-after: avoid; }
  section.new-page { break-before: page; }
  .close-ups { grid-template-columns: repeat(3, 85mm); gap: 3mm; }
  .close-ups figure, table, .beats, .under > * { break-inside: avoid; }
  table { font-size: 8.5pt; } th, td { padding-top: 0.3mm; padding-bottom: 0.3mm; }
  .beats { grid-template-columns: repeat(4, 32mm); grid-template-rows: repeat(3, auto); grid-auto-flow: column; }
}
figure { margin: 0; }
)css";

}  // namespace systolic::report
