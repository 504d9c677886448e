//! The mirror topics of the link.

use crate::{
    dashboard::{
        mapping,
        panel::{Panel, lines},
        promql,
        queries::MIRROR_STATE,
        shared,
        table::{Column, table},
    },
    model::{MirrorStatus, PartitionCategory},
};

pub(super) fn lag_seconds() -> Panel {
    shared::lag_over_time(
        "Lag in seconds, against RPO",
        "How old the newest record of the worst mirror topic is: what a failover now would lose. An estimate; shortly after a \
         start a lower bound. Dashed: the `rpo` of `expect`.",
    )
}

pub(super) fn topic_lag() -> Panel {
    lines(
        "Lag in messages: 20 worst topics",
        "What each mirror topic lacks, and the link as a whole. Topics one by one need `collect.mirrors` to be `unhealthy` or \
         `all`; then seconds are on the board Failover.",
        "short",
    )
    .over_time(
        &promql::largest_gauge(
            MIRROR_STATE.key,
            "clusterlink_mirror_topic_lag_messages{link}",
        ),
        "{{mirror_topic_name}}",
    )
    .over_time("once(clusterlink_mirror_lag_messages{link})", "all of {{link_name}}")
    .over_time(
        "once(clusterlink_mirror_max_lag_messages{link})",
        "worst partition of {{link_name}}",
    )
}

pub(super) fn topics_not_active() -> Panel {
    let (key, number) = (MIRROR_STATE.key, MIRROR_STATE.number());
    let status = format!("sort_desc(max by ({key}) ({number}) > 0)");
    table(
        "Topics that are not ACTIVE",
        "Mirror topics one by one, the worst first; needs `collect.mirrors` to be `unhealthy` or `all`. The counts are on the \
         overview in any case.",
        vec![
            Column::value("Status", &status)
                .badge(mapping::states(MirrorStatus::TABLE))
                .width(200)
                .descending(),
            Column::label("mirror_topic_name", "Topic"),
            Column::label("link_name", "Link"),
            Column::value("Lacks", &not_active("clusterlink_mirror_topic_lag_messages"))
                .unit("short")
                .width(90),
            Column::value("Worst partition", &not_active("clusterlink_mirror_topic_max_lag_messages"))
                .unit("short")
                .width(120),
        ],
    )
    .no_value(shared::ONE_BY_ONE)
}

/// A value of each topic that is not active.
fn not_active(family: &str) -> String {
    let key = MIRROR_STATE.key;
    format!(
        "max by ({key}) ({family}{{link}}) and on ({key}) (max by ({key}) ({}) > 0)",
        MIRROR_STATE.number()
    )
}

pub(super) fn partitions() -> Panel {
    lines(
        "Mirror partitions",
        "How many partitions are in each category, where the server counts them.",
        "short",
    )
    .stacked()
    .over_time(
        "sum by (state_category) (once(clusterlink_mirror_partitions{link}))",
        "{{state_category}}",
    )
    .state_colours(PartitionCategory::TABLE)
}

pub(super) fn stalled() -> Panel {
    lines(
        "Stalled and failing topics",
        "Mirror topics that lag and have fetched nothing for 15 minutes, and those that report an error code. Next: errors of \
         the link and its tasks, then the source brokers and the link's quota.",
        "short",
    )
    .set("decimals", 0)
    .over_time("once(clusterlink_mirror_stalled_topics{link})", "stalled of {{link_name}}")
    .over_time(
        "sum by (error_code) (once(clusterlink_mirror_topic_errors{link}))",
        "{{error_code}}",
    )
}
