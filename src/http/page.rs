//! The landing page: what a person who opens the exporter's address wants to see. Works without scripts.

mod alerts;
mod badges;
mod link;
mod mirrors;
mod part;
mod runbook;
mod summary;
mod verdict;

use std::sync::Arc;

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use self::badges::{ago, badge, hint, name};
pub(super) use self::runbook::{RUNBOOKS, runbook};
use super::style::STYLE;
use crate::{
    alert::ActiveAlert,
    model::{Cluster, Endpoint, Expectation, Health, Shard, Snapshot},
    notify,
    text::printable_lines,
};

/// All that the page shows.
pub(super) struct Content<'a> {
    pub(super) snapshot: Arc<Snapshot>,
    /// The worst first.
    pub(super) alerts: Arc<[ActiveAlert]>,
    pub(super) receivers: Vec<notify::Health>,
    pub(super) now: Timestamp,
    pub(super) telemetry_path: &'a str,
    pub(super) shard: Option<Shard>,
}

/// Renders the page piece by piece: whole, that of many links would be a text of many megabytes.
pub(super) fn landing(content: &Content, mut write: impl FnMut(&str)) {
    // Whatever stands on the page, and in whichever part of it: none of it hides or turns what is beside it.
    let mut write = |piece: Markup| write(&printable_lines(&piece.0));
    let Content {
        snapshot,
        alerts,
        receivers,
        now,
        telemetry_path,
        shard,
    } = content;
    write(beginning(telemetry_path));
    write(html! {
        p.summary { (summary::sentence(snapshot)) }
        (alerts::section(alerts, receivers, *now))
    });
    for cluster in &snapshot.clusters {
        write(html! { (PreEscaped("<section>")) (heading(cluster, *now)) });
        link::list(cluster, *now, &mut write);
        write(html! { (PreEscaped("</section>")) });
    }
    write(html! {
        (PreEscaped("</main>"))
        footer {
            "version " (env!("CARGO_PKG_VERSION")) ", revision " (env!("BUILD_REVISION"))
            @if let Some(shard) = shard {
                ", shard " (shard) ": the other clusters of the configuration are on the pages of the other shards"
            }
        }
        (PreEscaped("</body></html>"))
    });
}

/// All before what is known, with `<html>`, `<body>` and `<main>` left open.
fn beginning(telemetry_path: &str) -> Markup {
    html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { "cluster-link-exporter" }
            style { (PreEscaped(STYLE)) }
        }
        (PreEscaped("<body>"))
        header {
            h1 { "cluster-link-exporter" }
            nav {
                a href=(telemetry_path) { "metrics" }
                a href=(RUNBOOKS) { "runbooks" }
                a href="/-/healthy" { "healthy" }
                a href="/-/ready" { "ready" }
            }
        }
        (PreEscaped("<main>"))
    }
}

/// All that is said of a cluster but its links.
fn heading(cluster: &Cluster, now: Timestamp) -> Markup {
    html! {
        h2 {
            (name(&cluster.name))
            @if let Some(id) = &cluster.id { " " code { (id) } }
        }
        (poll_line(cluster, now))
        @for pattern in cluster.shown_missing() { (missing(pattern)) }
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
                @if cluster.is_stale { "; what was known is too old to be shown" }
            }
        } @else if cluster.listed == 0 {
            p { "this cluster has no links, polled " (ago(polls.last_success.unwrap_or(now), now)) }
        } @else {
            p {
                (cluster.listed) @if cluster.listed == 1 { " link" } @else { " links" }
                ", polled " (ago(polls.last_success.unwrap_or(now), now))
                @let wanted = cluster.links.len();
                @if wanted < cluster.listed { "; " (cluster.listed - wanted) " not asked for" }
                @if cluster.remnants > 0 { "; " (cluster.remnants) " unmanaged source remnant" @if cluster.remnants > 1 { "s" } }
            }
        }
        @for (endpoint, failure) in &polls.left_out {
            p { (badge(Health::Unknown, "NOT READ")) " " (endpoint.label()) ": " (failure.message) }
        }
        @for endpoint in [Endpoint::Configs, Endpoint::Mirrors] {
            @if cluster.details_succeeded(endpoint) == Some(false) && !polls.left_out.contains_key(&endpoint) {
                p {
                    (badge(Health::Unknown, "NOT UNDERSTOOD")) " " (endpoint.label())
                    ": the answer lacks names, states or values"
                }
            }
        }
    }
}

/// A pattern of `expect` that matches no link.
fn missing(pattern: &str) -> Markup {
    let exists = Expectation::Exists.row();
    html! {
        p { (badge(Health::Broken, "violated")) " " (verdict::named(exists)) " no link matches " code { (pattern) } }
        (hint(exists.remedy))
    }
}
