//! The alert rules: the file that is shipped, the README's table, the runbooks, and what fires when.

#[path = "rules/commands.rs"]
mod commands;
#[path = "rules/differential.rs"]
mod differential;
#[path = "rules/expressions.rs"]
mod expressions;
#[path = "rules/foreign.rs"]
mod foreign;
#[path = "support/golden.rs"]
mod golden;
#[path = "rules/histories.rs"]
mod histories;
#[path = "rules/index.rs"]
mod index;
#[path = "rules/page.rs"]
mod page;
#[path = "rules/play.rs"]
mod play;
#[path = "support/promql.rs"]
mod promql;
#[path = "rules/readme.rs"]
mod readme;
#[path = "rules/runbooks.rs"]
mod runbooks;
#[path = "rules/states.rs"]
mod states;
#[path = "support/mod.rs"]
mod support;
#[path = "rules/texts.rs"]
mod texts;
#[path = "rules/timeline.rs"]
mod timeline;

use std::path::{Path, PathBuf};

use cluster_link_exporter::alert::RuleFile;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/cluster-link.rules.yaml")
}

#[test]
fn the_shipped_file_is_what_the_table_says() {
    golden::golden(&shipped(), &RuleFile::default().yaml());
}
