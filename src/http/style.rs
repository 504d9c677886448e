//! The page's look. Colour is never the only carrier: every badge has its word.

/// The style sheet, sent inside the page so that it needs no second request.
pub(super) const STYLE: &str = "
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 75rem; padding: 1rem 1.5rem; }
header { display: flex; align-items: baseline; gap: 2rem; flex-wrap: wrap; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 0.2rem; }
nav a { margin-right: 1rem; }
p { margin: 0.1rem 0; }
table { border-collapse: collapse; width: 100%; margin-top: 0.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.9rem 0.25rem 0; font-weight: normal; }
thead th { border-bottom: 1px solid #8888; font-size: 0.85rem; opacity: 0.75; }
tr.link > * { padding-top: 0.8rem; } tr.link th { font-weight: 600; }
td { overflow-wrap: anywhere; } td:nth-child(-n+4) { white-space: nowrap; }
td:last-child { white-space: normal; }
.summary { font-size: 1.1rem; margin: 0.8rem 0; }
tr.link small { display: block; }
small, footer { opacity: 0.75; font-weight: normal; } footer { margin-top: 2rem; font-size: 0.85rem; }
.badge { border-radius: 0.3rem; padding: 0.05rem 0.45rem; font-size: 0.8rem; font-weight: 600; color: #fff; }
.healthy { background: #1a7f37; } .off { background: #57687d; } .changing { background: #0b6bcb; }
.paused { background: #8a6100; }
.unknown { background: #7a3fb0; } .unavailable { background: #b54708; } .broken { background: #c01c28; }
";
