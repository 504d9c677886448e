//! Families about the mirror topics of links: per link always, per topic where the configuration wants it.

use std::collections::BTreeMap;

use super::{Family, Kind, Label, link::LINK_NAME};
use crate::model::{Cluster, KeptMirror, MirrorLag, MirrorStatus, Mirrors, PartitionCategory};

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
        meaning: "Mirror topics of the link in each status; absent while nothing is known of them",
        kind: Kind::Gauge,
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
        meaning: "Mirror partitions of the link in each category; absent where the server sends no counts",
        kind: Kind::Gauge,
        labels: &[LINK_NAME, CATEGORY],
        collect: |cluster, samples| {
            for kept in cluster.shown_links() {
                let counts = kept.link.mirror_partitions.iter().flatten();
                for (row, count) in PartitionCategory::TABLE.iter().zip(counts) {
                    let labels = [kept.link.link_name.as_str(), row.name];
                    samples.push(&labels, *count as f64);
                }
            }
        },
    },
    Family {
        name: "clusterlink_mirror_lag_messages",
        meaning: "Messages that the link's mirror topics lack, all partitions together; topics that are STOPPED or FAILED do not count",
        kind: Kind::Gauge,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (link_name, mirrors) in mirrors(cluster) {
                samples.push(&[link_name], mirrors.lag.messages as f64);
            }
        },
    },
    Family {
        name: "clusterlink_mirror_max_lag_messages",
        meaning: "Messages that the partition with the largest lag lacks; topics that are STOPPED or FAILED do not count",
        kind: Kind::Gauge,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (link_name, mirrors) in mirrors(cluster) {
                samples.push(&[link_name], mirrors.lag.max_messages as f64);
            }
        },
    },
    Family {
        name: "clusterlink_mirror_lag_seconds",
        meaning: "Estimate of how long ago the source stood where the worst partition of the link's mirror topics stands now, in seconds: what a failover now would lose. A lower bound until the remembered history reaches back to the mirror's position",
        kind: Kind::Gauge,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (link_name, mirrors) in mirrors(cluster) {
                samples.push(&[link_name], mirrors.lag.age.as_secs_f64());
            }
        },
    },
    Family {
        name: "clusterlink_mirror_stalled_topics",
        meaning: "Mirror topics of the link that lag and have a partition that has not fetched for 15 minutes; what is paused, STOPPED or FAILED does not count",
        kind: Kind::Gauge,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (link_name, mirrors) in mirrors(cluster) {
                samples.push(&[link_name], mirrors.stalled as f64);
            }
        },
    },
    Family {
        name: "clusterlink_mirror_topic_state",
        meaning: by_topic!("1 for the status the mirror topic has, 0 for every other one"),
        kind: Kind::Gauge,
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
        .filter_map(|kept| Some((kept.link.link_name.as_str(), kept.shown_mirrors()?)))
}

/// The topics that are shown one by one, with the values of `link_name` and `mirror_topic_name`.
fn topics(cluster: &Cluster) -> impl Iterator<Item = ([&str; 2], &KeptMirror)> {
    mirrors(cluster).flat_map(|(link_name, mirrors)| {
        let topics = mirrors.topics.iter();
        topics.map(move |topic| ([link_name, topic.topic_name.as_str()], topic))
    })
}

/// Those of them that are still mirrors, with their lag.
fn lags(cluster: &Cluster) -> impl Iterator<Item = ([&str; 2], MirrorLag)> {
    topics(cluster).filter_map(|(names, topic)| Some((names, topic.lag?)))
}
