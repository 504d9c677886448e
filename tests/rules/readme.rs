//! The README's table of alerts is written from the rules.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path, time::Duration};

use cluster_link_exporter::alert::{Rule, rules};

use crate::{golden::golden, promql::KNOWN};

#[test]
fn the_readme_lists_every_alert() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    written(&path, "alerts", &table());
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
    written(
        &path,
        "labels",
        &format!("{}.\n", text.trim_end_matches(',')),
    );
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
