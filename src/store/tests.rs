//! What stands after which reports. Time is in seconds; a task is written as its name and its state.

mod details;
mod memory;
mod words;

use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::model::{
    Endpoint, ErrorCode, Failure, Limits, Link, LinkReport, LinkState, Listing, Reason,
    ReportedError, Request, Task, TaskState, Vocabulary,
};

const STALE_AFTER: u64 = 120;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn store() -> Store {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(STALE_AFTER),
    };
    Store::new([Cluster::unpolled(
        "dr".into(),
        Some("lkc-1".into()),
        limits,
        &[Endpoint::Links, Endpoint::Link],
    )])
}

fn link(name: &str, state: &str, tasks: &[(&str, &str)]) -> Link {
    let task = |(name, state): &(&str, &str)| Task {
        task_name: (*name).into(),
        state: TaskState::parse(state),
        errors: Vec::new(),
    };
    Link {
        cluster_link_id: format!("id of {name}"),
        link_state: Some(LinkState::parse(state)),
        tasks: Some(tasks.iter().map(task).collect()),
        ..Link::named(name)
    }
}

fn timeout() -> Failure {
    Failure {
        reason: Reason::Timeout,
        message: "too slow".into(),
    }
}

fn described(link: Link) -> LinkReport {
    LinkReport::described(link)
}

fn undescribed(link: Link) -> LinkReport {
    let listed = Link {
        tasks: None,
        ..link
    };
    LinkReport::undescribed(listed, timeout())
}

fn report(second: i64, outcome: Result<Vec<LinkReport>, Failure>) -> Report {
    Report {
        took: Duration::from_millis(40),
        cluster_id: Some("lkc-1".into()),
        requests: vec![Request {
            endpoint: Endpoint::Links,
            status: Some(200),
            took: Duration::from_millis(40),
        }],
        ..Report::new(
            at(second),
            Duration::from_secs(30),
            outcome.map(Listing::of),
        )
    }
}

impl Store {
    fn good(&self, second: i64, links: &[Link]) -> Vec<Event> {
        self.report(
            &"dr".into(),
            report(second, Ok(links.iter().cloned().map(described).collect())),
        )
    }

    fn bad(&self, second: i64) -> Vec<Event> {
        self.report(&"dr".into(), report(second, Err(timeout())))
    }

    /// `link: state since/transitions [task: state since/transitions]` for each link that is shown.
    fn shown(&self) -> Vec<String> {
        let snapshot = self.snapshot();
        let links = snapshot.clusters[0].shown_links().map(|link| {
            let state = link.link_state.as_ref().map_or("-", LinkState::label);
            let since = link.state_since.as_second();
            let own = format!(
                "{}: {state} {since}/{}",
                link.link_name, link.state_transitions
            );
            let tasks = link.named_tasks().iter().map(|task| {
                let (state, since) = (task.state.label(), task.state_since.as_second());
                format!(
                    " [{}: {state} {since}/{}]",
                    task.task_name, task.state_transitions
                )
            });
            std::iter::once(own).chain(tasks).collect::<String>()
        });
        links.collect()
    }
}

#[test]
fn a_state_keeps_its_since_until_it_changes() {
    let store = store();
    store.good(10, &[link("a", "ACTIVE", &[("AclSync", "ACTIVE")])]);
    store.good(40, &[link("a", "ACTIVE", &[("AclSync", "IN_ERROR")])]);
    store.good(70, &[link("a", "PAUSED", &[("AclSync", "IN_ERROR")])]);
    assert_eq!(store.shown(), ["a: PAUSED 70/1 [AclSync: IN_ERROR 40/1]"]);
}

#[test]
fn a_verdict_stays_in_its_link_until_it_changes() {
    let store = store();
    let verdict_of = |second, state| {
        store.good(second, &[link("a", state, &[])]);
        let verdict = store.snapshot().clusters[0].links[0].verdict.clone();
        verdict.expect("what is published is judged")
    };
    let first = verdict_of(0, "ACTIVE");
    assert!(Arc::ptr_eq(&first, &verdict_of(30, "ACTIVE")));
    assert_ne!(first, verdict_of(60, "PAUSED"));
}

