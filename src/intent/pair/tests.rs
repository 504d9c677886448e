//! Halves that fit, halves that do not, and halves that nobody can compare.

use std::sync::Arc;

use super::*;
use crate::catalogue;
use crate::intent::testing::*;
use crate::model::LinkState;

const OUTBOUND: (&str, &str) = ("connection.mode", "OUTBOUND");
const INBOUND: (&str, &str) = ("connection.mode", "INBOUND");

fn half(remote: &str, state: &str) -> ObservedLink {
    let offsets = ("ConsumerOffsetSync", "ACTIVE");
    link("both", remote, state)
        .configs(BIDIRECTIONAL)
        .tasks(&[offsets])
}

/// Both halves at their best.
fn whole() -> [ObservedLink; 2] {
    ["lkc-west", "lkc-east"].map(|remote| half(remote, "ACTIVE"))
}

/// What does not hold between these halves on `lkc-east` and `lkc-west`, from either side; `none` where nothing is
/// judged.
fn broken([east, west]: [Option<ObservedLink>; 2]) -> Vec<String> {
    let snapshot = judged([cluster("lkc-east", east), cluster("lkc-west", west)]);
    broken_in(&snapshot)
}

fn broken_in(snapshot: &crate::model::Snapshot) -> Vec<String> {
    let all = pairs(snapshot);
    let is_known = |line: &&String| !line.contains(": not known: ");
    if all.iter().filter(is_known).count() == 0 {
        return vec!["none".to_owned()];
    }
    all.into_iter()
        .filter(|line| !line.ends_with("holds"))
        .collect()
}

#[test]
fn two_halves_that_fit_hold_every_check_from_either_side() {
    let snapshot = judged([
        cluster("lkc-east", [half("lkc-west", "ACTIVE")]),
        cluster("lkc-west", [half("lkc-east", "ACTIVE")]),
    ]);
    let names = Check::TABLE.iter().map(|row| row.name);
    let expected: Vec<_> = ["lkc-east", "lkc-west"]
        .iter()
        .flat_map(|cluster| {
            names
                .clone()
                .map(move |name| format!("{cluster} both {name}: holds"))
        })
        .collect();
    assert_eq!(pairs(&snapshot), expected);
    assert!(findings(&snapshot).is_empty());
}

#[test]
fn a_missing_half_is_told_by_the_half_that_is_there() {
    let [east, _] = whole();
    assert_eq!(
        broken([Some(east), None]),
        ["lkc-east both remote_link_exists: `lkc-west` has no link of this name"]
    );
}

#[test]
fn a_half_that_does_not_find_the_other_is_told_on_both_sides() {
    let [east, west] = whole();
    let failing = east.task_error("ConsumerOffsetSync", REMOTE_LINK_NOT_FOUND);
    assert!(catalogue::contains(REMOTE_LINK_NOT_FOUND));
    assert_eq!(
        broken([Some(failing), Some(west)]),
        [
            "lkc-east both remote_link_exists: this half reports REMOTE_LINK_NOT_FOUND_ERROR",
            "lkc-west both remote_link_exists: `lkc-east` reports REMOTE_LINK_NOT_FOUND_ERROR",
        ]
    );
}

#[test]
fn a_namesake_that_leads_elsewhere_is_no_other_half() {
    let [east, _] = whole();
    let west = half("lkc-else", "PAUSED");
    assert_eq!(
        broken([Some(east), Some(west)]),
        ["lkc-east both remote_link_exists: the link of this name on `lkc-west` leads elsewhere"]
    );
}

#[test]
fn states_tasks_and_connection_modes_are_compared() {
    let with = |remote: &str, state: &str, mode, task: &str| {
        link("both", remote, state)
            .configs(&[BIDIRECTIONAL[0], mode])
            .tasks(&[("ConsumerOffsetSync", task), ("AclSync", task)])
    };
    let west = |state, mode, task| with("lkc-east", state, mode, task);
    let cases = [
        (west("ACTIVE", INBOUND, "IN_ERROR"), ""),
        (
            west("PAUSED", OUTBOUND, "LINK_PAUSED"),
            "states_agree: ACTIVE here, PAUSED there",
        ),
        (
            west("ACTIVE", OUTBOUND, "NOT_CONFIGURED"),
            "tasks_agree: ConsumerOffsetSync is on here, off there",
        ),
    ];
    for (west, expected) in cases {
        let east = with("lkc-west", "ACTIVE", OUTBOUND, "ACTIVE");
        let all = broken([Some(east), Some(west)]);
        let east = all
            .iter()
            .find_map(|line| line.strip_prefix("lkc-east both "));
        assert_eq!(east.unwrap_or_default(), expected);
    }
    let inbound = ["lkc-west", "lkc-east"].map(|remote| with(remote, "ACTIVE", INBOUND, "ACTIVE"));
    assert_eq!(
        broken(inbound.map(Some)),
        [
            "lkc-east both connection_modes: INBOUND here and there",
            "lkc-west both connection_modes: INBOUND here and there"
        ]
    );
}

