//! The board for a failover, planned or not: may one, and what would be lost.

use super::{
    board::{Board, Row},
    mapping::{self, BLUE_GREY, GREEN},
    numbers::NOT_JUDGED,
    panel::{self, NONE_KNOWN, Panel, lines, stat},
    promql::{self, StateSet, blind_rows, seen},
    queries::{self, LINK_STATE, TASK_STATE, by_link},
    shared,
    table::{Column, table},
    unknown,
    variable::Variable,
};
use crate::model::{Blocker, Check, Health, LinkMode, LinkState, TaskState};

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
        rows: vec![
            Row::Panels(
                4,
                vec![
                    (3, ready_links()),
                    (3, blocked_links()),
                    (3, links_not_judged()),
                    (4, worst_seconds()),
                    (4, lost_messages()),
                    (4, wrong_offsets()),
                    (3, above_rpo()),
                ],
            ),
            Row::Panels(11, vec![(24, readiness())]),
            Row::Panels(9, vec![(24, blockers())]),
            Row::Panels(7, vec![(24, shared::what_is_not_known())]),
            Row::Heading("What would be lost"),
            Row::Panels(9, vec![(12, loss_in_seconds()), (12, loss_in_messages())]),
            Row::Panels(5, vec![(24, topics_above_rpo())]),
            Row::Heading("Would consumers start right"),
            Row::Panels(8, vec![(24, offset_sync_timeline())]),
            Row::Heading("Both ends of each pair"),
            Row::Panels(7, vec![(24, pairs())]),
        ],
    }
}

fn ready_links() -> Panel {
    stat(
        "Ready to fail over",
        "Links against whose failover nothing is known. A link whose only trouble is a dead source is ready: that is what it is \
         for.",
    )
    .now(&format!("sum({} == bool 1)", unknown::readiness()), "ready")
    .mappings(shared::no_data())
    .set("decimals", 0)
    .thresholds(&[(None, BLUE_GREY)])
}

fn blocked_links() -> Panel {
    panel::count(
        "Blocked",
        "Links that one should not fail over now. Next: the reasons below, with what to do.",
        &format!("sum({} == bool 0)", unknown::readiness()),
        &unknown::not_judged(),
    )
    .mappings(mapping::tile("NO LINKS"))
}

fn links_not_judged() -> Panel {
    stat(
        "Not judged",
        "Links of which too little is known to say whether one could fail over; they are neither ready nor blocked. Next: what is \
         not known, below.",
    )
    .now(
        &seen(&format!("sum({} == bool {NOT_JUDGED})", unknown::readiness())),
        "not judged",
    )
    .set("decimals", 0)
    .mappings(mapping::tile("NO LINKS"))
    .thresholds(&[(None, GREEN), (Some(1.0), mapping::colour(Health::Unknown))])
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
        "What all mirror topics of the selected links lack together. NOT KNOWN: the lag of some link is not; the table below says \
         which, and those of the others.",
    )
    .now(
        &promql::whole("sum(once(clusterlink_mirror_lag_messages{link}))", &unknown::unknown_lag()),
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
        &unknown::unknown_rpo(),
    )
    .mappings(mapping::tile("NO RPO"))
}

fn readiness() -> Panel {
    // Before what is not judged, in the order of the rows.
    let blind = i64::from(NOT_JUDGED) - 1;
    let of = |family: &str| by_link("", &format!("{family}{{link}}"));
    let ready = unknown::readiness();
    table(
        "Ready, and if not, why not",
        "Every link: first what is not known, then what is blocked. BLIND is a cluster of which nothing is known; NOT JUDGED a \
         link of which too little is. The tables below have all reasons of each.",
        vec![
            Column::value("Failover", &format!("sort({ready} or {})", blind_rows(blind)))
                .badge(mapping::blind(mapping::judged("READY", "BLOCKED"), blind))
                .width(105)
                .ascending(),
            Column::label("cluster_name", "Cluster").width(120),
            Column::label("link_name", "Link").width(200).opens_its_link(),
            shared::link_state("Link state"),
            Column::value("Reasons", &queries::link_blockers()).width(85),
            shared::offset_sync().width(165),
            Column::value(
                "Would lose",
                &queries::shown_lag("clusterlink_mirror_lag_seconds"),
            )
            .unit("s")
            .width(100)
            .may_be_unknown(),
            shared::of_rpo(90),
            Column::value(
                "Messages",
                &queries::shown_lag("clusterlink_mirror_lag_messages"),
            )
            .unit("short")
            .width(100)
            .may_be_unknown(),
            Column::value("Pair", &queries::pair())
                .badge(mapping::judged("OK", "BROKEN"))
                .width(110),
            Column::value(
                "Last described",
                &format!("time() - {}", of("clusterlink_link_last_success_timestamp_seconds")),
            )
            .unit("s"),
        ],
    )
    .no_value(mapping::NO_DATA)
}

fn blockers() -> Panel {
    let reasons = queries::repeated(
        "reason",
        &["meaning", "remedy"],
        &by_link(", reason", "clusterlink_failover_blocker{link}"),
    );
    table(
        "What is against it",
        "Every reason against a failover of each link, why it counts and what to do about it.",
        vec![
            Column::label("cluster_name", "Cluster")
                .of(&reasons)
                .width(120),
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
    let (key, above) = (queries::MIRROR_STATE.key, queries::topics_above_rpo());
    let lag = format!(
        "max by ({key}) (clusterlink_mirror_topic_lag_seconds{{link}}) and on ({key}) ({above})"
    );
    table(
        "Topics above RPO",
        "Mirror topics that lag longer than their link's `rpo`; needs `collect.mirrors` to be `unhealthy` or `all`.",
        vec![
            Column::value("Of RPO", &format!("sort_desc({above})"))
                .unit("percentunit")
                .decimals(0)
                .width(100)
                .descending(),
            Column::value("Would lose", &lag).unit("s").width(110),
            Column::label("mirror_topic_name", "Topic"),
            Column::label("link_name", "Link").width(200).opens_its_link(),
            Column::label("cluster_name", "Cluster").width(120),
        ],
    )
    .no_value(shared::ONE_BY_ONE)
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
    let mode = LinkMode::Bidirectional.label();
    let halves = format!("clusterlink_link_info{{link,link_mode=\"{mode}\"}}");
    let of_halves = |value: &str| {
        let halves = by_link("", &halves);
        format!("{value} and on ({}) {halves}", promql::LINK)
    };
    let mut columns = vec![
        Column::label("link_name", "Link")
            .of(&by_link(", remote_cluster_id, connection_mode", &halves))
            .width(200)
            .ascending()
            .opens_its_link(),
        Column::label("cluster_name", "This end").width(130),
        Column::label("remote_cluster_id", "Other end").width(130),
        Column::label("connection_mode", "Connections").width(120),
        Column::value("State", &of_halves(&by_link("", &LINK_STATE.number())))
            .badge(mapping::states(LinkState::TABLE))
            .width(125),
        Column::value("Offset sync", &of_halves(&queries::offset_sync()))
            .badge(mapping::not_judged(
                mapping::states(TaskState::TABLE),
                "NOT REPORTED",
            ))
            .width(165),
    ];
    columns.extend(Check::TABLE.iter().map(|check| {
        Column::value(check.name, &queries::check(check)).badge(mapping::judged("OK", "BROKEN"))
    }));
    table(
        "Both ends of each pair",
        "A bidirectional link is two links of one name, one on each cluster, and a row each where both clusters are polled. The \
         last columns are the checks between them, empty where the other end is not polled.",
        columns,
    )
    .no_value("No bidirectional links, or nothing is known")
}
