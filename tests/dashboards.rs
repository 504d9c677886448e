//! The Grafana dashboards: the files that are shipped, what must hold for each of them, and what their queries bring.

#[path = "dashboards/alerts.rs"]
mod alerts;
#[path = "dashboards/asking.rs"]
mod asking;
#[path = "dashboards/blind.rs"]
mod blind;
#[path = "dashboards/boards.rs"]
mod boards;
#[path = "dashboards/demo.rs"]
mod demo;
#[path = "dashboards/empty.rs"]
mod empty;
#[path = "running/exporter.rs"]
#[expect(dead_code, reason = "another test asks it for more")]
mod exporter;
#[path = "dashboards/expressions.rs"]
mod expressions;
#[path = "dashboards/form.rs"]
mod form;
#[path = "support/golden.rs"]
mod golden;
#[path = "dashboards/history.rs"]
mod history;
#[path = "dashboards/identity.rs"]
mod identity;
#[path = "support/installed.rs"]
mod installed;
#[path = "dashboards/mappings.rs"]
mod mappings;
#[path = "support/program.rs"]
#[expect(dead_code, reason = "another test asks it for more")]
mod program;
#[path = "support/promql.rs"]
mod promql;
#[path = "dashboards/provisioning.rs"]
mod provisioning;
#[path = "dashboards/replicas.rs"]
mod replicas;
#[path = "running/server.rs"]
mod server;
mod support;
#[path = "dashboards/unknown.rs"]
mod unknown;
#[path = "dashboards/variables.rs"]
mod variables;

use cluster_link_exporter::{alert::Runbooks, dashboard};

#[test]
fn the_shipped_files_are_what_the_code_says() {
    for board in dashboard::boards() {
        let file = boards::folder().join(board.file_name());
        golden::golden(&file, &board.json(&Runbooks::default()));
    }
}
