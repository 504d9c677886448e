//! The page's alerts: what is pending, what fires, and whether those who should hear of it can be reached.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    Content, RUNBOOKS,
    badges::{ago, badge, name, relative, with_code},
    view::View,
};
use crate::{
    alert::{ActiveAlert, Mute, Severity},
    anchor,
    model::{Health, Snapshot},
    notify,
};

/// How many alerts of a kind the page lists.
const MAX_SHOWN: usize = 200;

/// What fires, then how much is pending, and receivers that cannot be reached. Nothing where nobody need look: the
/// Watchdog, which always fires, is no news.
pub(super) fn section(content: &Content) -> Markup {
    let Content {
        alerts,
        receivers,
        view,
        now,
        mutes,
        ..
    } = content;
    let news = alerts.iter();
    let (shown, elsewhere): (Vec<_>, Vec<_>) = news
        .filter(|active| active.rule.severity != Severity::None)
        .partition(|active| is_of(active, view));
    let (firing, pending): (Vec<_>, Vec<_>) = shown
        .into_iter()
        .partition(|active| active.state.is_firing());
    let elsewhere = elsewhere.iter().filter(|active| active.state.is_firing());
    let elsewhere = elsewhere.count();
    let mut given = BTreeSet::new();
    html! {
        @for mute in mutes.in_force(*now) {
            p { (badge(Health::Paused, "MUTED")) " " (until(mute)) "; receivers do not hear of the alerts that it covers" }
        }
        @if !firing.is_empty() {
            section {
                h2 { "Alerts: " (firing.len()) " firing" }
                (table(&firing, content, &mut given))
            }
        }
        @if !pending.is_empty() {
            // A `details` that somebody opens is folded again when the page refreshes itself: the URL says whether it is.
            p.fold.open[view.pending] {
                a href=(view.with_pending(!view.pending).href()) { (counted(&pending)) }
            }
            @if view.pending { (table(&pending, content, &mut given)) }
        }
        @if elsewhere > 0 {
            p { (elsewhere) @if elsewhere == 1 { " alert fires" } @else { " alerts fire" } " elsewhere" }
        }
        @for receiver in receivers {
            @if let Some(failing) = &receiver.failing {
                p { (badge(Health::Broken, "FAILING")) " receiver " (name(&receiver.receiver)) " since " (ago(failing.since, *now)) ": " (failing.problem) }
            }
        }
    }
}

/// Until when and why something is muted.
fn until(mute: &Mute) -> Markup {
    html! { "until " time { (mute.until.strftime("%F %T UTC")) } ": " (name(&mute.comment)) }
}

/// Whether the alert is of what the view shows.
fn is_of(active: &ActiveAlert, view: &View) -> bool {
    let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|it| it == found);
    let (filter, identity) = (&view.filter, &active.identity);
    is(&filter.cluster, identity.cluster_name()) && is(&filter.link, identity.link_name())
}

/// How many are pending, and of which rules.
fn counted(pending: &[&ActiveAlert]) -> String {
    let mut rules = BTreeMap::<_, usize>::new();
    for active in pending {
        *rules.entry(active.rule.name).or_default() += 1;
    }
    let rules: Vec<_> = rules
        .iter()
        .map(|(rule, count)| match count {
            1 => (*rule).to_owned(),
            count => format!("{rule} ({count})"),
        })
        .collect();
    format!("{} pending: {}", pending.len(), rules.join(", "))
}

/// `given` are the places that other rows are.
fn table(alerts: &[&ActiveAlert], content: &Content, given: &mut BTreeSet<String>) -> Markup {
    let rows = alerts.iter().take(MAX_SHOWN).map(|active| {
        let place = place_of(active, &content.snapshot);
        (active, place.filter(|place| given.insert(place.clone())))
    });
    html! {
        table.alerts {
            thead { tr { th { "alert" } th { "state" } th { "since" } th { "of" } th { "reason" } } }
            tbody { @for (active, place) in rows { (row(active, place.as_deref(), content)) } }
        }
        @if alerts.len() > MAX_SHOWN { p { "and " (alerts.len() - MAX_SHOWN) " more" } }
    }
}

