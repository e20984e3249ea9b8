/** The report's style sheet: system colours, one column on phones. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c1b1a; --soft: #5d5a56; --paper: #fbfaf7; --line: #d9d5cd; --best: #dcebd7; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceae6; --soft: #a9a49c; --paper: #191817; --line: #3b3835; --best: #2f4a2b; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; overflow-wrap: anywhere; }
p, dd { max-width: 46rem; }
small { color: var(--soft); font-weight: normal; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .45rem .7rem; text-align: right; white-space: nowrap; }
tbody tr { border-top: 1px solid var(--line); }
th[scope=row], thead td { text-align: left; position: sticky; left: 0; background: var(--paper); }
th[scope=col] { font-weight: 600; color: var(--soft); }
td.best { background: var(--best); font-weight: 600; }
dl { display: grid; grid-template-columns: 11rem 1fr; gap: .5rem 1rem; margin: 0; }
dt { font-weight: 600; }
dt small { display: block; }
dd { margin: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .7rem; }
figure { margin: 0; }
figcaption { font-size: .85rem; color: var(--soft); }
img { width: 100%; height: auto; display: block; background: #fff; border: 1px solid var(--line); }
.tiles img { max-width: 256px; }
details { margin-top: .7rem; }
summary { cursor: pointer; padding: .4rem 0; }
.strips { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem; }
.strip div { display: grid; grid-template-columns: repeat(3, 1fr); gap: 3px; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .8rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 34rem) {
  dl { grid-template-columns: 1fr; gap: .1rem; }
  dd { margin-bottom: .6rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .strips { grid-template-columns: 1fr; }
}
`;
