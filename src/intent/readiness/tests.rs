//! Links that one could fail over, links that one could not, and links of which too little is known.

use crate::intent::testing::*;
use crate::model::{Cluster, Limits, ObservedLink};

const OFFSETS: &str = "ConsumerOffsetSync";

/// A link of which everything is known and nothing is wrong.
fn healthy() -> ObservedLink {
    link("orders", "lkc-src", "ACTIVE")
        .tasks(&[("AclSync", "ACTIVE"), (OFFSETS, "ACTIVE")])
        .mirrors(&[("ACTIVE", 12)])
}

fn with_state(state: &str, task: &str) -> ObservedLink {
    let link = link("orders", "lkc-src", state).tasks(&[("AclSync", task), (OFFSETS, task)]);
    link.mirrors(&[("ACTIVE", 12)])
}

/// The verdict on this link where nothing is expected of it.
fn verdict(link: ObservedLink) -> String {
    readiness(&judged([cluster("lkc-dr", [link])]))
}

/// The verdict where `ConsumerOffsetSync` and `AclSync` are to be `ACTIVE`, and five minutes may be lost.
fn strict(link: ObservedLink) -> String {
    let mut cluster = cluster("lkc-dr", [link]);
    let expect = expect(&["orders"]).task(OFFSETS, &["ACTIVE"]);
    cluster.intent = wanting(expect.task("AclSync", &["ACTIVE"]).rpo(300)).into();
    readiness(&judged([cluster]))
}

#[test]
fn a_healthy_link_is_ready_by_any_measure() {
    assert_eq!(verdict(healthy()), "ready");
    assert_eq!(strict(healthy().lag(299, false)), "ready");
}

#[test]
fn a_link_whose_only_trouble_is_a_dead_source_is_ready() {
    let gone = || with_state("UNAVAILABLE", "LINK_UNAVAILABLE");
    assert_eq!(verdict(gone()), "ready");
    let long_gone = gone()
        .mirrors(&[("SOURCE_UNAVAILABLE", 12)])
        .lag(7200, false)
        .stalled(12);
    assert_eq!(strict(long_gone), "ready");
    let failed = gone().mirrors(&[("SOURCE_UNAVAILABLE", 11), ("FAILED", 1)]);
    assert_eq!(
        strict(failed),
        "not ready; mirrors_failed: 1 of 12 mirror topics"
    );
    let failing = with_state("UNAVAILABLE", "IN_ERROR");
    assert_eq!(
        verdict(failing),
        "not ready; offset_sync: ConsumerOffsetSync is IN_ERROR"
    );
}

#[test]
fn each_reason_has_a_link_that_it_blocks() {
    let topics = |status| healthy().mirrors(&[("ACTIVE", 11), (status, 1)]);
    let cases = [
        (
            with_state("FAILED", "LINK_FAILED"),
            "link_failed: `link_state` is FAILED",
        ),
        (
            with_state("DREAMING", "ACTIVE"),
            "link_failed: `link_state` is UNKNOWN",
        ),
        (
            with_state("PAUSED", "LINK_PAUSED"),
            "link_paused: `link_state` is PAUSED",
        ),
        (
            healthy().tasks(&[("AclSync", "ACTIVE"), (OFFSETS, "UNKNOWN")]),
            "offset_sync: ConsumerOffsetSync is UNKNOWN",
        ),
        (
            healthy().configs(&[
                ("consumer.offset.sync.enable", "true"),
                ("consumer.offset.group.filters", ""),
            ]),
            "offset_sync: `consumer.offset.group.filters` is empty",
        ),
        (
            healthy().tasks(&[("AclSync", "IN_ERROR"), (OFFSETS, "ACTIVE")]),
            "task_expectation: AclSync: expected ACTIVE, found IN_ERROR",
        ),
        (topics("FAILED"), "mirrors_failed: 1 of 12 mirror topics"),
        (
            topics("LINK_FAILED"),
            "mirrors_failed: 1 of 12 mirror topics",
        ),
        (
            topics("SOURCE_UNAVAILABLE"),
            "mirrors_source_unavailable: 1 of 12 mirror topics",
        ),
        (
            topics("PENDING_STOPPED"),
            "mirrors_pending: 1 of 12 mirror topics",
        ),
        (
            healthy().stalled(2),
            "mirrors_stalled: 2 of 12 mirror topics",
        ),
        (
            healthy().lag(301, false),
            "lag_above_rpo: the lag is 5m 1s, 5m is allowed",
        ),
        (
            healthy().lag(900, true),
            "lag_above_rpo: the lag is at least 15m, 5m is allowed",
        ),
    ];
    for (link, expected) in cases {
        assert_eq!(strict(link), format!("not ready; {expected}"));
    }
}

