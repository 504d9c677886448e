//! The Grafana dashboards: the files that are shipped, what must hold for each of them, and what their queries bring.

#[path = "support/golden.rs"]
mod golden;

use std::path::{Path, PathBuf};

use cluster_link_exporter::{alert::Runbooks, dashboard};

/// The folder of the shipped files.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards")
}

#[test]
fn the_shipped_files_are_what_the_code_says() {
    for board in dashboard::boards() {
        let file = folder().join(board.file_name());
        golden::golden(&file, &board.json(&Runbooks::default()));
    }
}