/// Where a notification of the alert points to, unless a section below is that place: what is gone has none there.
fn place_of(active: &ActiveAlert, snapshot: &Snapshot) -> Option<String> {
    let named = |name| Some(name).filter(|name: &&str| !name.is_empty());
    let cluster = named(active.identity.cluster_name())?;
    let link = named(active.identity.link_name());
    let is_below = snapshot
        .cluster(cluster)
        .is_some_and(|known| link.is_none_or(|link| known.shown_verdict(link).is_some()));
    (!is_below).then(|| anchor::of_subject(cluster, link))
}

/// How the delivery to each receiver goes. Last on the page: those that cannot be reached are named above everything.
pub(super) fn receivers(receivers: &[notify::Health], now: Timestamp) -> Markup {
    html! {
        @if !receivers.is_empty() {
            section {
                h2 { "Receivers" }
                table.alerts {
                    thead { tr { th { "receiver" } th { "kind" } th { "state" } th { "waiting" } th { "last attempt" } } }
                    tbody { @for receiver in receivers { (receiver_row(receiver, now)) } }
                }
            }
        }
    }
}

fn row(active: &ActiveAlert, place: Option<&str>, content: &Content) -> Markup {
    let now = content.now;
    let is_firing = active.state.is_firing();
    let (health, word) = match (is_firing, active.rule.severity) {
        (false, _) => (Health::Paused, "pending"),
        (true, Severity::Critical) => (Health::Broken, "FIRING"),
        (true, _) => (Health::Unavailable, "FIRING"),
    };
    let since = active
        .state
        .fired_at
        .filter(|_| is_firing)
        .unwrap_or(active.state.active_at);
    let details = &active.details;
    html! {
        tr id=[place] {
            th scope="row" { a href=(relative(&format!("{RUNBOOKS}{}", active.rule.name))) { (active.rule.name) } " " small { (active.rule.severity.label()) } }
            td { (badge(health, word)) }
            td { (ago(since, now)) }
            td { (subject(active, content)) }
            td {
                @if let Some(mute) = content.mutes.of(active, now).filter(|_| is_firing) {
                    p { (badge(Health::Paused, "muted")) " " (until(mute)) }
                }
                @if active.is_last_known { p { "nothing new is known at the moment; this is what was seen last" } }
                @for error in &details.errors { p { b { (error.code) } " " (name(&error.message)) } }
                @if let Some(failure) = &details.failure { p { (failure) } }
                @if let Some(found) = &details.found { p { (reason(active.word(), found)) } }
            }
        }
    }
}

/// What was seen, behind the word for it where there is one.
fn reason(word: Option<&str>, found: &str) -> Markup {
    html! { @if let Some(word) = word { b { (word) } " " } (with_code(found)) }
}

/// The values of its labels, the least special first, with a link to what they name; ids are left to the sections below.
fn subject(active: &ActiveAlert, content: &Content) -> Markup {
    let label = |name| Some(active.identity.label(name)).filter(|value| !value.is_empty());
    let labels = ["cluster_name", "link_name", "task_name", "field"].map(label);
    let [cluster, link, task, _] = labels;
    let values: Vec<_> = labels.into_iter().flatten().collect();
    let Content { snapshot, view, .. } = content;
    let href = cluster.map(|cluster| view.href_of(snapshot, cluster, link, task));
    let names = name(values.join(" / "));
    html! {
        @match href {
            Some(href) => a href=(href) { (names) },
            None => (names),
        }
    }
}

fn receiver_row(receiver: &notify::Health, now: Timestamp) -> Markup {
    html! {
        tr {
            th scope="row" { (name(&receiver.receiver)) }
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

#[cfg(test)]
mod tests;
