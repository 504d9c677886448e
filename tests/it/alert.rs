//! The alert rules: the file that is shipped, the runbooks, and what fires when.

mod alertmanager;
pub(crate) mod commands;
mod differential;
mod expressions;
mod foreign;
mod histories;
mod index;
mod law;
pub(crate) mod page;
pub(crate) mod play;
mod recordings;
mod replicas;
mod restart;
mod runbooks;
mod states;
mod texts;
mod timeline;
mod torn;

use std::path::{Path, PathBuf};

use cluster_link_exporter::alert::RuleFile;

use crate::support::golden::golden;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/cluster-link.rules.yaml")
}

#[test]
fn the_shipped_file_is_what_the_table_says() {
    golden(&shipped(), &RuleFile::default().yaml());
}
