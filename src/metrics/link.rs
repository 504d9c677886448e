//! Families about links.

use super::{Family, Kind, Label, Shows, samples::unix_seconds};
use crate::model::{Cluster, ConnectionMode, LinkMode, LinkState, ObservedLink};

pub(super) const LINK_NAME: Label = Label::open("link_name");
const STATE: Label = Label::one_of("state", || {
    LinkState::TABLE.iter().map(|row| row.name).collect()
});

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "clusterlink_links",
        meaning: "Links of the cluster by the last list that was read, without UNMANAGED_SOURCE remnants",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[],
        collect: |cluster, samples| {
            if cluster.is_listed() {
                samples.push(&[], cluster.listed as f64);
            }
        },
    },
    Family {
        name: "clusterlink_unmanaged_source_links",
        meaning: "Nameless UNMANAGED_SOURCE remnants of deleted source-initiated links by the last list that was read",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[],
        collect: |cluster, samples| {
            if cluster.is_listed() {
                samples.push(&[], cluster.remnants as f64);
            }
        },
    },
    Family {
        name: "clusterlink_link_info",
        meaning: "1; the link's ids and modes, empty where they are not known",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[
            LINK_NAME,
            Label::open("cluster_link_id"),
            Label::open("remote_cluster_id"),
            Label::open("link_mode"),
            Label::open("connection_mode"),
        ],
        collect: |cluster, samples| {
            for link in cluster.shown_links() {
                let remote = link.remote_cluster_id.as_ref().map_or("", |id| id.as_str());
                // Both modes stand only in a link's settings, which may not be known.
                let configs = link.known_configs().ok();
                let link_mode = configs.and_then(|configs| configs.link_mode);
                let connection_mode = configs.and_then(|configs| configs.connection_mode);
                let labels = [
                    link.link_name.as_str(),
                    &link.cluster_link_id,
                    remote,
                    link_mode.map_or("", LinkMode::label),
                    connection_mode.map_or("", ConnectionMode::label),
                ];
                samples.push(&labels, 1.0);
            }
        },
    },
    Family {
        name: "clusterlink_link_state",
        meaning: "1 for the state the link is in, 0 for every other one",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, STATE],
        collect: |cluster, samples| {
            for (name, state, _) in with_state(cluster) {
                samples.push_states(&[name], LinkState::TABLE, state.label());
            }
        },
    },
    Family {
        name: "clusterlink_link_error",
        meaning: "1 while the link reports this error code; absent while it reports none",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, Label::open("error_code")],
        collect: |cluster, samples| {
            for link in cluster.shown_links() {
                let code = link.link_error.as_ref().map(|error| &error.error_code);
                if let Some(code) = code.and_then(|code| samples.code_label(code)) {
                    samples.push(&[link.link_name.as_str(), code], 1.0);
                }
            }
        },
    },
    Family {
        name: "clusterlink_link_state_since_timestamp_seconds",
        meaning: "When the link was first observed in its current state, in Unix seconds",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (name, _, link) in with_state(cluster) {
                samples.push(&[name], unix_seconds(link.state_since));
            }
        },
    },
    Family {
        name: "clusterlink_link_state_transitions_total",
        meaning: "Observed changes of the link's state; what changed back between two polls is not observed",
        kind: Kind::Counter,
        shows: Shows::Answers,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (name, _, link) in with_state(cluster) {
                samples.push(&[name], link.state_transitions as f64);
            }
        },
    },
    Family {
        name: "clusterlink_link_poll_success",
        meaning: "1 if the last request for this link's description worked, 0 if its values are older",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for link in cluster.shown_links() {
                samples.push(&[link.link_name.as_str()], f64::from(link.is_fresh()));
            }
        },
    },
    Family {
        name: "clusterlink_link_last_success_timestamp_seconds",
        meaning: "When the link was last described, in Unix seconds; 0 until the first time",
        kind: Kind::Gauge,
        shows: Shows::Polls,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for link in cluster.shown_links() {
                let at = link.described_at.map_or(0.0, unix_seconds);
                samples.push(&[link.link_name.as_str()], at);
            }
        },
    },
    Family {
        name: "clusterlink_link_tasks_reported",
        meaning: "1 if the server named the tasks of this link, 0 if it named none and nothing is known of them",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for link in cluster.shown_links() {
                let reported = f64::from(!link.tasks_unknown());
                samples.push(&[link.link_name.as_str()], reported);
            }
        },
    },
];

