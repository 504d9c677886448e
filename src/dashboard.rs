//! Grafana dashboards, written from the tables of this crate: the files in `dashboards/` and the command `dashboards`.
//!
//! A [`Board`] is a list of rows of panels, from the top; a panel is one expression of a builder. States,
//! their order and colours, words and remedies come from the tables they live in; PromQL is written with the marks of
//! `promql`. Nothing here talks to Grafana.

mod annotation;
mod board;
mod exporter;
mod failover;
mod link;
mod mapping;
mod numbers;
mod overview;
mod panel;
mod promql;
mod queries;
mod shared;
mod table;
mod unknown;
mod variable;

pub use board::Board;

use crate::web_links::BaseUrl;

/// Every board, the home first. `runbook_url` is where copies of the runbooks are; without it the boards ask the exporters.
pub fn boards(runbook_url: Option<&BaseUrl>) -> [Board; 4] {
    [
        overview::board(runbook_url),
        link::board(),
        failover::board(),
        exporter::board(),
    ]
}
