//! What an alert knows of its subject.

use super::{Play, spread};

#[test]
fn an_alert_says_whose_it_is_since_when_and_why() {
    let mut play = Play::new();
    for mark in spread(".E*6 !*4").chars() {
        play.minute(mark);
    }
    let mut active: Vec<_> = play.engine.active().collect();
    active.sort_by_key(|active| active.rule.name);
    let said: Vec<_> = active
        .iter()
        .map(|active| {
            let labels =
                serde_json::to_string(active.identity.labels()).expect("labels can be written");
            let details = serde_json::to_string(&active.details).expect("details can be written");
            format!(
                "{} {} {labels} {details}",
                active.rule.name, active.is_last_known
            )
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    ClusterLinkBlind false {"cluster_id":"lkc-1","cluster_name":"dr"} {"since":"2023-11-14T22:19:20Z","errors":[],"failure":"!","found":null}
    ClusterLinkPollFailing false {"cluster_id":"lkc-1","cluster_name":"dr"} {"since":"2023-11-14T22:19:20Z","errors":[],"failure":"!","found":null}
    ClusterLinkTaskInError true {"cluster_id":"lkc-1","cluster_name":"dr","link_name":"orders","task_name":"AclSync"} {"since":"2023-11-14T22:14:20Z","errors":[{"code":"AUTHORIZATION_ERROR","message":"not allowed"}],"failure":null,"found":null}
    ClusterLinkWatchdog false {} {"since":null,"errors":[],"failure":null,"found":null}
    "#);
}

#[test]
fn an_alert_says_what_was_seen_of_what_is_judged() {
    let seen = |history: &str| {
        let mut play = Play::new();
        for mark in spread(history).chars() {
            play.minute(mark);
        }
        let mut said: Vec<_> = play
            .engine
            .active()
            .filter_map(|active| {
                let found = active.details.found.as_deref()?;
                let name = active.rule.name.trim_start_matches("ClusterLink");
                Some([name, active.word().unwrap_or("-"), found].join(" "))
            })
            .collect();
        said.sort();
        said
    };
    let cases: [(&str, &[&str]); 7] = [
        (
            "P",
            &[
                "ExpectationViolated state expected ACTIVE or FAILED or UNAVAILABLE or UNKNOWN, found PAUSED",
            ],
        ),
        (
            "-",
            &["ExpectationViolated exists no link has a name that matches"],
        ),
        (
            "gh",
            &["PairInconsistent remote_link_exists `lkc-2` has no link of this name"],
        ),
        (
            "s",
            &[
                "ConfigFinding acl_sync_without_filters `acl.sync.enable` is true, `acl.filters` is empty",
            ],
        ),
        ("m", &["MirrorTopicsFailed - 1 of 1 mirror topics"]),
        ("q", &["MirrorTopicsStuckPending - 1 of 1 mirror topics"]),
        (
            ".l*16",
            &[
                "MirrorLagAboveRpo - the lag is 16m, 30s is allowed",
                "MirrorTopicsStalled - 1 of 1 mirror topics, the lag is 16m",
            ],
        ),
    ];
    for (history, expected) in cases {
        assert_eq!(seen(history), expected, "{history}");
    }
}
