//! What the audit finds in which settings, and what it leaves unsaid.

use crate::intent::testing::*;

type Settings = &'static [(&'static str, &'static str)];

/// What the audit finds in these settings of a link with these tasks, alone on its cluster.
fn found(configs: &[(&str, &str)], tasks: &[(&str, &str)]) -> Vec<String> {
    let link = link("orders", "lkc-far", "ACTIVE")
        .configs(configs)
        .tasks(tasks);
    findings(&judged([cluster("lkc-dr", [link])]))
}

#[test]
fn each_finding_has_settings_that_it_finds_and_settings_that_are_clean() {
    let acl = "`acl.sync.enable` is true, `acl.filters` is empty";
    let offset = "`consumer.offset.sync.enable` is true, `consumer.offset.group.filters` is empty";
    let create = "`auto.create.mirror.topics.enable` is true, \
        `auto.create.mirror.topics.filters` is empty";
    let enable = "consumer.group.prefix.enable";
    let cases: &[(Settings, &str, String)] = &[
        (
            &[("acl.sync.enable", "true"), ("acl.filters", "")],
            "acl_sync_without_filters",
            acl.into(),
        ),
        (
            &[
                ("consumer.offset.sync.enable", "true"),
                ("consumer.offset.group.filters", r#"{"groupFilters": []}"#),
            ],
            "offset_sync_without_filters",
            offset.into(),
        ),
        (
            &[
                ("auto.create.mirror.topics.enable", "true"),
                ("auto.create.mirror.topics.filters", ""),
            ],
            "auto_create_without_filters",
            create.into(),
        ),
        (
            &[
                ("consumer.group.prefix.enable", "true"),
                ("link.mode", "bidirectional"),
            ],
            "group_prefix_on_bidirectional",
            format!("`{enable}` is true, `link.mode` is BIDIRECTIONAL"),
        ),
        (
            &[
                ("consumer.group.prefix.enable", "true"),
                ("cluster.link.prefix", ""),
            ],
            "group_prefix_without_prefix",
            format!("`{enable}` is true, `cluster.link.prefix` is empty"),
        ),
        (
            &[("acl.sync.ms", "999")],
            "acl_sync_interval_too_short",
            "`acl.sync.ms` is 999".into(),
        ),
    ];
    for (configs, name, detail) in cases {
        assert_eq!(
            found(configs, &[]),
            [format!("lkc-dr orders {name}: {detail}")]
        );
    }
    let clean: &[Settings] = &[
        &[("acl.sync.enable", "false"), ("acl.filters", "")],
        &[
            ("acl.sync.enable", "true"),
            ("acl.filters", r#"{"aclFilters": [{}]}"#),
        ],
        // A value that the server does not tell is not known to be empty.
        &[("acl.sync.enable", "true")],
        &[
            ("consumer.group.prefix.enable", "true"),
            ("cluster.link.prefix", "east."),
        ],
        &[
            ("consumer.group.prefix.enable", "true"),
            ("link.mode", "DESTINATION"),
        ],
        &[
            ("consumer.group.prefix.enable", "false"),
            ("link.mode", "BIDIRECTIONAL"),
        ],
        &[("acl.sync.ms", "1000")],
    ];
    for configs in clean {
        assert!(found(configs, &[]).is_empty(), "{configs:?}");
    }
}

#[test]
fn a_switch_and_its_task_that_contradict_each_other_are_found_together() {
    let configs = &[
        ("acl.sync.enable", "true"),
        ("auto.create.mirror.topics.enable", "true"),
        ("consumer.offset.sync.enable", "false"),
    ];
    let tasks = &[
        ("AclSync", "NOT_CONFIGURED"),
        ("AutoCreateMirror", "NOT_CONFIGURED"),
        ("ConsumerOffsetSync", "IN_ERROR"),
    ];
    assert_eq!(
        found(configs, tasks),
        [
            "lkc-dr orders task_enabled_not_running: `acl.sync.enable` is true, AclSync is \
             NOT_CONFIGURED; `auto.create.mirror.topics.enable` is true, AutoCreateMirror is \
             NOT_CONFIGURED",
            "lkc-dr orders task_running_not_enabled: `consumer.offset.sync.enable` is false, \
             ConsumerOffsetSync is IN_ERROR",
        ]
    );
}

/// What the audit does not know of a link whose `acl.sync.enable` and tasks are these, all others as they should be.
fn not_known(switch: &str, tasks: &[(&str, &str)], named_for: i64) -> Vec<String> {
    let configs = [
        ("acl.sync.enable", switch),
        ("acl.filters", r#"{"aclFilters": [{}]}"#),
        ("acl.sync.ms", "5000"),
        ("consumer.offset.sync.enable", "true"),
        ("consumer.offset.group.filters", r#"{"groupFilters": [{}]}"#),
        ("auto.create.mirror.topics.enable", "false"),
        ("auto.create.mirror.topics.filters", ""),
        ("consumer.group.prefix.enable", "false"),
        ("cluster.link.prefix", ""),
        ("link.mode", "DESTINATION"),
        ("connection.mode", "OUTBOUND"),
    ];
    let others = [
        ("ConsumerOffsetSync", "ACTIVE"),
        ("AutoCreateMirror", "NOT_CONFIGURED"),
    ];
    let link = link("orders", "lkc-far", "ACTIVE")
        .configs(&configs)
        .tasks(&[&others, tasks].concat())
        .named_for(named_for);
    let judged = judged([cluster("lkc-dr", [link])]);
    assert_eq!(findings(&judged), [""; 0]);
    unknowns(&judged)
}

#[test]
fn a_task_that_waits_for_its_link_contradicts_no_switch() {
    for state in ["LINK_PAUSED", "LINK_UNAVAILABLE", "LINK_FAILED"] {
        for switch in ["true", "false"] {
            assert_eq!(
                not_known(switch, &[("AclSync", state)], 0),
                [""; 0],
                "{state}"
            );
        }
    }
}

#[test]
fn a_task_that_says_nothing_leaves_it_unknown_whether_it_contradicts_its_switch() {
    for state in ["UNKNOWN", "DREAMING"] {
        let why = if state == "UNKNOWN" {
            "not_sent"
        } else {
            "not_understood"
        };
        for (switch, finding) in [("true", ENABLED), ("false", RUNNING)] {
            let unknown = not_known(switch, &[("AclSync", state)], 3600);
            assert_eq!(unknown, [format!("lkc-dr orders {finding}: {why}")]);
        }
    }
}

const ENABLED: &str = "task_enabled_not_running";
const RUNNING: &str = "task_running_not_enabled";

/// One answer without a task says nothing; a link whose tasks have not been called so for an hour has no such task, and
/// none is wanted. Where one is wanted, nobody says who does its work.
#[test]
fn a_task_that_is_not_named_contradicts_no_switch_that_is_off_after_an_hour() {
    let unknown = |finding: &str| vec![format!("lkc-dr orders {finding}: not_sent")];
    assert_eq!(not_known("false", &[], 3599), unknown(RUNNING));
    assert_eq!(not_known("false", &[], 3600), [""; 0]);
    assert_eq!(not_known("true", &[], 3600), unknown(ENABLED));
}

#[test]
fn a_link_whose_tasks_are_not_sent_is_not_known_to_have_none() {
    let silent = link("orders", "lkc-far", "ACTIVE").configs(&[("acl.sync.enable", "false")]);
    let unknown = unknowns(&judged([cluster("lkc-dr", [silent.named_for(7200)])]));
    let running = format!("lkc-dr orders {RUNNING}: not_sent");
    assert!(unknown.contains(&running), "{unknown:?}");
}

#[test]
fn filters_that_switching_off_and_on_again_cleared_are_found() {
    let settings = |enabled: &'static str, filters: &'static str| {
        [("acl.sync.enable", enabled), ("acl.filters", filters)]
    };
    let filters = r#"{"aclFilters": [{"resourceFilter": {}}]}"#;
    let counts = [
        settings("true", filters),
        settings("false", ""),
        settings("true", ""),
    ]
    .map(|configs| found(&configs, &[]).len());
    assert_eq!(counts, [0, 0, 1]);
}

#[test]
fn an_inbound_link_is_judged_only_where_the_other_end_is_polled() {
    let near = |mode: &str| {
        let link = link("orders", "lkc-src", "ACTIVE").configs(&[("connection.mode", mode)]);
        cluster("lkc-dr", [link])
    };
    let far = |name: &str, leads_to: &str, mode: &str| {
        let link = link(name, leads_to, "ACTIVE").configs(&[("connection.mode", mode)]);
        cluster("lkc-src", [link])
    };
    let at_dr = |far| {
        let found = findings(&judged([near("INBOUND"), far]));
        let prefix = "lkc-dr orders inbound_without_outbound: ";
        let mut own = found.iter().filter_map(|line| line.strip_prefix(prefix));
        own.next().unwrap_or("clean").to_owned()
    };
    let silent = {
        let mut silent = far("orders", "lkc-dr", "INBOUND");
        silent.polls.ended_at = Some(LATER);
        silent
    };
    let cases = [
        (far("orders", "lkc-dr", "OUTBOUND"), "clean"),
        (
            far("orders", "lkc-dr", "INBOUND"),
            "the link of this name on `lkc-src` is INBOUND too",
        ),
        (
            far("orders", "lkc-else", "OUTBOUND"),
            "the link of this name on `lkc-src` leads elsewhere",
        ),
        (
            far("sales", "lkc-dr", "OUTBOUND"),
            "`lkc-src` has no link of this name",
        ),
        (far("orders", "lkc-dr", "SIDEWAYS"), "clean"),
        (cluster("lkc-else", []), "clean"),
        (silent, "clean"),
    ];
    for (far, expected) in cases {
        assert_eq!(at_dr(far), expected);
    }
    assert!(findings(&judged([near("OUTBOUND"), cluster("lkc-src", [])])).is_empty());
}