/// The shown links that have a state; an old server sends none.
fn with_state(cluster: &Cluster) -> impl Iterator<Item = (&str, &LinkState, &ObservedLink)> {
    cluster.shown_links().filter_map(|link| {
        let state = link.link_state.as_ref()?;
        Some((link.link_name.as_str(), state, link))
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::{
        metrics::testing::{
            cluster, documented, error, failure, link, only, samples_of, unpolled, with_links,
        },
        model::{LinkConfigs, Reason},
    };

    #[test]
    fn a_described_link_has_every_family_but_the_error() {
        assert_snapshot!(samples_of(FAMILIES, &documented()), @r#"
        clusterlink_links 1

        clusterlink_unmanaged_source_links 0

        clusterlink_link_info{link_name="bidirectional-link",cluster_link_id="id-1",remote_cluster_id="lkc-far",link_mode="",connection_mode=""} 1

        clusterlink_link_state{link_name="bidirectional-link",state="ACTIVE"} 1
        clusterlink_link_state{link_name="bidirectional-link",state="FAILED"} 0
        clusterlink_link_state{link_name="bidirectional-link",state="UNAVAILABLE"} 0
        clusterlink_link_state{link_name="bidirectional-link",state="PAUSED"} 0
        clusterlink_link_state{link_name="bidirectional-link",state="UNKNOWN"} 0

        clusterlink_link_state_since_timestamp_seconds{link_name="bidirectional-link"} 1700000000

        clusterlink_link_state_transitions_total{link_name="bidirectional-link"} 3

        clusterlink_link_poll_success{link_name="bidirectional-link"} 1

        clusterlink_link_last_success_timestamp_seconds{link_name="bidirectional-link"} 1700000060.5

        clusterlink_link_tasks_reported{link_name="bidirectional-link"} 1
        "#);
    }

    #[test]
    fn an_old_server_sends_no_state_and_no_tasks_and_nothing_is_made_up() {
        let mut old = link("old", "ACTIVE");
        old.link_state = None;
        old.remote_cluster_id = None;
        assert_snapshot!(samples_of(FAMILIES, &with_links(cluster("prod"), [old])), @r#"
        clusterlink_links 1

        clusterlink_unmanaged_source_links 0

        clusterlink_link_info{link_name="old",cluster_link_id="id-1",remote_cluster_id="",link_mode="",connection_mode=""} 1

        clusterlink_link_poll_success{link_name="old"} 1

        clusterlink_link_last_success_timestamp_seconds{link_name="old"} 1700000060.5

        clusterlink_link_tasks_reported{link_name="old"} 0
        "#);
    }

    #[test]
    fn modes_are_told_in_upper_case_once_the_settings_are_read() {
        let configured = |name, mode, connection| {
            let mut link = link(name, "ACTIVE");
            let mut configs = LinkConfigs::default();
            configs.set("link.mode", mode);
            configs.set("connection.mode", connection);
            link.configs = Ok(configs.into());
            link
        };
        let links = [
            configured("a", Some("bidirectional"), Some("outbound")),
            configured("b", Some("SIDEWAYS"), None),
        ];
        let cluster = with_links(cluster("prod"), links);
        assert_snapshot!(samples_of(only("clusterlink_link_info"), &cluster), @r#"
        clusterlink_link_info{link_name="a",cluster_link_id="id-1",remote_cluster_id="lkc-far",link_mode="BIDIRECTIONAL",connection_mode="OUTBOUND"} 1
        clusterlink_link_info{link_name="b",cluster_link_id="id-1",remote_cluster_id="lkc-far",link_mode="UNKNOWN",connection_mode=""} 1
        "#);
    }

    #[test]
    fn a_link_that_was_never_described_shows_what_the_list_says_and_that_it_failed() {
        let mut listed = link("listed", "UNAVAILABLE");
        listed.described_at = None;
        listed.failure = Some(failure(Reason::Timeout));
        listed.link_error = Some(error("AUTHENTICATION_ERROR"));
        assert_snapshot!(samples_of(FAMILIES, &with_links(cluster("prod"), [listed])), @r#"
        clusterlink_links 1

        clusterlink_unmanaged_source_links 0

        clusterlink_link_info{link_name="listed",cluster_link_id="id-1",remote_cluster_id="lkc-far",link_mode="",connection_mode=""} 1

        clusterlink_link_state{link_name="listed",state="ACTIVE"} 0
        clusterlink_link_state{link_name="listed",state="FAILED"} 0
        clusterlink_link_state{link_name="listed",state="UNAVAILABLE"} 1
        clusterlink_link_state{link_name="listed",state="PAUSED"} 0
        clusterlink_link_state{link_name="listed",state="UNKNOWN"} 0

        clusterlink_link_error{link_name="listed",error_code="AUTHENTICATION_ERROR"} 1

        clusterlink_link_state_since_timestamp_seconds{link_name="listed"} 1700000000

        clusterlink_link_state_transitions_total{link_name="listed"} 3

        clusterlink_link_poll_success{link_name="listed"} 0

        clusterlink_link_last_success_timestamp_seconds{link_name="listed"} 0

        clusterlink_link_tasks_reported{link_name="listed"} 0
        "#);
    }

    #[test]
    fn a_state_nobody_has_heard_of_is_unknown() {
        let cluster = with_links(cluster("prod"), [link("dreamer", "DREAMING")]);
        assert_snapshot!(samples_of(only("clusterlink_link_state"), &cluster), @r#"
        clusterlink_link_state{link_name="dreamer",state="ACTIVE"} 0
        clusterlink_link_state{link_name="dreamer",state="FAILED"} 0
        clusterlink_link_state{link_name="dreamer",state="UNAVAILABLE"} 0
        clusterlink_link_state{link_name="dreamer",state="PAUSED"} 0
        clusterlink_link_state{link_name="dreamer",state="UNKNOWN"} 1
        "#);
    }

    #[test]
    fn what_does_not_look_like_a_code_is_other_and_an_empty_code_is_no_series() {
        let reporting = |name, code| {
            let mut link = link(name, "FAILED");
            link.link_error = Some(error(code));
            link
        };
        let links = [
            reporting("a", "Broken: see log"),
            reporting("b", "NEVER_SEEN_ERROR"),
            reporting("c", ""),
            reporting("d", "TIMEOUT_ERROR"),
        ];
        let cluster = with_links(cluster("prod"), links);
        assert_snapshot!(samples_of(only("clusterlink_link_error"), &cluster), @r#"
        clusterlink_link_error{link_name="a",error_code="OTHER"} 1
        clusterlink_link_error{link_name="b",error_code="OTHER"} 1
        clusterlink_link_error{link_name="d",error_code="TIMEOUT_ERROR"} 1
        "#);
    }

    #[test]
    fn a_withdrawn_link_is_still_counted_and_shows_nothing_else() {
        let mut withdrawn = link("gone quiet", "ACTIVE");
        withdrawn.is_stale = true;
        let mut cluster = with_links(cluster("prod"), [withdrawn]);
        cluster.remnants = 2;
        assert_snapshot!(samples_of(FAMILIES, &cluster), @r#"
        clusterlink_links 1

        clusterlink_unmanaged_source_links 2
        "#);
    }

    #[test]
    fn a_withdrawn_cluster_and_one_that_was_never_polled_show_no_links() {
        let withdrawn = Cluster {
            is_stale: true,
            ..documented()
        };
        assert_eq!(samples_of(FAMILIES, &withdrawn), "");
        assert_eq!(samples_of(FAMILIES, &unpolled("prod")), "");
    }
}