/// A task that only waits for its link does not say whether its feature is on; its switch does.
#[test]
fn of_tasks_that_wait_for_their_link_or_do_not_exist_the_switches_are_compared() {
    let with = |far: &str, switch: &[(&'static str, &'static str)], task: &str| {
        let configs = [BIDIRECTIONAL, switch].concat();
        let tasks = [("ConsumerOffsetSync", task), ("AclSync", "ACTIVE")];
        let tasks = &tasks[usize::from(task.is_empty())..];
        let link = link("both", far, "PAUSED").configs(&configs);
        link.tasks(tasks).named_for(3600)
    };
    let (on, off): (&[_], &[_]) = (
        &[("consumer.offset.sync.enable", "true")],
        &[("consumer.offset.sync.enable", "false")],
    );
    let agrees = "tasks_agree: holds";
    let unknown = "tasks_agree: not known: the server does not say";
    let cases = [
        (on, "LINK_PAUSED", on, "LINK_PAUSED", agrees),
        (on, "LINK_PAUSED", on, "IN_ERROR", agrees),
        (off, "LINK_UNAVAILABLE", off, "NOT_CONFIGURED", agrees),
        (off, "", off, "", agrees),
        (
            on,
            "ACTIVE",
            off,
            "LINK_PAUSED",
            "tasks_agree: ConsumerOffsetSync is on here, off there",
        ),
        (
            off,
            "",
            on,
            "ACTIVE",
            "tasks_agree: ConsumerOffsetSync is off here, on there",
        ),
        (&[], "LINK_PAUSED", on, "ACTIVE", unknown),
        (on, "UNKNOWN", on, "ACTIVE", unknown),
        (&[], "", on, "ACTIVE", unknown),
    ];
    for (here, task, there, other, expected) in cases {
        let east = cluster("lkc-east", [with("lkc-west", here, task)]);
        let west = cluster("lkc-west", [with("lkc-east", there, other)]);
        let all = pairs(&judged([east, west]));
        let of_east = all
            .iter()
            .filter_map(|line| line.strip_prefix("lkc-east both "));
        let mut of_tasks = of_east.filter(|line| line.starts_with("tasks_agree"));
        assert_eq!(
            of_tasks.next(),
            Some(expected),
            "{task} and {other}: {all:?}"
        );
    }
}

#[test]
fn an_outage_of_either_end_is_no_inconsistency() {
    let pair = |end: usize, change: fn(&mut crate::model::Cluster)| {
        let [east, west] = whole();
        // They would disagree if they were compared.
        let west = ObservedLink {
            link_state: Some(LinkState::Paused),
            ..west
        };
        let mut clusters = [cluster("lkc-east", [east]), cluster("lkc-west", [west])];
        change(&mut clusters[end]);
        broken_in(&judged(clusters))
    };
    assert_eq!(pair(0, |_| ()).len(), 2);
    for end in [0, 1] {
        assert_eq!(
            pair(end, |cluster| cluster.polls.ended_at = Some(LATER)),
            ["none"]
        );
        assert_eq!(pair(end, |cluster| cluster.is_stale = true), ["none"]);
        let undescribed = |cluster: &mut crate::model::Cluster| {
            Arc::make_mut(&mut cluster.links[0]).failure = Some(failure());
        };
        assert_eq!(pair(end, undescribed), ["none"]);
        let never = |cluster: &mut crate::model::Cluster| *cluster = unpolled("lkc-none");
        assert_eq!(pair(end, never), ["none"]);
    }
}

/// What is said of the half on `lkc-east`, where `lkc-west` is polled at two endpoints: what is broken, or else whether all
/// holds or nothing is known.
fn told_of_east(copied: &[ObservedLink], west: &[ObservedLink], is_west_seen: bool) -> Vec<String> {
    let [east, _] = whole();
    let at = |endpoint: &str, links: &[ObservedLink]| crate::model::Cluster {
        name: endpoint.into(),
        endpoint: endpoint.into(),
        ..cluster("lkc-west", links.to_vec())
    };
    let mut west = at("west", west);
    west.is_stale = !is_west_seen;
    let all = pairs(&judged([
        cluster("lkc-east", [east]),
        at("copied", copied),
        west,
    ]));
    let of_east: Vec<_> = all
        .into_iter()
        .filter(|line| line.starts_with("lkc-east"))
        .collect();
    let is_all = |part: &str| of_east.iter().all(|line| line.contains(part));
    assert!(!of_east.is_empty());
    if is_all(": not known: ") {
        return vec!["not known".to_owned()];
    }
    of_east
        .into_iter()
        .filter(|line| !line.ends_with(": holds"))
        .collect()
}

