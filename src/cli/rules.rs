//! `rules`: the alert rules for Prometheus, for the user's own name of the job.

use std::process::ExitCode;

use clap::Args;

use crate::alert::{Selector, rule_file};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only series of these exporters, as in PromQL, such as `job="x"`; without a job it is `cluster-link-exporter`
    #[arg(long, value_name = "MATCHERS")]
    selector: Option<Selector>,
}

pub(super) fn run(options: &Options) -> ExitCode {
    let selector = options.selector.clone().unwrap_or_default();
    super::say(rule_file(&selector).trim_end());
    ExitCode::SUCCESS
}
