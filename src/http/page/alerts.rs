//! The page's alerts: what is pending, what fires, and whether those who should hear of it can be reached.

use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    RUNBOOKS,
    badges::{ago, badge, name, with_code},
};
use crate::{
    alert::{ActiveAlert, Severity},
    model::Health,
    notify,
};

/// How many alerts the page lists.
const MAX_SHOWN: usize = 200;

/// Nothing where nobody need look: the Watchdog, which always fires, is no news.
pub(super) fn section(
    alerts: &[ActiveAlert],
    receivers: &[notify::Health],
    now: Timestamp,
) -> Markup {
    let news: Vec<_> = alerts
        .iter()
        .filter(|active| active.rule.severity != Severity::None)
        .collect();
    html! {
        @if !news.is_empty() {
            section {
                h2 { "Alerts" }
                table.alerts {
                    thead { tr { th { "alert" } th { "state" } th { "since" } th { "of" } th { "reason" } } }
                    tbody { @for active in news.iter().take(MAX_SHOWN) { (row(active, now)) } }
                }
                @if news.len() > MAX_SHOWN { p { "and " (news.len() - MAX_SHOWN) " more" } }
            }
        }
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

fn row(active: &ActiveAlert, now: Timestamp) -> Markup {
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
        tr {
            th scope="row" { a href=(format!("{RUNBOOKS}{}", active.rule.name)) { (active.rule.name) } " " small { (active.rule.severity.label()) } }
            td { (badge(health, word)) }
            td { (ago(since, now)) }
            td { (name(subject(active))) }
            td {
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

/// The values of its labels, the least special first; ids are left to the sections below.
fn subject(active: &ActiveAlert) -> String {
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
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::{
        alert::{Engine, Override, Overrides},
        model::{
            Cluster, Expect, Intent, Limits, Link, LinkPatterns, LinkReport, LinkState, Listing,
            Report, ReportedError, Task, TaskState,
        },
        store::Store,
        telemetry::Outcome,
    };

    /// What a person reads, without the marks around it.
    fn words(page: &Markup) -> String {
        let tags = regex::Regex::new("<[^>]*>").expect("a literal pattern is valid");
        let text = tags.replace_all(&page.0, " ").into_owned();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What the engine sees of a link whose task is in error and expected to be ACTIVE: two critical alerts that fire, and the Watchdog.
    fn active() -> Vec<ActiveAlert> {
        let limits = Limits {
            poll_interval: Duration::from_secs(30),
            stale_after: Duration::from_secs(120),
        };
        let mut cluster = Cluster::unpolled("dr".into(), None, limits, &[]);
        let expect = Expect {
            links: LinkPatterns::new(&["orders".to_owned()]).expect("it is a pattern"),
            states: Vec::new(),
            tasks: [("AclSync".into(), vec![TaskState::Active])].into(),
            rpo: None,
        };
        cluster.intent = Arc::new(Intent {
            expect: vec![expect],
            ..Intent::default()
        });
        let store = Store::new([cluster]);
        let link = Link {
            cluster_link_id: "an id".into(),
            link_state: Some(LinkState::Active),
            tasks: Some(vec![Task {
                task_name: "AclSync".into(),
                state: TaskState::InError,
                errors: vec![ReportedError {
                    error_code: "AUTHORIZATION_ERROR".into(),
                    error_message: "not <b>allowed</b>".into(),
                }],
            }]),
            ..Link::named("orders")
        };
        let listing = Listing::of(vec![LinkReport::described(link)]);
        let report = Report {
            cluster_id: Some("lkc-1".into()),
            ..Report::new(Timestamp::UNIX_EPOCH, limits.poll_interval, Ok(listing))
        };
        store.report(&"dr".into(), report);
        let at_once = Override {
            hold_duration: Some(Duration::ZERO),
            ..Override::default()
        };
        let names = ["ClusterLinkTaskInError", "ClusterLinkExpectationViolated"];
        let overrides = Overrides(names.map(|name| (name, at_once)).into());
        let mut engine = Engine::new(overrides.applied());
        engine.evaluate(&store.snapshot(), Timestamp::UNIX_EPOCH);
        let mut active: Vec<_> = engine.active().cloned().collect();
        active.sort_by_key(|active| active.rule.name);
        active
    }

    #[test]
    fn what_fires_is_listed_with_its_reason_and_the_watchdog_is_no_news() {
        let now = Timestamp::UNIX_EPOCH + Duration::from_secs(90);
        let page = section(&active(), &[], now);
        assert_eq!(
            words(&page),
            "Alerts alert state since of reason ClusterLinkExpectationViolated critical FIRING 1m 30s ago \
             dr / orders / AclSync task_state expected ACTIVE, found IN_ERROR \
             ClusterLinkTaskInError critical FIRING 1m 30s ago \
             dr / orders / AclSync AUTHORIZATION_ERROR not &lt;b&gt;allowed&lt;/b&gt;"
        );
    }

    #[test]
    fn a_receiver_that_cannot_be_reached_says_why() {
        let now = Timestamp::UNIX_EPOCH + Duration::from_secs(90);
        let receiver = |failing| notify::Health {
            receiver: "ops".to_owned(),
            kind: notify::Kind::Webhook,
            queued: 3,
            last: Some(notify::Last {
                at: Timestamp::UNIX_EPOCH,
                outcome: Outcome::Failed,
            }),
            failing,
        };
        let failing = notify::Failing {
            since: Timestamp::UNIX_EPOCH,
            problem: "no connection".to_owned(),
        };
        let page = section(&[], &[receiver(Some(failing))], now);
        assert_eq!(
            words(&page),
            "Receivers receiver kind state waiting last attempt ops webhook FAILING since 1m 30s ago : no connection 3 \
             failed 1m 30s ago"
        );
        assert_eq!(words(&section(&[], &[], now)), "");
    }
}