#[test]
fn changes_and_bad_first_sights_are_told_and_good_ones_are_not() {
    let store = store();
    let told = |events: Vec<Event>| -> Vec<String> {
        let transitions = events.into_iter().map(|event| match event {
            Event::Transition(t) => {
                let who = t
                    .subject
                    .task_name
                    .map_or("link".into(), |name| name.to_string());
                format!("{who} {}->{}", t.from.unwrap_or_default(), t.to)
            }
            other => format!("{other:?}"),
        });
        transitions.collect()
    };
    let first = store.good(
        10,
        &[link(
            "a",
            "ACTIVE",
            &[("AclSync", "IN_ERROR"), ("Other", "ACTIVE")],
        )],
    );
    let second = store.good(
        40,
        &[link(
            "a",
            "FAILED",
            &[("AclSync", "IN_ERROR"), ("Other", "ACTIVE")],
        )],
    );
    let third = store.good(
        70,
        &[link(
            "a",
            "FAILED",
            &[("AclSync", "ACTIVE"), ("Other", "ACTIVE")],
        )],
    );
    assert_eq!(told(first), ["AclSync ->IN_ERROR"]);
    assert_eq!(told(second), ["link ACTIVE->FAILED"]);
    assert_eq!(told(third), ["AclSync IN_ERROR->ACTIVE"]);
}

#[test]
fn a_failed_poll_leaves_values_standing_until_they_are_too_old() {
    let store = store();
    store.good(10, &[link("a", "ACTIVE", &[("AclSync", "IN_ERROR")])]);
    let standing = store.shown();
    for second in [40, 70, 100] {
        store.bad(second);
        assert_eq!(store.shown(), standing, "at {second}");
    }
    assert_eq!(Expiries::default().next(&store.snapshot()), Some(at(130)));
    store.expire(at(129));
    assert_eq!(store.shown(), standing);
    store.expire(at(130));
    assert_eq!(store.shown(), Vec::<String>::new());
    assert_eq!(Expiries::default().next(&store.snapshot()), None);
}

#[test]
fn history_outlives_our_blindness() {
    let store = store();
    store.good(10, &[link("a", "ACTIVE", &[("AclSync", "IN_ERROR")])]);
    store.bad(500);
    assert_eq!(store.shown(), Vec::<String>::new());
    store.good(530, &[link("a", "PAUSED", &[("AclSync", "IN_ERROR")])]);
    assert_eq!(store.shown(), ["a: PAUSED 530/1 [AclSync: IN_ERROR 10/0]"]);
}

#[test]
fn a_link_that_cannot_be_described_ages_alone() {
    let store = store();
    let (a, b) = (
        link("a", "ACTIVE", &[("AclSync", "ACTIVE")]),
        link("b", "ACTIVE", &[]),
    );
    store.good(10, &[a.clone(), b.clone()]);
    let mut last = Vec::new();
    for second in [40, 70, 100, 130] {
        last = store.report(
            &"dr".into(),
            report(
                second,
                Ok(vec![
                    undescribed(link("a", "FAILED", &[])),
                    described(b.clone()),
                ]),
            ),
        );
        let failures = store.snapshot().clusters[0].polls.failures;
        assert_eq!(
            failures[Reason::Timeout as usize],
            u64::try_from((second - 10) / 30).unwrap()
        );
    }
    assert_eq!(store.shown(), ["b: ACTIVE 10/0"]);
    let message = "link `a`: too slow".into();
    let failure = Failure {
        reason: Reason::Timeout,
        message,
    };
    assert_eq!(
        last,
        [Event::PollFailed {
            cluster_name: "dr".into(),
            failure
        }]
    );
}

#[test]
fn a_failures_message_holds_the_beginning_of_a_long_name() {
    let store = store();
    let long = link(&"ü".repeat(1_000_000), "ACTIVE", &[]);
    store.report(&"dr".into(), report(10, Ok(vec![undescribed(long)])));
    let failure = store.snapshot().clusters[0].polls.last_failure.clone();
    let expected = format!("link `{}`: too slow", "ü".repeat(100));
    assert_eq!(failure.unwrap().message, expected);
}

#[test]
fn a_link_that_was_never_described_shows_the_lists_entry_and_no_task() {
    let store = store();
    store.report(
        &"dr".into(),
        report(10, Ok(vec![undescribed(link("a", "FAILED", &[]))])),
    );
    store.report(
        &"dr".into(),
        report(400, Ok(vec![undescribed(link("a", "FAILED", &[]))])),
    );
    assert_eq!(store.shown(), ["a: FAILED 10/0"]);
    assert!(store.snapshot().clusters[0].links[0].tasks_unknown());
}

