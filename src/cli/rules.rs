//! `rules`: the alert rules for Prometheus, for the user's own name of the job and the user's own overrides.

use std::process::ExitCode;

use clap::Args;

use super::{ConfigFile, output};
use crate::{
    alert::{KeptLabel, KeptLabels, Objective, RuleFile, Selector},
    config::{Config, Environment, base_url},
    web_links::{BaseUrl, WebLinks},
};

#[derive(Clone, Debug, Args)]
pub(super) struct Options {
    /// Only series of these exporters, as in PromQL, such as `job="x"`; without a job it is `cluster-link-exporter`
    #[arg(long, value_name = "MATCHERS")]
    selector: Option<Selector>,
    /// Where your copy of the folder `alerts/runbooks` is read, such as https://wiki.example.com/runbooks; otherwise as the
    /// configuration file says under `alerting`, and where it says nothing, as each running exporter says when the alert
    /// fires
    #[arg(long, value_name = "URL", value_parser = base_url)]
    runbook_url: Option<BaseUrl>,
    /// Where Grafana is, such as https://grafana.example.com; otherwise as for --runbook-url
    #[arg(long, value_name = "URL", value_parser = base_url)]
    grafana_url: Option<BaseUrl>,
    /// Labels of Prometheus' targets that alerts keep beside their own, to route by them, such as `env,team`; targets that
    /// differ in them have alerts of their own; otherwise `alerting.keep_labels` of the configuration file
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    keep_labels: Option<Vec<KeptLabel>>,
    /// Also record which part of the time each link, each task and the data were good, over up to 30 days, and alert while
    /// they are bad so fast that less than this many percent will be, such as 99.9
    #[arg(long, value_name = "PERCENT")]
    slo: Option<Objective>,
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) fn run(options: &Options) -> ExitCode {
    let Options {
        selector,
        runbook_url,
        grafana_url,
        keep_labels,
        slo,
        config,
    } = options.clone();
    let configured = config.file.as_deref().map_or_else(
        || Ok(RuleFile::default()),
        |path| Config::rules_of(path, &Environment::capture()),
    );
    let configured = match configured {
        Ok(configured) => configured,
        Err(problems) => return super::report(&problems),
    };
    let keep_labels = keep_labels.map(KeptLabels::from_iter);
    let file = RuleFile {
        selector: selector.unwrap_or_default(),
        keep_labels: keep_labels.unwrap_or(configured.keep_labels),
        links: WebLinks {
            runbook_url: runbook_url.or(configured.links.runbook_url),
            grafana_url: grafana_url.or(configured.links.grafana_url),
            ..configured.links
        },
        overrides: configured.overrides,
        slo,
    };
    output::status(super::say(file.yaml().trim_end()))
}