#[test]
fn several_reasons_are_told_together() {
    let link = with_state("PAUSED", "IN_ERROR").mirrors(&[("LINK_PAUSED", 3), ("FAILED", 1)]);
    assert_eq!(
        verdict(link),
        "not ready; link_paused: `link_state` is PAUSED; offset_sync: ConsumerOffsetSync is IN_ERROR; \
         mirrors_failed: 1 of 4 mirror topics"
    );
}

#[test]
fn offset_sync_that_is_off_blocks_only_where_somebody_wants_it() {
    let off = || healthy().tasks(&[("AclSync", "ACTIVE"), (OFFSETS, "NOT_CONFIGURED")]);
    let absent = || healthy().tasks(&[("AclSync", "ACTIVE")]);
    let blocked = "not ready; offset_sync: ConsumerOffsetSync is NOT_CONFIGURED";
    let on = &[
        ("consumer.offset.sync.enable", "true"),
        ("consumer.offset.group.filters", "all"),
    ];
    let verdicts = [
        verdict(off()),
        verdict(absent()),
        strict(off()),
        strict(absent()),
        verdict(off().configs(on)),
    ];
    assert_eq!(verdicts, ["ready", "ready", blocked, blocked, blocked]);
}

#[test]
fn an_error_of_another_task_blocks_only_where_the_configuration_says_so() {
    let acl = healthy().tasks(&[("AclSync", "IN_ERROR"), (OFFSETS, "ACTIVE")]);
    assert_eq!(verdict(acl), "ready");
}

#[test]
fn mirrors_that_were_promoted_or_paused_block_nothing() {
    let link = healthy().mirrors(&[("STOPPED", 3), ("PAUSED", 1), ("ACTIVE", 1)]);
    assert_eq!(verdict(link), "ready");
}

#[test]
fn what_is_not_known_is_told_and_no_readiness_is_claimed() {
    let old = {
        let mut old = link("orders", "lkc-src", "ACTIVE");
        old.link_state = None;
        old
    };
    let cases = [
        (
            old,
            "not judged; link_state: the server sends no state of the link; \
             tasks: the server names no task of the link; mirrors: they were not asked for",
        ),
        (
            link("orders", "lkc-src", "ACTIVE").mirrors(&[]),
            "not judged; tasks: the server names no task of the link",
        ),
        (
            healthy().lag(300, true),
            "not judged; lag: the lag is at least 5m, 5m is allowed",
        ),
        (
            with_state("UNAVAILABLE", "LINK_UNAVAILABLE").lag(30, true),
            "ready",
        ),
    ];
    for (link, expected) in cases {
        assert_eq!(strict(link), expected);
    }
    let mut silent = healthy();
    silent.mirrors.as_mut().expect("it has some").is_failing = true;
    let mut refused = cluster("lkc-dr", [silent]);
    let endpoint = crate::model::Endpoint::Mirrors;
    refused.polls.left_out.insert(endpoint, failure());
    assert_eq!(
        readiness(&judged([refused])),
        "not judged; mirrors: the answer was: timeout"
    );
}

#[test]
fn old_data_block_and_say_nothing_against_the_link() {
    let stale = |change: fn(&mut Cluster)| {
        let mut cluster = cluster("lkc-dr", [healthy()]);
        change(&mut cluster);
        readiness(&judged([cluster]))
    };
    let expected = "not judged; data_stale: the last poll failed: timeout";
    let list_failed = |cluster: &mut Cluster| {
        cluster.polls.ended_at = Some(LATER);
        cluster.polls.last_failure = Some(failure());
    };
    assert_eq!(stale(list_failed), expected);
    let describe_failed = |cluster: &mut Cluster| {
        std::sync::Arc::make_mut(&mut cluster.links[0]).failure = Some(failure());
    };
    assert_eq!(stale(describe_failed), expected);
    // Another link's trouble is not this one's, nor is how long values may stand.
    let other = |cluster: &mut Cluster| {
        cluster.polls.last_failure = Some(failure());
        let stale_after = std::time::Duration::ZERO;
        cluster.limits = Limits {
            stale_after,
            ..cluster.limits
        };
    };
    assert_eq!(stale(other), "ready");
}

