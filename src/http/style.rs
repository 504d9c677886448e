//! The page's look. Colour is never the only carrier: every badge has its word.

/// The style sheet, sent inside the page so that it needs no second request.
pub(super) const STYLE: &str = "
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 78rem; padding: 1rem 1.5rem; }
header { display: flex; align-items: baseline; gap: 2rem; flex-wrap: wrap; }
h1 { font-size: 1.4rem; } h1 a, h2 a { color: inherit; text-decoration: none; } h2 a:hover { text-decoration: underline; }
h2 { font-size: 1.1rem; margin: 1.8rem 0 0.2rem; }
nav a { margin-right: 1rem; }
p { margin: 0.1rem 0; }
code { font-size: 0.92em; } code, .badge { unicode-bidi: isolate; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.8rem 0.25rem 0; font-weight: normal;
  box-sizing: border-box; }
thead th { border-bottom: 1px solid #8888; font-size: 0.85rem; opacity: 0.75; }
th, td { overflow-wrap: break-word; }
.alerts { margin-top: 0.5rem; }
details, a.line { border-top: 1px solid #8883; }
a.line { color: inherit; text-decoration: none; }
.line { display: grid; gap: 0 0.8rem; align-items: baseline; padding: 0.35rem 0;
  grid-template-columns: 0.8rem 14.2rem 10.7rem 7rem 6.5rem minmax(6rem, 2fr) minmax(8rem, 3fr); }
.line > * { overflow-wrap: anywhere; } a.line > span:last-child, summary.line > span:last-child { font-size: 0.85em; opacity: 0.75; }
.good { color: #1a7f37; }
@media (prefers-color-scheme: dark) { .good { color: #56c271; } a { color: #7ab8ff; } }
.head { font-size: 0.85rem; opacity: 0.75; margin-top: 0.5rem; }
.head::before { content: ''; }
summary { cursor: pointer; list-style: none; } summary::-webkit-details-marker { display: none; }
summary::before, a.line::before { content: '\\25B8'; opacity: 0.6; } details[open] > summary::before { content: '\\25BE'; }
summary:hover, a.line:hover { background: #8881; }
:target { outline: 2px solid #0b6bcb; outline-offset: 2px; }
.parts { font-size: 0.93rem; margin-bottom: 0.9rem; }
@media (min-width: 60rem) {
  .parts { table-layout: fixed; margin-left: 1.6rem; width: calc(100% - 1.6rem); }
  .parts th { width: 15rem; } .parts td:nth-child(2) { width: 11.5rem; } .parts td:nth-child(3) { width: 7.8rem; }
  .alerts td:nth-child(-n+3) { white-space: nowrap; }
}
@media (max-width: 60rem) {
  .line { display: flex; flex-wrap: wrap; }
  thead, .line.head { display: none; }
  tr { display: block; padding: 0.2rem 0; }
  th, td { display: inline-block; padding: 0 0.6rem 0 0; max-width: 100%; overflow-wrap: anywhere; }
  td:last-child { display: block; }
}
.prose { max-width: 46rem; } .prose p { margin: 0.7rem 0; } .prose th, .prose td { border-bottom: 1px solid #8883; }
.prose pre { overflow-x: auto; padding: 0.6rem 0.8rem; background: #8882; }
.summary { font-size: 1.1rem; margin: 0.8rem 0 0.2rem; } .more { font-size: 0.85rem; }
.filter { margin: 0.8rem 0; padding: 0.35rem 0.7rem; border-left: 0.25rem solid #0b6bcb; background: #8882; }
.fold { margin-top: 0.9rem; padding: 0.35rem 0; border-top: 1px solid #8883; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; } .fold a { color: inherit; text-decoration: none; }
.fold::before { content: '\\25B8'; opacity: 0.6; margin-right: 0.4rem; } .fold.open::before { content: '\\25BE'; }
.fold a:hover { text-decoration: underline; }
small, footer { opacity: 0.75; font-weight: normal; } footer { margin-top: 2rem; font-size: 0.85rem; }
.badge { border-radius: 0.3rem; padding: 0.05rem 0.45rem; font-size: 0.8rem; font-weight: 600; color: #fff;
  white-space: nowrap; }
.healthy { background: #1a7f37; } .off { background: #57687d; } .changing { background: #0b6bcb; }
.paused { background: #8a6100; }
.unknown { background: #7a3fb0; } .unavailable { background: #b54708; } .broken { background: #c01c28; }
";
