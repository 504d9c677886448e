//! What stands after which reports. Time is in seconds; a task is written as its name and its state.

mod details;

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
    let listed = Link {
        tasks: None,
        ..link.clone()
    };
    LinkReport::new(listed, Ok(link))
}

fn undescribed(link: Link) -> LinkReport {
    let listed = Link {
        tasks: None,
        ..link
    };
    LinkReport::new(listed, Err(timeout()))
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
        let links = snapshot.clusters[0].shown_links().map(|observed| {
            let state = observed
                .link
                .link_state
                .as_ref()
                .map_or("-", LinkState::label);
            let since = observed.state_since.as_second();
            let link = format!(
                "{}: {state} {since}/{}",
                observed.link.link_name, observed.state_transitions
            );
            let tasks = observed.tasks.iter().map(|observed| {
                let (state, since) = (
                    observed.task.state.label(),
                    observed.state_since.as_second(),
                );
                format!(
                    " [{}: {state} {since}/{}]",
                    observed.task.task_name, observed.state_transitions
                )
            });
            std::iter::once(link).chain(tasks).collect::<String>()
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
    assert_eq!(next_expiry(&store.snapshot()), Some(at(130)));
    store.expire(at(129));
    assert_eq!(store.shown(), standing);
    store.expire(at(130));
    assert_eq!(store.shown(), Vec::<String>::new());
    assert_eq!(next_expiry(&store.snapshot()), None);
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
            link_name: "a".into()
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
    assert_eq!(store.good(40, &[again]), []);
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

fn with_code(code: &str) -> Link {
    let error = ReportedError {
        error_code: ErrorCode::from(code),
        error_message: "words".into(),
    };
    Link {
        link_error: Some(error),
        ..link("a", "ACTIVE", &[("AclSync", "DREAMING")])
    }
}

#[test]
fn unheard_of_words_are_counted_at_every_sight_and_told_once() {
    let store = store();
    let unrecognized = |events: Vec<Event>| {
        let raw = |event| match event {
            Event::Unrecognized { field, raw, .. } => Some(format!("{} {raw}", field.label())),
            _ => None,
        };
        events.into_iter().filter_map(raw).collect::<Vec<_>>()
    };
    let first = store.good(10, &[with_code("NEVER_HEARD_OF")]);
    let second = store.good(40, &[with_code("NEVER_HEARD_OF")]);
    assert_eq!(
        unrecognized(first),
        ["task_state DREAMING", "error_code NEVER_HEARD_OF"]
    );
    assert_eq!(unrecognized(second), Vec::<String>::new());
    assert_eq!(
        store.snapshot().clusters[0].polls.unrecognized,
        [0, 2, 0, 2, 0]
    );
}

#[test]
fn only_so_many_invented_codes_get_a_label_of_their_own() {
    let store = store();
    for number in 0..100 {
        store.good(number, &[with_code(&format!("INVENTED_{number}"))]);
    }
    store.good(100, &[with_code("not a code")]);
    store.good(130, &[with_code("AUTHENTICATION_ERROR")]);
    let snapshot = store.snapshot();
    assert_eq!(snapshot.vocabulary.codes.len(), Vocabulary::MAX_CODES);
    assert_eq!(snapshot.clusters[0].polls.unrecognized[3], 101);
}

#[test]
fn a_report_of_a_cluster_that_left_changes_nothing() {
    let store = store();
    assert_eq!(store.report(&"gone".into(), report(10, Ok(Vec::new()))), []);
    assert_eq!(store.snapshot().clusters[0].polls.count, 0);
}
