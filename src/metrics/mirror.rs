//! Families about the mirror topics of links: per link always, per topic where the configuration wants it.

use std::collections::BTreeMap;

use super::{Family, Kind, Label, Shows, link::LINK_NAME};
use crate::model::{Cluster, MirrorLag, MirrorStatus, Mirrors, ObservedMirror, PartitionCategory};

const TOPIC_NAME: Label = Label::open("mirror_topic_name");
const STATUS: Label = Label::one_of("mirror_status", || {
    MirrorStatus::TABLE.iter().map(|row| row.name).collect()
});
const CATEGORY: Label = Label::one_of("state_category", || {
    PartitionCategory::TABLE
        .iter()
        .map(|row| row.name)
        .collect()
});

/// Ends what a family about single topics means.
macro_rules! by_topic {
    ($meaning:literal) => {
        concat!(
            $meaning,
            "; only with collect.mirrors all, or unhealthy for the topics that are"
        )
    };
}

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "clusterlink_mirror_topics",
        meaning: "Mirror topics of the link in each status, UNKNOWN where it is not said or not understood; absent while nothing is known of them",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, STATUS],
        collect: |cluster, samples| {
            for (link_name, mirrors) in mirrors(cluster) {
                for (row, count) in MirrorStatus::TABLE.iter().zip(mirrors.statuses) {
                    samples.push(&[link_name, row.name], count as f64);
                }
            }
        },
    },
    Family {
        name: "clusterlink_mirror_topic_errors",
        meaning: "Mirror topics of the link that report this error code; absent while none does",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, Label::open("error_code")],
        collect: |cluster, samples| {
            for (link_name, mirrors) in mirrors(cluster) {
                // Several codes may end up in the same label value, which must be one series.
                let mut counts = BTreeMap::new();
                for (code, count) in &mirrors.errors {
                    if let Some(code) = samples.code_label(code) {
                        *counts.entry(code).or_insert(0.0) += *count as f64;
                    }
                }
                for (code, count) in counts {
                    samples.push(&[link_name, code], count);
                }
            }
        },
    },
    Family {
        name: "clusterlink_mirror_partitions",
        meaning: "Mirror partitions of the link in each category; absent where the server sends no counts, or none of the category",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, CATEGORY],
        collect: |cluster, samples| {
            for link in cluster.shown_links() {
                let counts = link.mirror_partitions.iter();
                let counts = counts.flat_map(|counts| counts.iter());
                for (row, count) in PartitionCategory::TABLE.iter().zip(counts) {
                    let labels = [link.link_name.as_str(), row.name];
                    if let Some(count) = count {
                        samples.push(&labels, *count as f64);
                    }
                }
            }
        },
    },
    Family {
        name: "clusterlink_mirror_lag_messages",
        meaning: "Messages that the link's mirror topics lack, all partitions together; topics that are STOPPED or FAILED do not count; absent where the lag of any is not known",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (link_name, lag) in known_lags(cluster) {
                samples.push(&[link_name], lag.messages as f64);
            }
        },
    },
    Family {
        name: "clusterlink_mirror_max_lag_messages",
        meaning: "Messages that the partition with the largest lag lacks; topics that are STOPPED or FAILED do not count; absent where the lag of any is not known",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (link_name, lag) in known_lags(cluster) {
                samples.push(&[link_name], lag.max_messages as f64);
            }
        },
    },
    Family {
        name: "clusterlink_mirror_lag_seconds",
        meaning: "Estimate of how long ago the source stood where the worst partition of the link's mirror topics stands now, in seconds: what a failover now would lose. A lower bound until the remembered history reaches back to the mirror's position; absent where the lag of any topic is not known",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (link_name, lag) in known_lags(cluster) {
                samples.push(&[link_name], lag.age.as_secs_f64());
            }
        },
    },
    Family {
        name: "clusterlink_mirror_stalled_topics",
        meaning: "Mirror topics of the link that lag and have a partition that has not fetched for 15 minutes; what is paused, STOPPED or FAILED does not count; absent where none is known to be stalled and of any it is not known",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (link_name, mirrors) in mirrors(cluster) {
                if let Ok(stalled) = mirrors.known_stalled() {
                    samples.push(&[link_name], stalled as f64);
                }
            }
        },
    },
    Family {
        name: "clusterlink_mirror_topic_state",
        meaning: by_topic!("1 for the status the mirror topic has, 0 for every other one"),
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, TOPIC_NAME, STATUS],
        collect: |cluster, samples| {
            for (names, topic) in topics(cluster) {
                samples.push_states(&names, MirrorStatus::TABLE, topic.status.label());
            }
        },
    },
    Family {
        name: "clusterlink_mirror_topic_lag_messages",
        meaning: by_topic!("Messages that the mirror topic lacks, all partitions together"),
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, TOPIC_NAME],
        collect: |cluster, samples| {
            for (names, lag) in lags(cluster) {
                samples.push(&names, lag.messages as f64);
            }
        },
    },
    Family {
        name: "clusterlink_mirror_topic_max_lag_messages",
        meaning: by_topic!("Messages that the topic's partition with the largest lag lacks"),
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, TOPIC_NAME],
        collect: |cluster, samples| {
            for (names, lag) in lags(cluster) {
                samples.push(&names, lag.max_messages as f64);
            }
        },
    },
    Family {
        name: "clusterlink_mirror_topic_lag_seconds",
        meaning: by_topic!("As clusterlink_mirror_lag_seconds, of the topic's worst partition"),
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, TOPIC_NAME],
        collect: |cluster, samples| {
            for (names, lag) in lags(cluster) {
                samples.push(&names, lag.age.as_secs_f64());
            }
        },
    },
];

