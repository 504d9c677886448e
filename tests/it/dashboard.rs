//! The Grafana dashboards: the files that are shipped, what must hold for each of them, and what their queries bring.

mod alerts;
mod asking;
mod blind;
pub(crate) mod boards;
mod demo;
mod empty;
mod expressions;
mod form;
mod grafana;
mod history;
mod identity;
mod mappings;
mod month;
mod preview;
mod provisioning;
mod replicas;
mod unknown;
mod variables;

use cluster_link_exporter::dashboard;

use crate::support::golden::golden;

#[test]
fn the_shipped_files_are_what_the_code_says() {
    for board in dashboard::boards(None) {
        let file = boards::folder().join(board.file_name());
        golden(&file, &board.json());
    }
}
