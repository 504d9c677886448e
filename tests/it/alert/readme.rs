//! The README's table of alerts is written from the rules.

use std::{fmt::Write as _, path::Path, time::Duration};

use cluster_link_exporter::alert::{Rule, rules};

use crate::support::golden::golden_part;

#[test]
fn the_readme_lists_every_alert() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    golden_part(&path, "alerts", &table());
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
            hold_duration,
            ..
        } = rule;
        let hold_duration = if *hold_duration == Duration::ZERO {
            "at once".to_owned()
        } else {
            humantime::format_duration(*hold_duration).to_string()
        };
        let _ = writeln!(
            table,
            "| `{name}` | {} | {} | {hold_duration} | {meaning} |",
            severity.label(),
            subject.scopes().join(" or ")
        );
    }
    table + "\n"
}
