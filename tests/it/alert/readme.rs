//! The README's table of alerts is written from the rules.

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use cluster_link_exporter::alert::{Rule, rules};

use crate::support::golden::golden;

#[test]
fn the_readme_lists_every_alert() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    written(&path, "alerts", &table());
}

/// Fails where the file does not hold this text between its markers `<!-- part:begin -->` and `<!-- part:end -->`.
pub(crate) fn written(file: &Path, part: &str, text: &str) {
    let found = fs::read_to_string(file).expect("the file can be read");
    let [begin, end] = ["begin", "end"].map(|side| format!("<!-- {part}:{side} -->"));
    let markers = || {
        let (before, rest) = found.split_once(&begin)?;
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    };
    let Some((before, after)) = markers() else {
        panic!(
            "{} has no line `{begin}` with a line `{end}` below it; write both",
            file.display()
        );
    };
    golden(file, &format!("{before}{begin}\n{text}{end}{after}"));
}

fn table() -> String {
    let mut table =
        "\n| alert | severity | scope | after | meaning |\n|---|---|---|---|---|\n".to_owned();
    for rule in rules() {
        let Rule {
            name,
            meaning,
            severity,
            subject,
            wait,
            ..
        } = rule;
        let wait = if *wait == Duration::ZERO {
            "at once".to_owned()
        } else {
            humantime::format_duration(*wait).to_string()
        };
        let _ = writeln!(
            table,
            "| `{name}` | {} | {} | {wait} | {meaning} |",
            severity.label(),
            subject.scopes().join(" or ")
        );
    }
    table + "\n"
}
