//! The README's table of alerts is written from the rules.

use std::{collections::BTreeSet, fmt::Write as _, path::Path, time::Duration};

use cluster_link_exporter::alert::{Rule, rules};

use crate::support::{golden::golden_part, promql::KNOWN};

#[test]
fn the_readme_lists_every_alert() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    golden_part(&path, "alerts", &table());
}

/// Every label of the exporter's own series but those of histograms.
#[test]
fn the_readme_lists_every_label_that_a_target_may_have_too() {
    let labels = KNOWN.iter().filter(|(name, _)| !name.starts_with("ALERTS"));
    let labels: BTreeSet<_> = labels.flat_map(|(_, labels)| labels.keys()).collect();
    let labels = labels.into_iter().filter(|label| *label != "le");
    let listed: Vec<_> = labels.map(|label| format!("`{label}`")).collect();
    let mut lines = vec![String::new()];
    for label in listed {
        let line = lines.last_mut().expect("there is one");
        if line.len() + label.len() > 110 {
            lines.push(label + ", ");
        } else {
            *line += &(label + ", ");
        }
    }
    let text: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
    let text = text.join("\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    golden_part(
        &path,
        "labels",
        &format!("{}.\n", text.trim_end_matches(',')),
    );
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
