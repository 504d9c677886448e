//! `dr-check`: whether one could fail over each link now, for game days and for scripts that gate a failover.
//!
//! It asks twice, a while apart: the API tells lag in messages, and only a second look says how long that is. What it
//! cannot see it does not call ready.

mod report;

use std::{
    collections::BTreeSet,
    io::{self, IsTerminal as _},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use futures_util::future::join_all;
use tokio::time::sleep;

use super::{ConfigFile, Log, Output, output, unanswered};
use crate::{
    app,
    clock::Clock,
    config::{ClusterConfig, Config},
    model::{Cluster, LinkFilter, MirrorDetail, NO_LINK_MATCHES, Readiness, Snapshot},
    poll::Collect,
    status::{Filter, Status},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only these links, by their whole names; also such that the configuration leaves out
    #[arg(value_name = "LINK")]
    links: Vec<String>,
    /// Judge only the links on this cluster, by its name in the configuration; may be given several times. The others are
    /// asked all the same, for the other halves of bidirectional links, and may be silent: name the cluster to fail over
    /// to when the other one is gone
    #[arg(long = "cluster", value_name = "NAME")]
    clusters: Vec<String>,
    /// The time between the two questions; by default the cluster's `poll_interval`. A lag that is longer may be known as
    /// a lower bound only
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    wait: Option<Duration>,
    /// Shape of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "table")]
    output: Output,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    pub(super) log: Log,
}

/// Nobody waits longer at a terminal; what is longer is a slip.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

fn duration(text: &str) -> Result<Duration, &'static str> {
    let duration = humantime::parse_duration(text)
        .map_err(|_| "write a number and a unit, such as `30s` or `2m`")?;
    if duration > LONGEST_WAIT {
        return Err("longer than a day; write `1day` or less, such as `30s` or `2m`");
    }
    Ok(duration)
}

pub(super) fn run(options: &Options) -> ExitCode {
    let (mut config, is_whole) = match options.config.load_with_discovered() {
        Ok(config) => config,
        Err(status) => return status,
    };
    if let Err(problem) = options.check(&config) {
        super::complain(problem);
        return ExitCode::from(2);
    }
    for cluster in &mut config.clusters {
        options.adapt(cluster);
    }
    let snapshot = match super::block_on(ask_twice(&config, options.wait)) {
        Ok(snapshot) => snapshot,
        Err(problem) => {
            super::complain(problem);
            return ExitCode::from(2);
        }
    };
    let judged: Vec<_> = options.judged(&snapshot).collect();
    let said = match options.output {
        Output::Table => report::table(&judged, super::terminal_width()).map_or(Ok(()), super::say),
        Output::Json => {
            let (all, now) = (Filter::default(), Clock::system().now());
            let clusters = judged.iter().copied();
            super::say_json(&Status::of_clusters(clusters, &all, now).at_first_sight())
        }
    };
    let verdict = verdict(&judged, options);
    output::verdict(said, output::of_whole(verdict, is_whole))
}

impl Options {
    /// Refuses names of clusters that are not configured.
    fn check(&self, config: &Config) -> Result<(), String> {
        let known: BTreeSet<_> = config.clusters.iter().map(|it| it.name.as_str()).collect();
        let unknown = self.clusters.iter().find(|it| !known.contains(it.as_str()));
        unknown.map_or(Ok(()), |unknown| {
            let known: Vec<_> = known.into_iter().collect();
            let known = known.join("`, `");
            Err(format!(
                "no cluster is called `{unknown}`; the configuration has `{known}`"
            ))
        })
    }

    /// Asks about the wanted links alone, and for all that a verdict rests on.
    fn adapt(&self, cluster: &mut ClusterConfig) {
        if !self.links.is_empty() {
            cluster.poll.links = LinkFilter::only(self.links.iter().map(String::as_str));
        }
        let mirrors = match cluster.poll.collect.mirrors {
            MirrorDetail::Off => MirrorDetail::Summary,
            wanted => wanted,
        };
        cluster.poll.collect = Collect {
            configs: true,
            mirrors,
        };
    }

    fn judged<'a>(&self, snapshot: &'a Snapshot) -> impl Iterator<Item = &'a Cluster> {
        let clusters = snapshot.clusters.iter().map(|cluster| &**cluster);
        clusters.filter(|cluster| {
            let name = cluster.name.as_str();
            self.clusters.is_empty() || self.clusters.iter().any(|wanted| wanted == name)
        })
    }
}

/// Asks every cluster twice, all at the same time. One that does not answer at first is not waited for.
async fn ask_twice(
    config: &Config,
    wait: Option<Duration>,
) -> Result<Arc<Snapshot>, app::StartError> {
    let store = app::store(config);
    let clock = Clock::system();
    let mut asking = Vec::new();
    for (cluster, poller) in config.clusters.iter().zip(app::pollers(config, &clock)?) {
        let store = &store;
        let wait = wait.unwrap_or(cluster.poll.interval);
        asking.push(async move {
            let report = poller.poll_once(None).await;
            let answered = report.outcome.is_ok();
            store.report(&cluster.name, report);
            if answered {
                say_wait(cluster, wait);
                sleep(wait).await;
                let before = store.snapshot();
                let report = poller
                    .poll_once(before.cluster(cluster.name.as_str()).map(Arc::as_ref))
                    .await;
                store.report(&cluster.name, report);
            }
        });
    }
    join_all(asking).await;
    Ok(store.snapshot())
}

/// A person must know why nothing happens; a script need not.
fn say_wait(cluster: &ClusterConfig, wait: Duration) {
    if io::stderr().is_terminal() {
        let wait = humantime::format_duration(wait);
        super::complain(format_args!(
            "cluster `{}`: asked once, asking again in {wait}",
            cluster.name
        ));
    }
}

/// Says what could not be judged, and sums up: 1 a link is not ready, else 2 one could not be judged, else 0.
fn verdict(judged: &[&Cluster], options: &Options) -> ExitCode {
    let mut unjudged = unanswered::all(judged, &options.links);
    if options.links.is_empty() {
        unjudged.extend(judged.iter().flat_map(|cluster| missing(cluster)));
    }
    let links = || judged.iter().flat_map(|cluster| cluster.judged_links());
    if unjudged.is_empty() && links().next().is_none() {
        unjudged.push("there are no links to judge".to_owned());
    }
    for line in &unjudged {
        super::complain(line);
    }
    let is = |readiness| links().any(|(_, it)| it.failover.readiness() == readiness);
    if is(Readiness::NotReady) {
        ExitCode::from(1)
    } else if !unjudged.is_empty() || is(Readiness::NotJudged) {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}

fn missing(cluster: &Cluster) -> impl Iterator<Item = String> {
    let patterns = cluster.missing.iter();
    patterns.map(|pattern| {
        let name = &cluster.name;
        format!("cluster `{name}`: {NO_LINK_MATCHES} `{pattern}`, which `expect` says should exist")
    })
}