#[test]
fn a_cluster_with_the_id_of_another_neither_breaks_its_pairs_nor_mends_them() {
    let half = |far: &str, state: &str| [half(far, state)];
    let paused = half("lkc-east", "PAUSED");
    let active = half("lkc-east", "ACTIVE");
    let elsewhere = half("lkc-else", "ACTIVE");
    let disagree = ["lkc-east both states_agree: ACTIVE here, PAUSED there"];
    let missing = ["lkc-east both remote_link_exists: `lkc-west` has no link of this name"];
    let unknown = ["not known"];
    let none: [&str; 0] = [];
    for copied in [&elsewhere[..], &[]] {
        // The half that leads back is the one.
        assert_eq!(told_of_east(copied, &paused, true), disagree);
        assert_eq!(told_of_east(copied, &active, true), none);
        assert_eq!(told_of_east(copied, &active, false), unknown);
        // Nobody has read the one that may have it.
        assert_eq!(told_of_east(copied, &[], false), unknown);
    }
    assert_eq!(told_of_east(&[], &[], true), missing);
    // Which of the two is it?
    assert_eq!(told_of_east(&active, &paused, true), unknown);
    assert_eq!(told_of_east(&elsewhere, &[], true), unknown);
}

#[test]
fn a_half_that_the_configuration_leaves_out_is_not_missing() {
    let [east, _] = whole();
    let mut west = cluster("lkc-west", []);
    west.intent = intent_of(&["orders.*"]).into();
    assert_eq!(
        broken_in(&judged([cluster("lkc-east", [east]), west])),
        ["none"]
    );
}

#[test]
fn without_settings_a_pair_is_known_by_its_name_and_mirrored_ids_and_its_tasks_are_left_alone() {
    let silent = |remote: &str, task: &str| {
        link("both", remote, "ACTIVE").tasks(&[("ConsumerOffsetSync", task)])
    };
    let local = || silent("lkc-west", "ACTIVE");
    let remote = silent("lkc-east", "NOT_CONFIGURED");
    let snapshot = judged([
        cluster("lkc-east", [local()]),
        cluster("lkc-west", [remote]),
    ]);
    assert_eq!(
        pairs(&snapshot),
        [
            "lkc-east both remote_link_exists: holds",
            "lkc-east both states_agree: holds",
            "lkc-west both remote_link_exists: holds",
            "lkc-west both states_agree: holds",
        ]
    );
    let elsewhere = silent("lkc-else", "ACTIVE");
    assert_eq!(broken([Some(local()), Some(elsewhere)]), ["none"]);
    assert_eq!(broken([Some(local()), None]), ["none"]);
    let source = silent("lkc-east", "ACTIVE").configs(&[("link.mode", "SOURCE")]);
    assert_eq!(broken([Some(local()), Some(source)]), ["none"]);
}

#[test]
fn settings_that_differ_are_found_on_both_halves() {
    let with = |remote: &str, mode: &'static str, offsets: &'static str, filters: &'static str| {
        link("both", remote, "ACTIVE").configs(&[
            ("link.mode", mode),
            ("consumer.offset.sync.enable", offsets),
            ("consumer.offset.group.filters", filters),
            ("cluster.link.prefix", remote),
        ])
    };
    let east = with(
        "lkc-west",
        "BIDIRECTIONAL",
        "true",
        r#"{"groupFilters": [{}]}"#,
    );
    let west = with("lkc-east", "DESTINATION", "false", "");
    let snapshot = judged([cluster("lkc-east", [east]), cluster("lkc-west", [west])]);
    assert_eq!(
        findings(&snapshot),
        [
            "lkc-east both pair_settings_differ: `link.mode` is BIDIRECTIONAL here, DESTINATION there; \
             `consumer.offset.sync.enable` is true here, false there; \
             `consumer.offset.group.filters` is set here, empty there",
            "lkc-west both pair_settings_differ: `link.mode` is DESTINATION here, BIDIRECTIONAL there; \
             `consumer.offset.sync.enable` is false here, true there; \
             `consumer.offset.group.filters` is empty here, set there",
        ]
    );
}

#[test]
fn every_setting_that_is_compared_is_one_that_is_kept_and_the_tasks_are_named_in_the_table() {
    for setting in &PAIR_SETTINGS {
        assert!(LinkConfigs::KEYS.contains(&setting.key), "{}", setting.key);
    }
    let row = Check::TasksAgree.row();
    assert!(PAIR_TASKS.iter().all(|name| row.meaning.contains(name)));
}
