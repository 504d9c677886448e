//! The landing page: what a person who opens the exporter's address wants to see. Works without scripts.

mod mirrors;

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};

mod alerts;

use std::sync::Arc;

use super::style::STYLE;
use crate::{
    alert::Active,
    catalogue::{self, Scope},
    model::{Cluster, Health, KeptLink, KeptTask, ReportedError, Snapshot},
    notify,
};

/// All that the page shows.
pub(super) struct Content<'a> {
    pub(super) snapshot: Arc<Snapshot>,
    /// The worst first.
    pub(super) alerts: Arc<[Active]>,
    pub(super) receivers: Vec<notify::Health>,
    pub(super) now: Timestamp,
    pub(super) telemetry_path: &'a str,
}

/// Renders the page.
pub(super) fn landing(content: &Content) -> String {
    let Content {
        snapshot,
        alerts,
        receivers,
        now,
        telemetry_path,
    } = content;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "cluster-link-exporter" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "cluster-link-exporter" }
                    nav {
                        a href=(*telemetry_path) { "metrics" }
                        a href="/-/healthy" { "healthy" }
                        a href="/-/ready" { "ready" }
                    }
                }
                main {
                    p.summary { (summary(snapshot)) }
                    (alerts::section(alerts, receivers, *now))
                    @for cluster in &snapshot.clusters { (section(cluster, *now)) }
                }
                footer { "version " (env!("CARGO_PKG_VERSION")) ", revision " (env!("BUILD_REVISION")) }
            }
        }
    };
    page.into_string()
}

/// The answer to the first question, in one line. Says that all is well only where that is known of every cluster.
fn summary(snapshot: &Snapshot) -> String {
    let clusters = || snapshot.clusters.iter();
    let links = || clusters().flat_map(|cluster| cluster.shown_links());
    let states = links().filter_map(|kept| kept.link.link_state.as_ref());
    let tasks = links().flat_map(|kept| &kept.tasks);
    let counts = [
        (
            clusters()
                .filter(|cluster| !cluster.poll_succeeded())
                .count(),
            ["cluster has", "clusters have"],
            "no good last poll",
        ),
        (
            states
                .filter(|state| state.health().needs_attention())
                .count(),
            ["link needs", "links need"],
            "attention",
        ),
        (
            tasks
                .filter(|kept| kept.task.state.health().needs_attention())
                .count(),
            ["task needs", "tasks need"],
            "attention",
        ),
        (
            links().filter(|kept| kept.tasks_unknown()).count(),
            ["link has", "links have"],
            "no list of tasks",
        ),
    ];
    let found = counts.iter().filter(|(count, ..)| *count > 0);
    let found: Vec<_> = found
        .map(|(count, [one, many], what)| {
            format!("{count} {} {what}", if *count == 1 { one } else { many })
        })
        .collect();
    if found.is_empty() {
        "Every cluster was polled well; no link and no task needs attention.".to_owned()
    } else {
        format!("{}.", found.join(", "))
    }
}

fn section(cluster: &Cluster, now: Timestamp) -> Markup {
    html! {
        section {
            h2 {
                (cluster.name)
                @if let Some(id) = &cluster.id { " " code { (id) } }
            }
            (poll_line(cluster, now))
            @if cluster.shown_links().next().is_some() {
                table {
                    thead {
                        tr { th { "link" } th { "task" } th { "state" } th { "since" } th { "errors" } }
                    }
                    tbody { @for link in cluster.shown_links() { (link_rows(link, now)) } }
                }
            }
        }
    }
}

