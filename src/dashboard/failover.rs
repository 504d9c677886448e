//! The board for a failover, planned or not: may one, and what would be lost.

use super::{
    board::{Board, Strip},
    mapping::{self, BLUE_GREY},
    panel::{self, NONE_KNOWN, Panel, lines, stat},
    promql::{self, StateSet, blind_rows, seen},
    queries::{self, LINK_STATE, TASK_STATE, by_link},
    shared,
    table::{Column, table},
    variable::Variable,
};
use crate::model::{Blocker, Check, LinkMode, LinkState, TaskState};

pub(super) fn board() -> Board {
    Board {
        uid: "clusterlink-dr",
        title: "Cluster linking / Failover",
        description: "Whether one could fail over each link now, why not, and what would be lost. Before you do: \
            `cluster-link-exporter dr-check`.",
        variables: &[
            Variable::Datasource,
            Variable::Job,
            Variable::Cluster,
            Variable::Link,
        ],
        screen: vec![
            Strip::Panels(
                4,
                vec![
                    (4, ready_links()),
                    (4, blocked_links()),
                    (4, worst_seconds()),
                    (4, lost_messages()),
                    (4, wrong_offsets()),
                    (4, above_rpo()),
                ],
            ),
            Strip::Panels(11, vec![(24, readiness())]),
            Strip::Panels(9, vec![(24, blockers())]),
            Strip::Heading("What would be lost"),
            Strip::Panels(9, vec![(12, loss_in_seconds()), (12, loss_in_messages())]),
            Strip::Panels(5, vec![(24, topics_above_rpo())]),
            Strip::Heading("Would consumers start right"),
            Strip::Panels(8, vec![(24, offset_sync_timeline())]),
            Strip::Heading("Both ends of each pair"),
            Strip::Panels(7, vec![(24, pairs())]),
        ],
    }
}

fn ready_links() -> Panel {
    stat(
        "Ready to fail over",
        "Links against whose failover nothing is known. A link whose only trouble is a dead source is ready: that is what it is \
         for.",
    )
    .now("sum(once(clusterlink_failover_ready{link}))", "ready")
    .mappings(shared::no_data())
    .set("decimals", 0)
    .thresholds(&[(None, BLUE_GREY)])
}

fn blocked_links() -> Panel {
    panel::count(
        "Blocked",
        "Links that one should not fail over now. Next: the reasons below, with what to do.",
        "sum(1 - once(clusterlink_failover_ready{link}))",
    )
    .mappings(mapping::tile("NOT JUDGED"))
}

fn worst_seconds() -> Panel {
    shared::worst_lag(
        "Worst loss in seconds",
        "The age of the newest record of the worst mirror topic, and how much of its link's `rpo` that is.",
    )
}

fn lost_messages() -> Panel {
    stat(
        "Messages that would be lost",
        "What all mirror topics of the selected links lack together.",
    )
    .now(
        &seen("sum(once(clusterlink_mirror_lag_messages{link}))"),
        "messages",
    )
    .mappings(mapping::tile("NOT READ"))
    .thresholds(&[(None, BLUE_GREY)])
}

fn wrong_offsets() -> Panel {
    shared::wrong_offsets(
        "Consumers would start wrong",
        "Links whose ConsumerOffsetSync is in error, or wanted and not at work: consumers would read twice or miss records.",
    )
}

fn above_rpo() -> Panel {
    panel::count(
        "Above RPO",
        "Links whose mirror topics lag longer than their `rpo` allows. Next: what would be lost, below.",
        &format!("sum({} > bool 1)", queries::lag_of_rpo()),
    )
    .mappings(mapping::tile("NO RPO"))
}

fn readiness() -> Panel {
    let blind = blind_rows(promql::NOT_ASKED.into());
    table(
        "Ready, and if not, why not",
        "Every link, those that are blocked first; BLIND is a cluster of which nothing is known. The table below has all reasons \
         of each.",
        vec![
            Column::value('A', "Failover")
                .badge(mapping::blind(mapping::verdict("READY", "BLOCKED"), promql::NOT_ASKED.into()))
                .width(105)
                .ascending(),
            Column::label("cluster_name", "Cluster").width(120),
            Column::label("link_name", "Link").width(200).opens_its_link(),
            Column::value('B', "Link state").badge(mapping::states(LinkState::TABLE)).width(120),
            Column::value('C', "Reasons").width(85),
            Column::value('D', "Offset sync").badge(mapping::states(TaskState::TABLE)).width(165),
            Column::value('E', "Would lose").unit("s").width(100),
            Column::value('F', "Of RPO").unit("percentunit").decimals(0).width(90)
                .coloured(&shared::OF_RPO),
            Column::value('G', "Messages").unit("short").width(100),
            Column::value('H', "Pair").badge(mapping::verdict("OK", "BROKEN")).width(90),
            Column::value('I', "Last described").unit("s"),
        ],
    )
    .no_value(mapping::NO_DATA)
    .rows(&format!("sort({} or {blind})", by_link("", "clusterlink_failover_ready{link}")))
    .rows(&by_link("", &LINK_STATE.number()))
    .rows(&format!(
        "count by ({}) (once(clusterlink_failover_blocker{{link}}))",
        promql::LINK
    ))
    .rows(&queries::offset_sync())
    .rows(&queries::lag())
    .rows(&queries::lag_of_rpo())
    .rows(&by_link("", "clusterlink_mirror_lag_messages{link}"))
    .rows(&queries::pair())
    .rows(&format!(
        "time() - {}",
        by_link("", "clusterlink_link_last_success_timestamp_seconds{link}")
    ))
}