/// The mirror topics of the shown links, where they are known, with the value of `link_name`.
fn mirrors(cluster: &Cluster) -> impl Iterator<Item = (&str, &Mirrors)> {
    cluster
        .shown_links()
        .filter_map(|link| Some((link.link_name.as_str(), link.shown_mirrors().ok()?)))
}

/// The topics that are shown one by one, with the values of `link_name` and `mirror_topic_name`.
fn topics(cluster: &Cluster) -> impl Iterator<Item = ([&str; 2], &ObservedMirror)> {
    mirrors(cluster).flat_map(|(link_name, mirrors)| {
        let topics = mirrors.topics.iter();
        topics.map(move |topic| ([link_name, topic.topic_name.as_str()], topic))
    })
}

/// Those of them that are still mirrors, with their lag.
fn lags(cluster: &Cluster) -> impl Iterator<Item = ([&str; 2], MirrorLag)> {
    topics(cluster).filter_map(|(names, topic)| Some((names, topic.lag?.known().ok()?)))
}

/// The lag of the links of whose mirror topics it is known, with the value of `link_name`.
fn known_lags(cluster: &Cluster) -> impl Iterator<Item = (&str, MirrorLag)> {
    mirrors(cluster).filter_map(|(link_name, mirrors)| Some((link_name, mirrors.known_lag().ok()?)))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::{
        metrics::testing::{cluster, link, mirror, only, samples_of, with_links, with_mirrors},
        model::{ErrorCode, ObservedLink},
    };

    fn orders() -> ObservedLink {
        let mut failed = mirror("c", "FAILED", 70, 70);
        failed.error = Some(ErrorCode::from("SOURCE_TOPIC_MAY_BE_DELETED"));
        let mut stalled = mirror("b", "ACTIVE", 9, 1200);
        stalled.stalled = Ok(true);
        with_mirrors(
            link("orders", "ACTIVE"),
            [mirror("a", "ACTIVE", 5, 2), stalled, failed],
        )
    }

    fn shown(link: ObservedLink) -> String {
        samples_of(FAMILIES, &with_links(cluster("prod"), [link]))
    }

    #[test]
    fn a_link_has_counts_and_lag_and_each_topic_has_its_own() {
        assert_snapshot!(shown(orders()), @r#"
        clusterlink_mirror_topics{link_name="orders",mirror_status="ACTIVE"} 2
        clusterlink_mirror_topics{link_name="orders",mirror_status="FAILED"} 1
        clusterlink_mirror_topics{link_name="orders",mirror_status="LINK_FAILED"} 0
        clusterlink_mirror_topics{link_name="orders",mirror_status="LINK_PAUSED"} 0
        clusterlink_mirror_topics{link_name="orders",mirror_status="PAUSED"} 0
        clusterlink_mirror_topics{link_name="orders",mirror_status="PENDING_STOPPED"} 0
        clusterlink_mirror_topics{link_name="orders",mirror_status="SOURCE_UNAVAILABLE"} 0
        clusterlink_mirror_topics{link_name="orders",mirror_status="STOPPED"} 0
        clusterlink_mirror_topics{link_name="orders",mirror_status="PENDING_MIRROR"} 0
        clusterlink_mirror_topics{link_name="orders",mirror_status="PENDING_SYNCHRONIZE"} 0
        clusterlink_mirror_topics{link_name="orders",mirror_status="PENDING_SETUP_FOR_RESTORE"} 0
        clusterlink_mirror_topics{link_name="orders",mirror_status="PENDING_RESTORE"} 0
        clusterlink_mirror_topics{link_name="orders",mirror_status="UNKNOWN"} 0

        clusterlink_mirror_topic_errors{link_name="orders",error_code="SOURCE_TOPIC_MAY_BE_DELETED"} 1

        clusterlink_mirror_lag_messages{link_name="orders"} 14

        clusterlink_mirror_max_lag_messages{link_name="orders"} 9

        clusterlink_mirror_lag_seconds{link_name="orders"} 1200

        clusterlink_mirror_stalled_topics{link_name="orders"} 1

        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="ACTIVE"} 1
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="FAILED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="LINK_FAILED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="LINK_PAUSED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="PAUSED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="PENDING_STOPPED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="SOURCE_UNAVAILABLE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="STOPPED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="PENDING_MIRROR"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="PENDING_SYNCHRONIZE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="PENDING_SETUP_FOR_RESTORE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="PENDING_RESTORE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="a",mirror_status="UNKNOWN"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="ACTIVE"} 1
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="FAILED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="LINK_FAILED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="LINK_PAUSED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="PAUSED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="PENDING_STOPPED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="SOURCE_UNAVAILABLE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="STOPPED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="PENDING_MIRROR"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="PENDING_SYNCHRONIZE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="PENDING_SETUP_FOR_RESTORE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="PENDING_RESTORE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="b",mirror_status="UNKNOWN"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="ACTIVE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="FAILED"} 1
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="LINK_FAILED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="LINK_PAUSED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="PAUSED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="PENDING_STOPPED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="SOURCE_UNAVAILABLE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="STOPPED"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="PENDING_MIRROR"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="PENDING_SYNCHRONIZE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="PENDING_SETUP_FOR_RESTORE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="PENDING_RESTORE"} 0
        clusterlink_mirror_topic_state{link_name="orders",mirror_topic_name="c",mirror_status="UNKNOWN"} 0

        clusterlink_mirror_topic_lag_messages{link_name="orders",mirror_topic_name="a"} 5
        clusterlink_mirror_topic_lag_messages{link_name="orders",mirror_topic_name="b"} 9

        clusterlink_mirror_topic_max_lag_messages{link_name="orders",mirror_topic_name="a"} 5
        clusterlink_mirror_topic_max_lag_messages{link_name="orders",mirror_topic_name="b"} 9

        clusterlink_mirror_topic_lag_seconds{link_name="orders",mirror_topic_name="a"} 2
        clusterlink_mirror_topic_lag_seconds{link_name="orders",mirror_topic_name="b"} 1200
        "#);
    }

    #[test]
    fn without_topics_to_show_there_is_a_summary() {
        assert_snapshot!(shown(with_mirrors(link("empty", "ACTIVE"), [])), @r#"
        clusterlink_mirror_topics{link_name="empty",mirror_status="ACTIVE"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="FAILED"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="LINK_FAILED"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="LINK_PAUSED"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="PAUSED"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="PENDING_STOPPED"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="SOURCE_UNAVAILABLE"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="STOPPED"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="PENDING_MIRROR"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="PENDING_SYNCHRONIZE"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="PENDING_SETUP_FOR_RESTORE"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="PENDING_RESTORE"} 0
        clusterlink_mirror_topics{link_name="empty",mirror_status="UNKNOWN"} 0

        clusterlink_mirror_lag_messages{link_name="empty"} 0

        clusterlink_mirror_max_lag_messages{link_name="empty"} 0

        clusterlink_mirror_lag_seconds{link_name="empty"} 0

        clusterlink_mirror_stalled_topics{link_name="empty"} 0
        "#);
    }

    #[test]
    fn partitions_come_with_the_describe_and_categories_nobody_has_heard_of_are_unknown() {
        let mut link = link("orders", "ACTIVE");
        link.mirror_partitions = Some([Some(0), Some(1), None, Some(12), Some(3), Some(4)].into());
        assert_snapshot!(shown(link), @r#"
        clusterlink_mirror_partitions{link_name="orders",state_category="PAUSED"} 0
        clusterlink_mirror_partitions{link_name="orders",state_category="IN_ERROR"} 1
        clusterlink_mirror_partitions{link_name="orders",state_category="ACTIVE"} 12
        clusterlink_mirror_partitions{link_name="orders",state_category="NOT_APPLICABLE"} 3
        clusterlink_mirror_partitions{link_name="orders",state_category="UNKNOWN"} 4
        "#);
    }

    #[test]
    fn codes_with_the_same_label_value_are_one_series() {
        let reporting = |name, code| {
            let mut topic = mirror(name, "FAILED", 0, 0);
            topic.error = Some(ErrorCode::from(code));
            topic
        };
        let topics = [
            reporting("a", "no code at all"),
            reporting("b", "MADE_UP_ERROR"),
            reporting("c", "ILLEGAL_STATE"),
        ];
        let cluster = with_links(
            cluster("prod"),
            [with_mirrors(link("orders", "ACTIVE"), topics)],
        );
        assert_snapshot!(samples_of(only("clusterlink_mirror_topic_errors"), &cluster), @r#"
        clusterlink_mirror_topic_errors{link_name="orders",error_code="ILLEGAL_STATE"} 1
        clusterlink_mirror_topic_errors{link_name="orders",error_code="OTHER"} 2
        "#);
    }

    #[test]
    fn what_is_not_known_or_too_old_has_no_series() {
        assert_eq!(shown(link("orders", "ACTIVE")), "");
        let mut withdrawn = orders();
        withdrawn.mirrors.as_mut().unwrap().is_stale = true;
        assert_eq!(shown(withdrawn), "");
    }
}
