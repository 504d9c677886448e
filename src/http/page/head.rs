//! What the page says of itself: how old it is, and what it leaves out.

use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    badges::{badge, name},
    selection::{Selection, UnknownName},
    view::View,
};
use crate::model::Health;

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
            @if !view.is_filtered() { " " a href=(view.of_attention().href()) { "only what needs attention" } }
        }
    }
}

/// What is left out of the page, or that there is nothing of that name, with a link to all of it.
pub(super) fn filter(view: &View, selection: &Selection) -> Markup {
    let everything = html! { a href=(view.of_everything().href()) { "show everything" } };
    match selection {
        Selection::Unknown(unknown) => {
            html! { (nothing_named(unknown, view)) p.more { (everything) } }
        }
        Selection::Clusters(clusters) if view.is_filtered() => html! {
            p.filter {
                "Below is only "
                @if view.attention { "what needs attention" }
                @if let Some(link) = &view.link { @if view.attention { " of " } "link " code { (name(link)) } }
                @if let Some(cluster) = &view.cluster {
                    @if view.attention || view.link.is_some() { " of " } "cluster " code { (name(cluster)) }
                }
                @if clusters.is_empty() { ": nothing" }
                "; " (everything)
            }
        },
        Selection::Clusters(_) => html! {},
    }
}

fn nothing_named(unknown: &UnknownName, view: &View) -> Markup {
    let UnknownName {
        what,
        name: unknown,
        nearest,
    } = unknown;
    html! {
        p.filter {
            (badge(Health::Unknown, "NOT FOUND")) " there is no " (what) " " code { (name(unknown)) }
            @if let ("link", Some(cluster)) = (*what, &view.cluster) { " in cluster " code { (name(cluster)) } }
            @if !nearest.is_empty() {
                "; there is "
                @for (place, near) in nearest.iter().enumerate() {
                    @if place > 0 { ", " }
                    code { (name(near)) }
                }
            }
        }
    }
}