#[test]
fn a_broken_pair_blocks_and_one_half_that_is_cut_off_does_not() {
    let half = |remote: &str, state: &str, task: &str| {
        let offsets = [("consumer.offset.sync.enable", "false")];
        let configs = [BIDIRECTIONAL, &offsets].concat();
        let link = link("orders", remote, state).configs(&configs);
        link.tasks(&[(OFFSETS, task)]).mirrors(&[])
    };
    let here = |local: ObservedLink, remote: Option<ObservedLink>| {
        let all = judged([cluster("lkc-dr", [local]), cluster("lkc-src", remote)]);
        readiness(&all)
    };
    let active = || half("lkc-src", "ACTIVE", "ACTIVE");
    let missing = "not ready; pair_broken: remote_link_exists: `lkc-src` has no link of this name";
    assert_eq!(here(active(), None), missing);
    let paused = half("lkc-dr", "PAUSED", "NOT_CONFIGURED");
    assert_eq!(
        here(active(), Some(paused)),
        "not ready; pair_broken: states_agree: ACTIVE here, PAUSED there; \
         tasks_agree: ConsumerOffsetSync is on here, off there"
    );
    let cut_off = half("lkc-src", "UNAVAILABLE", "LINK_UNAVAILABLE");
    assert_eq!(
        here(cut_off, Some(half("lkc-dr", "ACTIVE", "ACTIVE"))),
        "ready"
    );
}

#[test]
fn what_was_asked_for_and_is_not_known_is_missing() {
    use crate::model::Unknown;
    let settings = |why| {
        let mut link = healthy();
        link.configs = Err(why);
        verdict(link)
    };
    let cases = [
        (settings(Unknown::NotAsked), "ready"),
        (
            settings(Unknown::Refused),
            "not judged; settings: the server refuses to tell it",
        ),
        (
            settings(Unknown::Failed),
            "not judged; settings: the answer did not come",
        ),
        (
            verdict(healthy().configs(&[("link.mode", "DESTINATION")])),
            "not judged; settings: the server does not say",
        ),
        // The half that is read has none of these settings, and its verdict is the same whether they are asked for or not.
        (
            verdict(healthy().configs(&[("link.mode", "SOURCE")])),
            "ready",
        ),
        (
            verdict(healthy().mirrors(&[("ACTIVE", 3), ("UNKNOWN", 1)])),
            "not judged; mirrors: the status of 1 of 4 mirror topics is not known",
        ),
        (
            verdict(healthy().stalled_unknown(Unknown::TooEarly)),
            "not judged; mirrors_stalled: it was not watched for long enough",
        ),
        (
            strict(healthy().partial_lag(10)),
            "not judged; lag: the server does not say, 5m is allowed",
        ),
        // What is seen counts, whatever else is not.
        (
            strict(healthy().partial_lag(301)),
            "not ready; lag_above_rpo: the lag is at least 5m 1s, 5m is allowed",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_pair_that_did_not_fit_is_not_ready_because_its_other_end_is_out_of_sight() {
    let half = |remote: &str, state: &str| {
        let configs = [BIDIRECTIONAL, &[("consumer.offset.sync.enable", "false")]].concat();
        let link = link("orders", remote, state).configs(&configs);
        link.tasks(&[(OFFSETS, "ACTIVE")]).mirrors(&[])
    };
    let with_far_blind = |state_there: &str| {
        let mut remote = cluster("lkc-src", [half("lkc-dr", state_there)]);
        remote.polls.ended_at = Some(LATER);
        readiness(&judged([
            cluster("lkc-dr", [half("lkc-src", "ACTIVE")]),
            remote,
        ]))
    };
    assert_eq!(
        with_far_blind("ACTIVE"),
        "ready",
        "that is what a failover is for"
    );
    assert_eq!(
        with_far_blind("PAUSED"),
        "not judged; pair: the answer did not come; when both halves were seen last: \
         states_agree: ACTIVE here, PAUSED there"
    );
    // An end that is seen and does not say it is no good news either.
    let mut silent = half("lkc-dr", "PAUSED");
    silent.link_state = None;
    let all = [
        cluster("lkc-dr", [half("lkc-src", "ACTIVE")]),
        cluster("lkc-src", [silent]),
    ];
    assert_eq!(
        readiness(&judged(all)),
        "not judged; pair: states_agree: the server does not say"
    );
}
