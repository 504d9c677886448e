//! The README's table of alerts is written from the rules.

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use cluster_link_exporter::alert::{Rule, rules};

use crate::golden::golden;

const BEGIN: &str = "<!-- alerts:begin -->\n";
const END: &str = "<!-- alerts:end -->";

#[test]
fn the_readme_lists_every_alert() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("README.md can be read");
    let (before, rest) = readme
        .split_once(BEGIN)
        .expect("README.md has the marker `alerts:begin`");
    let (_, after) = rest
        .split_once(END)
        .expect("README.md has the marker `alerts:end`");
    golden(&path, &format!("{before}{BEGIN}{}{END}{after}", table()));
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
            subject.scope()
        );
    }
    table + "\n"
}