/// How the polls go; the first thing to know is whether the rows below can be trusted.
fn poll_line(cluster: &Cluster, now: Timestamp) -> Markup {
    let polls = &cluster.polls;
    html! {
        @if polls.count == 0 {
            p { (badge(Health::Unknown, "NOT YET POLLED")) }
        } @else if let Some(failure) = &polls.last_failure {
            p {
                (badge(Health::Broken, "POLL FAILED")) " " (failure.message)
                @match polls.last_success {
                    Some(at) => { "; last good poll " (ago(at, now)) },
                    None => "; there was no good poll yet",
                }
                @if cluster.withdrawn { "; what was known is too old to be shown" }
            }
        } @else if cluster.listed == 0 {
            p { "this cluster has no links, polled " (ago(polls.last_success.unwrap_or(now), now)) }
        } @else {
            p {
                (cluster.listed) @if cluster.listed == 1 { " link" } @else { " links" }
                ", polled " (ago(polls.last_success.unwrap_or(now), now))
                @let wanted = cluster.links.len();
                @if wanted < cluster.listed { "; " (cluster.listed - wanted) " not asked for" }
                @if cluster.remnants > 0 { "; " (cluster.remnants) " unmanaged source remnants" }
            }
        }
        @for (endpoint, failure) in &polls.left_out {
            p { (badge(Health::Unknown, "NOT READ")) " " (endpoint.label()) ": " (failure.message) }
        }
    }
}

fn link_rows(kept: &KeptLink, now: Timestamp) -> Markup {
    let link = &kept.link;
    html! {
        tr.link {
            th scope="row" {
                (link.link_name)
                @if let Some(remote) = &link.remote_cluster_id { " " small { "remote " code { (remote) } } }
                @if let Some(prefix) = prefix(kept) { " " small { "prefix " code { (prefix) } } }
            }
            td {}
            @match &link.link_state {
                Some(state) => {
                    td { (badge(state.health(), state.raw())) }
                    td { (ago(kept.state_since, now)) }
                },
                None => { td { (badge(Health::Unknown, "NOT REPORTED")) } td {} },
            }
            td {
                (errors(link.link_error.as_slice(), Scope::Link))
                @if let Some(failure) = &kept.failure { p { "describe failed: " (failure.message) } }
                @else if link.tasks.is_none() { p { "the server sends no task list for this link" } }
            }
        }
        @for task in &kept.tasks { (task_row(task, now)) }
        @if let Some(mirrors) = kept.shown_mirrors().filter(|mirrors| mirrors.listed() > 0) {
            (mirrors::row(mirrors))
        }
    }
}

/// What the names of the link's mirror topics begin with, where that is known and anything.
fn prefix(kept: &KeptLink) -> Option<&str> {
    let prefix = kept.configs.as_ref()?.prefix.as_deref();
    prefix.filter(|prefix| !prefix.is_empty())
}

fn task_row(kept: &KeptTask, now: Timestamp) -> Markup {
    let task = &kept.task;
    html! {
        tr {
            td {}
            td { (task.task_name) }
            td { (badge(task.state.health(), task.state.raw())) }
            td { (ago(kept.state_since, now)) }
            td { (errors(&task.errors, Scope::Task)) }
        }
    }
}

/// The errors, each with what the catalogue says to do below it.
fn errors(errors: &[ReportedError], scope: Scope) -> Markup {
    html! {
        @for (error, hint) in catalogue::with_hints(errors, scope) {
            p { b { (error.error_code) } " " (error.error_message) }
            @if let Some(hint) = hint { p { small { "hint: " (hint) } } }
        }
    }
}

fn badge(health: Health, word: &str) -> Markup {
    html! { span class={ "badge " (health.as_str()) } { (word) } }
}

/// An age in words, with the exact time to hover over.
fn ago(then: Timestamp, now: Timestamp) -> Markup {
    let age = now.duration_since(then).unsigned_abs();
    let age = std::time::Duration::from_secs(age.as_secs());
    // Two units are enough for a glance: `3days 4h`.
    let words = humantime::format_duration(age).to_string();
    let short = words.split(' ').take(2).collect::<Vec<_>>().join(" ");
    html! { time datetime=(then) title=(then) { (short) " ago" } }
}
