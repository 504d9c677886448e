//! The page's alerts: what is pending, what fires, and whether those who should hear of it can be reached.

use jiff::Timestamp;
use maud::{Markup, html};

use super::{ago, badge};
use crate::{
    alert::{Active, Severity},
    model::Health,
    notify,
};

/// How many alerts the page lists.
const MAX_SHOWN: usize = 200;

/// Nothing where nobody need look: the Watchdog, which always fires, is no news.
pub(super) fn section(alerts: &[Active], receivers: &[notify::Health], now: Timestamp) -> Markup {
    let news: Vec<_> = alerts
        .iter()
        .filter(|active| active.rule.severity != Severity::None)
        .collect();
    html! {
        @if !news.is_empty() {
            section {
                h2 { "Alerts" }
                table {
                    thead { tr { th { "alert" } th { "state" } th { "since" } th { "of" } th { "reason" } } }
                    tbody { @for active in news.iter().take(MAX_SHOWN) { (row(active, now)) } }
                }
                @if news.len() > MAX_SHOWN { p { "and " (news.len() - MAX_SHOWN) " more" } }
            }
        }
        @if !receivers.is_empty() {
            section {
                h2 { "Receivers" }
                table {
                    thead { tr { th { "receiver" } th { "kind" } th { "state" } th { "waiting" } th { "last attempt" } } }
                    tbody { @for receiver in receivers { (receiver_row(receiver, now)) } }
                }
            }
        }
    }
}

fn row(active: &Active, now: Timestamp) -> Markup {
    let is_firing = active.course.is_firing();
    let (health, word) = match (is_firing, active.rule.severity) {
        (false, _) => (Health::Paused, "pending"),
        (true, Severity::Critical) => (Health::Broken, "FIRING"),
        (true, _) => (Health::Unavailable, "FIRING"),
    };
    let since = active
        .course
        .fired_at
        .filter(|_| is_firing)
        .unwrap_or(active.course.active_at);
    let details = &active.details;
    html! {
        tr {
            th scope="row" { (active.rule.name) " " small { (active.rule.severity.label()) } }
            td { (badge(health, word)) }
            td { (ago(since, now)) }
            td { (subject(active)) }
            td {
                @if active.held { p { "nothing new is known at the moment; this is what was seen last" } }
                @for error in &details.errors { p { b { (error.code) } " " (error.message) } }
                @if let Some(failure) = &details.failure { p { (failure) } }
            }
        }
    }
}

/// The values of its labels, the least special first; ids are left to the sections below.
fn subject(active: &Active) -> String {
    let labels = ["cluster_name", "link_name", "task_name", "field"];
    let values = labels.map(|label| active.identity.label(label));
    let values: Vec<_> = values
        .into_iter()
        .filter(|value| !value.is_empty())
        .collect();
    values.join(" / ")
}

fn receiver_row(receiver: &notify::Health, now: Timestamp) -> Markup {
    html! {
        tr {
            th scope="row" { (receiver.receiver) }
            td { (receiver.kind.label()) }
            td {
                @match &receiver.failing {
                    Some(failing) => {
                        (badge(Health::Broken, "FAILING")) " since " (ago(failing.since, now)) ": " (failing.problem)
                    },
                    None if receiver.last.is_none() => { "nothing was sent yet" },
                    None => { (badge(Health::Healthy, "WORKS")) },
                }
            }
            td { (receiver.queued) }
            td { @if let Some(last) = receiver.last { (last.outcome.label()) " " (ago(last.at, now)) } }
        }
    }
}
