//! `tasks`: the table that users of `confluent kafka link task list` know, for every link of every cluster at once.

mod listing;

use std::{process::ExitCode, sync::Arc};

use clap::Args;
use futures_util::future::join_all;

use super::{ConfigFile, Log, Output, connect, output, unanswered};
use crate::{
    app,
    clock::Clock,
    config::Config,
    model::{ClusterName, Failure, ObservedLink, Reason, Snapshot},
    poll::{Collect, LinkFilter},
    rights::AUTHORIZATION_FAILED,
    status::{Filter, Status},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only these links, by their whole names; also such that the configuration leaves out
    #[arg(value_name = "LINK")]
    links: Vec<String>,
    /// Shape of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "table")]
    output: Output,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    pub(super) log: Log,
}

pub(super) fn run(options: &Options) -> ExitCode {
    let (mut config, is_whole) = match options.config.load_with_discovered() {
        Ok(config) => config,
        Err(status) => return status,
    };
    let configured = config.clusters.clone();
    for cluster in &mut config.clusters {
        cluster.poll.collect = Collect::NOTHING;
    }
    if !options.links.is_empty() {
        let only = LinkFilter::only(options.links.iter().map(String::as_str));
        for cluster in &mut config.clusters {
            cluster.poll.links = only.clone();
        }
    }
    let snapshot = match super::block_on(ask(&config)) {
        Ok(snapshot) => snapshot,
        Err(problem) => {
            super::complain(problem);
            return ExitCode::from(2);
        }
    };
    let said = match options.output {
        Output::Table => match listing::render(&snapshot, super::terminal_width()) {
            Some(table) => super::say(table),
            // Elsewhere standard error says why there is nothing to show.
            None if options.links.is_empty() && is_whole && all_answered(&snapshot) => {
                super::say("no links")
            }
            None => Ok(()),
        },
        Output::Json => {
            let (all, now) = (Filter::default(), Clock::system().now());
            super::say_json(&Status::of(&snapshot, &all, now).at_first_sight())
        }
    };
    let verdict = verdict(&snapshot, &options.links);
    let refused: Vec<_> = refused(&snapshot).collect();
    connect::explain(configured.iter().filter(|it| refused.contains(&&it.name)));
    output::verdict(said, output::of_whole(verdict, is_whole))
}

/// The clusters that refused a question for want of a right.
fn refused(snapshot: &Snapshot) -> impl Iterator<Item = &ClusterName> {
    let clusters = snapshot.clusters.iter().filter(|cluster| {
        let links = cluster.links.iter();
        let mut links = links.filter_map(|link| link.failure.as_ref());
        // Whoever was shown the list has signed in.
        let signed_in = [Reason::Forbidden, Reason::Auth];
        let list = cluster.polls.last_failure.as_ref();
        links.any(|failure| signed_in.contains(&failure.reason)) || list.is_some_and(lacks_right)
    });
    clusters.map(|cluster| &cluster.name)
}

fn lacks_right(failure: &Failure) -> bool {
    let message = || failure.message.to_ascii_lowercase();
    failure.reason == Reason::Forbidden
        || (failure.reason == Reason::Auth && message().contains(AUTHORIZATION_FAILED))
}

fn all_answered(snapshot: &Snapshot) -> bool {
    let mut clusters = snapshot.clusters.iter();
    clusters.all(|cluster| cluster.poll_succeeded())
}

/// Polls every cluster once, all at the same time.
async fn ask(config: &Config) -> Result<Arc<Snapshot>, app::StartError> {
    let store = app::store(config);
    let clock = Clock::system();
    let mut polls = Vec::new();
    for (cluster, poller) in config.clusters.iter().zip(app::pollers(config, &clock)?) {
        let store = &store;
        polls.push(async move {
            store.report(&cluster.name, poller.poll_once(None).await);
        });
    }
    join_all(polls).await;
    Ok(store.snapshot())
}

/// Says what could not be asked, and sums up: 1 a link or a task is not healthy, else 2 something is not known, else 0.
fn verdict(snapshot: &Snapshot, wanted: &[String]) -> ExitCode {
    let clusters: Vec<_> = snapshot.clusters.iter().map(|cluster| &**cluster).collect();
    let unanswered = unanswered::all(&clusters, wanted);
    for line in &unanswered {
        super::complain(line);
    }
    let mut is_unknown = !unanswered.is_empty();
    let links = || {
        snapshot
            .clusters
            .iter()
            .flat_map(|cluster| cluster.shown_links())
    };
    if links().any(ObservedLink::is_unhealthy) {
        return ExitCode::from(1);
    }
    is_unknown |= links().any(ObservedLink::tasks_unknown);
    if is_unknown {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}
