//! The landing page: what a person who opens the exporter's address wants to see. Works without scripts.

mod alerts;
mod badges;
mod head;
mod link;
mod mirrors;
mod part;
mod runbook;
mod summary;
mod transitions;
mod verdict;
mod view;

use std::sync::Arc;

use hyper::StatusCode;
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use self::{
    badges::{ago, badge, hint, name, relative},
    link::List,
};
pub(super) use self::{
    runbook::{RUNBOOKS, runbook},
    transitions::{MOST as MOST_TRANSITIONS, wanted as wanted_transitions},
    view::View,
};
use super::style::STYLE;
use crate::{
    alert::{ActiveAlert, Mutes},
    anchor,
    journal::Entry,
    model::{Cluster, Endpoint, Expectation, Health, NO_LINK_MATCHES, Shard, Snapshot},
    notify,
    text::printable_lines,
    web_links::WebLinks,
};

/// All that the page shows.
pub(super) struct Content<'a> {
    pub(super) snapshot: Arc<Snapshot>,
    /// The worst first.
    pub(super) alerts: Arc<[ActiveAlert]>,
    pub(super) receivers: Vec<notify::Health>,
    /// The newest first.
    pub(super) transitions: Vec<Arc<Entry>>,
    pub(super) view: &'a View,
    pub(super) now: Timestamp,
    pub(super) telemetry_path: &'a str,
    pub(super) mutes: Arc<Mutes>,
    pub(super) links: &'a WebLinks,
    pub(super) shard: Option<Shard>,
}

/// Renders the page piece by piece: whole, that of many links would be a text of many megabytes. Says whether there is
/// what the view names.
pub(super) fn landing(content: &Content, mut write: impl FnMut(&str)) -> StatusCode {
    // Whatever stands on the page, and in whichever part of it: none of it hides or turns what is beside it.
    let mut write = |piece: Markup| write(&printable_lines(&piece.0));
    let Content {
        snapshot,
        receivers,
        transitions,
        view,
        now,
        ..
    } = content;
    write(beginning(content));
    let complaint = view.filter.complaint(snapshot);
    let clusters = snapshot.clusters.iter();
    let clusters: Vec<_> = clusters.filter(|it| view.filter.keeps(it)).collect();
    write(html! {
        p.summary { (summary::sentence(snapshot)) }
        (head::age(view, *now))
        (head::discoveries(snapshot, *now))
        (head::filter(view, complaint.as_deref(), clusters.is_empty()))
    });
    if complaint.is_none() {
        write(alerts::section(content));
        for cluster in clusters {
            write(html! { (PreEscaped("<section>")) (heading(cluster, view, *now)) });
            let list = List {
                cluster,
                view,
                links: content.links,
                now: *now,
            };
            list.show(&mut write);
            write(html! { (PreEscaped("</section>")) });
        }
        write(html! {
            (transitions::section(transitions, view, snapshot, *now))
            (alerts::receivers(receivers, *now))
        });
    }
    write(end(content.shard));
    if complaint.is_none() {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    }
}

/// All after what is known.
fn end(shard: Option<Shard>) -> Markup {
    html! {
        (PreEscaped("</main>"))
        footer {
            "version " (env!("CARGO_PKG_VERSION")) ", revision " (env!("BUILD_REVISION"))
            @if let Some(shard) = shard {
                ", shard " (shard) ": the other clusters of the configuration are on the pages of the other shards"
            }
        }
        (PreEscaped("</body></html>"))
    }
}

/// All before what is known, with `<html>`, `<body>` and `<main>` left open.
fn beginning(content: &Content) -> Markup {
    html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            @if let Some(every) = content.view.refresh() { meta http-equiv="refresh" content=(every.as_secs()); }
            title { "cluster-link-exporter" }
            style { (PreEscaped(STYLE)) }
        }
        (PreEscaped("<body>"))
        header {
            h1 { a href=(content.view.of_everything().href()) { "cluster-link-exporter" } }
            nav {
                a href=(relative(content.telemetry_path)) { "metrics" }
                a href=(relative(RUNBOOKS)) { "runbooks" }
                a href=(relative("/-/healthy")) { "healthy" }
                a href=(relative("/-/ready")) { "ready" }
            }
        }
        (PreEscaped("<main>"))
    }
}

/// All that is said of a cluster but its links.
fn heading(cluster: &Cluster, view: &View, now: Timestamp) -> Markup {
    let own = view.of_cluster(cluster.name.as_str());
    html! {
        h2 id=(anchor::of_cluster(cluster.name.as_str())) {
            a href=(own.href()) { (name(&cluster.name)) }
            @if let Some(id) = &cluster.id { " " code { (id) } }
        }
        (poll_line(cluster, now))
        @if view.filter.link.is_none() {
            @for pattern in cluster.shown_missing() { (missing(pattern)) }
        } @else if !cluster.is_listed() {
            p { "whether this cluster has the link is not known now" }
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
        p { (badge(Health::Broken, "violated")) " " (verdict::named(exists)) " " (NO_LINK_MATCHES) " " code { (pattern) } }
        (hint(exists.remedy))
    }
}
