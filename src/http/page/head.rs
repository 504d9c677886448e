//! What the page says of itself: how old it is, and what it leaves out.

use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    badges::{ago, badge, name},
    view::View,
};
use crate::{
    model::{DiscoveryState, Health, Snapshot},
    status::Filter,
};

/// When the page was made, how often the browser asks for a new one, and how to have that otherwise.
pub(super) fn age(view: &View, now: Timestamp) -> Markup {
    let at = now.strftime("%F %T UTC").to_string();
    html! {
        p.more {
            "as of " time datetime=(now) { (at) }
            @match view.refresh() {
                Some(every) => {
                    ", again every " (every.as_secs()) " s "
                    a href=(view.with_refresh(0).href()) { "stop that" }
                },
                None => {
                    ", and not again "
                    a href=(view.with_usual_refresh().href()) { "refresh every 30 s" }
                },
            }
            @if !view.filter.is_narrow() { "; " a href=(view.of_attention().href()) { "only what needs attention" } }
        }
    }
}

/// How each discovery stands: what its list comes to, and why it is not known whole.
pub(super) fn discoveries(snapshot: &Snapshot, now: Timestamp) -> Markup {
    let counts = |discovery: &DiscoveryState| {
        let counts = discovery.clusters.iter();
        let counts = counts.filter(|(status, count)| **count > 0 || **status == "polled");
        let counts = counts.map(|(status, count)| format!("{count} {}", status.replace('_', " ")));
        counts.collect::<Vec<_>>().join(", ")
    };
    html! {
        @for discovery in snapshot.discoveries.iter() {
            p.discovery {
                @if let Some(failure) = &discovery.failure {
                    (badge(Health::Broken, "FAILING")) " discovery at " code { (discovery.name) } ": " (failure) "; "
                } @else { "Discovery at " code { (discovery.name) } ": " }
                (counts(discovery))
                @match discovery.last_success {
                    Some(last) => { ", the last whole list " (ago(last, now)) },
                    None => ", no whole list yet",
                }
            }
        }
    }
}

/// What is left out of the page, or that there is nothing of that name, with a link to all of it.
pub(super) fn filter(view: &View, complaint: Option<&str>, is_empty: bool) -> Markup {
    let everything = html! { a href=(view.of_everything().href()) { "show everything" } };
    if let Some(complaint) = complaint {
        return html! {
            p.filter { (badge(Health::Unknown, "NOT FOUND")) " " (complaint) }
            p.more { (everything) }
        };
    }
    let Filter {
        attention,
        cluster,
        link,
    } = &view.filter;
    html! {
        @if view.filter.is_narrow() {
            p.filter {
                "Below is only "
                @if *attention { "what needs attention" }
                @if let Some(link) = link { @if *attention { " of " } "link " code { (name(link)) } }
                @if let Some(cluster) = cluster {
                    @if *attention || link.is_some() { " of " } "cluster " code { (name(cluster)) }
                }
                @if is_empty { ": nothing" }
                "; " (everything)
            }
        }
    }
}
