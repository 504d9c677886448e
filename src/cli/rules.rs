//! `rules`: the alert rules for Prometheus, for the user's own name of the job and the user's own overrides.

use std::process::ExitCode;

use clap::Args;

use super::{ConfigFile, output};
use crate::{
    alert::{RuleFile, Runbooks, Selector},
    config::{Config, Environment},
};

#[derive(Clone, Debug, Args)]
pub(super) struct Options {
    /// Only series of these exporters, as in PromQL, such as `job="x"`; without a job it is `cluster-link-exporter`
    #[arg(long, value_name = "MATCHERS")]
    selector: Option<Selector>,
    /// Where the folder `alerts/runbooks` is read, for the links in alerts, such as https://wiki.example.com/runbooks;
    /// otherwise `alerting.runbook_url` of the configuration file
    #[arg(long, value_name = "URL")]
    runbook_url: Option<Runbooks>,
}

pub(super) fn run(config: &ConfigFile, options: &Options) -> ExitCode {
    let Options {
        selector,
        runbook_url,
    } = options.clone();
    let configured = config.file.as_deref().map_or_else(
        || Ok(RuleFile::default()),
        |path| Config::rules_of(path, &Environment::capture()),
    );
    let configured = match configured {
        Ok(configured) => configured,
        Err(problems) => return super::report(&problems),
    };
    let file = RuleFile {
        selector: selector.unwrap_or_default(),
        runbooks: runbook_url.unwrap_or(configured.runbooks),
        overrides: configured.overrides,
    };
    output::status(super::say(file.yaml().trim_end()))
}