fn blockers() -> Panel {
    table(
        "What is against it",
        "Every reason against a failover of each link, why it counts and what to do about it.",
        vec![
            Column::label("cluster_name", "Cluster").width(120),
            Column::label("link_name", "Link")
                .width(200)
                .opens_its_link(),
            Column::label("reason", "Reason").width(190),
            Column::label("meaning", "Meaning")
                .words(mapping::words(Blocker::TABLE, |word| word.meaning)),
            Column::label("remedy", "What to do")
                .words(mapping::words(Blocker::TABLE, |word| word.remedy)),
        ],
    )
    .no_value(NONE_KNOWN)
    .rows(&queries::repeated(
        "reason",
        &["meaning", "remedy"],
        &by_link(", reason", "clusterlink_failover_blocker{link}"),
    ))
}

fn loss_in_seconds() -> Panel {
    shared::lag_over_time(
        "Loss in seconds, against RPO",
        "What a failover at that time would have lost, by the age of the newest record of the worst mirror topic; dashed the \
         `rpo`. At most 20 links.",
    )
}

fn loss_in_messages() -> Panel {
    lines(
        "Loss in messages",
        "What the mirror topics of each link lack, all partitions together. At most 20 links. While the source is gone this is \
         the lag that was seen last.",
        "short",
    )
    .over_time(
        &promql::largest_gauge(promql::LINK, "clusterlink_mirror_lag_messages{link}"),
        "{{cluster_name}} / {{link_name}}",
    )
}

fn topics_above_rpo() -> Panel {
    let key = queries::MIRROR_STATE.key;
    table(
        "Topics above RPO",
        "Mirror topics that lag longer than their link's `rpo`; needs `collect.mirrors` to be `unhealthy` or `all`.",
        vec![
            Column::label("cluster_name", "Cluster").width(120),
            Column::label("link_name", "Link").width(200).opens_its_link(),
            Column::label("mirror_topic_name", "Topic"),
            Column::value('A', "Of RPO").unit("percentunit").decimals(0).width(100).descending(),
            Column::value('B', "Would lose").unit("s").width(110),
        ],
    )
    .no_value("None known; topics are watched one by one only with collect.mirrors unhealthy or all")
    .rows(&format!("sort_desc({})", queries::topics_above_rpo()))
    .rows(&format!(
        "max by ({key}) (clusterlink_mirror_topic_lag_seconds{{link}}) and on ({key}) ({})",
        queries::topics_above_rpo()
    ))
}

fn offset_sync_timeline() -> Panel {
    let scope = queries::offset_sync_scope();
    shared::states_over_time(
        "Consumer offset sync",
        "The task that copies the offsets of consumer groups, of each link, what was worst in this time first. What it copied \
         last is what consumers start with.",
        StateSet {
            scope: &scope,
            ..TASK_STATE
        },
        "{{cluster_name}} / {{link_name}}",
    )
}

fn pairs() -> Panel {
    let halves = format!(
        "clusterlink_link_info{{link,link_mode=\"{}\"}}",
        LinkMode::Bidirectional.label()
    );
    let of_halves =
        |value: &str| format!("{value} and on ({}) {}", promql::LINK, by_link("", &halves));
    let mut columns = vec![
        Column::label("link_name", "Link")
            .width(200)
            .opens_its_link(),
        Column::label("cluster_name", "This end").width(130),
        Column::label("remote_cluster_id", "Other end").width(130),
        Column::label("connection_mode", "Connections").width(120),
        Column::value('B', "State")
            .badge(mapping::states(LinkState::TABLE))
            .width(125),
        Column::value('C', "Offset sync")
            .badge(mapping::states(TaskState::TABLE))
            .width(165),
    ];
    let checks = ('D'..).zip(Check::TABLE);
    columns.extend(checks.map(|(letter, check)| {
        Column::value(letter, check.name).badge(mapping::verdict("OK", "BROKEN"))
    }));
    let panel = table(
        "Both ends of each pair",
        "A bidirectional link is two links of one name, one on each cluster, and a row each where both clusters are polled. The \
         last columns are the checks between them, empty where the other end is not polled or did not answer.",
        columns,
    )
    .no_value("No bidirectional links, or nothing is known")
    .rows(&by_link(", remote_cluster_id, connection_mode", &halves))
    .rows(&of_halves(&by_link("", &LINK_STATE.number())))
    .rows(&of_halves(&queries::offset_sync()));
    Check::TABLE.iter().fold(panel, |panel, check| {
        panel.rows(&by_link(
            "",
            &format!(
                "once(clusterlink_pair_consistent{{link,check=\"{}\"}})",
                check.name
            ),
        ))
    })
}