#[test]
fn a_link_that_is_no_longer_listed_is_gone_at_once() {
    let store = store();
    store.good(10, &[link("a", "ACTIVE", &[]), link("b", "ACTIVE", &[])]);
    let told = store.good(40, &[link("b", "ACTIVE", &[])]);
    assert_eq!(store.shown(), ["b: ACTIVE 10/0"]);
    assert_eq!(
        told,
        [Event::LinkGone {
            cluster_name: "dr".into(),
            link_name: "a".into(),
            last_state: Some("ACTIVE".to_owned()),
            at: at(40),
            may_be_unwanted: false,
        }]
    );
}

#[test]
fn a_link_created_again_under_its_name_starts_a_new_history() {
    let store = store();
    store.good(10, &[link("a", "FAILED", &[])]);
    let again = Link {
        cluster_link_id: "another".into(),
        ..link("a", "ACTIVE", &[])
    };
    let told = store.good(40, &[again]);
    let told: Vec<_> = told
        .iter()
        .map(|event| match event {
            Event::LinkGone { last_state, .. } => (last_state.as_deref(), None),
            Event::Transition(t) => (t.from.as_deref(), Some(t.to.as_str())),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [(Some("FAILED"), None), (None, Some("ACTIVE"))]);
    assert_eq!(store.shown(), ["a: ACTIVE 40/0"]);
}

#[test]
fn polls_are_counted_and_a_recovery_is_told_once() {
    let store = store();
    store.bad(10);
    let recovered = store.good(40, &[]);
    let quiet = store.good(70, &[]);
    let polls = store.snapshot().clusters[0].polls.clone();
    assert_eq!((recovered.len(), quiet.len()), (1, 0));
    assert_eq!(polls.last_success, Some(at(70)));
    assert_eq!(polls.requests[&(Endpoint::Links, Some(200))], 3);
    assert_eq!(polls.latency[&Endpoint::Links].count(), 3);
    assert_eq!(polls.latency[&Endpoint::Link].count(), 0);
}

#[test]
fn a_token_that_cannot_be_renewed_keeps_its_expiry() {
    let store = store();
    let expiry = || store.snapshot().clusters[0].polls.credential_expiry;
    let signed = Report {
        credential_expiry: Some(at(100)),
        ..report(10, Ok(Vec::new()))
    };
    store.report(&"dr".into(), signed);
    store.bad(40);
    assert_eq!(expiry(), Some(at(100)));
    store.good(70, &[]);
    assert_eq!(expiry(), None);
}

#[test]
fn how_long_the_same_tasks_are_named_begins_anew_when_others_are_or_none() {
    let store = store();
    let since = |second, tasks: Option<&[(&str, &str)]>| {
        let seen = Link {
            tasks: tasks.and_then(|tasks| link("a", "ACTIVE", tasks).tasks),
            ..link("a", "ACTIVE", &[])
        };
        store.good(second, &[seen]);
        store.bad(second + 10);
        let snapshot = store.snapshot();
        let kept = &snapshot.clusters[0].links[0];
        (kept.task_names_since.as_second(), kept.has_no_task("B"))
    };
    let named: &[(&str, &str)] = &[("A", "ACTIVE")];
    assert_eq!(since(0, Some(named)), (0, false));
    assert_eq!(since(30, Some(&[("A", "IN_ERROR")])), (0, false));
    assert_eq!(since(3600, Some(named)), (0, true));
    assert_eq!(since(3630, None), (3630, false));
    assert_eq!(since(7300, None), (3630, false));
    assert_eq!(since(7330, Some(named)), (7330, false));
    let both: &[(&str, &str)] = &[("A", "ACTIVE"), ("B", "ACTIVE")];
    assert_eq!(since(20000, Some(both)), (20000, false));
    assert_eq!(since(30000, Some(both)), (20000, false));
    assert_eq!(since(30030, Some(named)), (30030, false));
    assert_eq!(since(33630, Some(named)), (30030, true));
}

#[test]
fn a_report_of_a_cluster_that_left_changes_nothing() {
    let store = store();
    assert_eq!(store.report(&"gone".into(), report(10, Ok(Vec::new()))), []);
    assert_eq!(store.snapshot().clusters[0].polls.count, 0);
}
