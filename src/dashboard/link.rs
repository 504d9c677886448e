//! The board of one link, or of a few: where a row of the overview and an alert lead to.

mod intent;
mod mirrors;
mod tasks;

use super::{
    board::{Board, Row},
    mapping::{self, BLUE_GREY, GREEN, Mappings, ORANGE, RED},
    panel::{Panel, stat, steps},
    promql::{self, StateSet},
    queries::{self, LINK_STATE, by_link},
    shared,
    table::{Column, table},
    unknown,
    variable::Variable,
};
use crate::model::LinkState;

/// The state of each selected task.
const TASK_STATE: StateSet<'_> = StateSet {
    scope: "task",
    ..queries::TASK_STATE
};

pub(super) fn board() -> Board {
    Board {
        uid: "clusterlink-link",
        title: "Cluster linking / Link",
        description: "One cluster link: its state, its tasks and their errors, what is expected of it, how far its mirror topics \
            are behind. Choose a cluster and a link above.",
        variables: &[
            Variable::Datasource,
            Variable::Job,
            Variable::Cluster,
            Variable::Link,
            Variable::Task,
        ],
        rows: [states(), judgements()].into_iter().flatten().collect(),
    }
}

/// How the link and its tasks are.
fn states() -> Vec<Row> {
    vec![
        Row::Panels(
            4,
            vec![
                (4, state()),
                (4, state_age()),
                (5, link_error()),
                (3, tasks_in_error()),
                (4, failover()),
                (4, data_age()),
            ],
        ),
        Row::Panels(4, vec![(24, facts())]),
        Row::Heading("Tasks"),
        Row::Panels(8, vec![(9, tasks::task_timeline()), (15, tasks::errors())]),
        Row::Panels(
            7,
            vec![(12, tasks::changes()), (12, tasks::time_in_error())],
        ),
    ]
}

/// What is expected of it, and how its mirror topics are.
fn judgements() -> Vec<Row> {
    vec![
        Row::Heading("Intent"),
        Row::Panels(
            7,
            vec![(12, intent::expectations()), (12, intent::pair_checks())],
        ),
        Row::Panels(6, vec![(24, intent::findings())]),
        Row::Panels(6, vec![(24, shared::what_is_not_known())]),
        Row::Heading("Mirror topics"),
        Row::Panels(
            9,
            vec![(12, mirrors::lag_seconds()), (12, mirrors::topic_lag())],
        ),
        Row::Panels(
            9,
            vec![
                (12, mirrors::topics_not_active()),
                (6, mirrors::partitions()),
                (6, mirrors::stalled()),
            ],
        ),
    ]
}

/// What a tile calls a link.
const LINK_NAME: &str = "{{link_name}} {{cluster_name}}";

/// A value for each link where few are chosen, otherwise the worst of all.
fn few(worst: &str, values: &str) -> String {
    format!("({values} and on () (count({values}) <= 4))\nor on () {worst}({values})")
}

fn state() -> Panel {
    stat(
        "State",
        "The state of the link, as the server reports it. ACTIVE says nothing of its tasks. Of more than four links, the worst \
         state.",
    )
    .named()
    .now(&few("max", &LINK_STATE.number()), LINK_NAME)
    .mappings(mapping::states(LinkState::TABLE).nothing(mapping::NO_DATA, RED))
    .unit("none")
}

fn state_age() -> Panel {
    stat(
        "In this state for",
        "Since when the link has been in its state, as far as it was watched. After a start without `state_file` that is since \
         the start.",
    )
    .named()
    .now(
        &few("min", &queries::link_age()),
        LINK_NAME,
    )
    .mappings(shared::no_data())
    .thresholds(&[(None, BLUE_GREY)])
    .unit("s")
}

fn link_error() -> Panel {
    let links = by_link("", "clusterlink_link_poll_success{link}");
    stat(
        "Link error",
        "The error code that the link itself reports; those of its tasks are below. Next: `cluster-link-exporter explain CODE`.",
    )
    .named()
    .now(
        &few(
            "max",
            &format!(
                "({} or on ({}) 0 * {links})",
                by_link(", error_code", "clusterlink_link_error{link}"),
                promql::LINK
            ),
        ),
        "{{link_name}} {{error_code}}",
    )
    .mappings(
        Mappings::default()
            .value(0, "NONE", GREEN)
            .value(1, "ERROR", RED)
            .nothing(mapping::NO_DATA, RED),
    )
    .unit("none")
}

fn tasks_in_error() -> Panel {
    shared::tasks_in_error(
        "task",
        "Selected tasks that are IN_ERROR. Next: their error codes below.",
    )
}

fn failover() -> Panel {
    let ready = unknown::readiness();
    stat(
        "Failover",
        "Whether one could fail over each selected link now. BLOCKED has its reasons on the board Failover; NOT JUDGED is a link \
         of which too little is known, as the table What is not known says. `cluster-link-exporter dr-check` looks once more \
         before you do.",
    )
    .named()
    .now(
        // Of many the worst: what is known to be blocked before what is not known.
        &format!(
            "({ready} and on () (count({ready}) <= 4))\nor on () min({ready} == 0)\nor on () min({ready})"
        ),
        LINK_NAME,
    )
    .mappings(mapping::judged("READY", "BLOCKED").nothing(mapping::NO_DATA, RED))
    .unit("none")
}

fn data_age() -> Panel {
    stat(
        "Last described",
        "How long ago the server last described the link, and how many poll intervals that is: from five on all that is shown \
         may be out of date. Next: board Exporter.",
    )
    .now(
        "max(time() - once(clusterlink_link_last_success_timestamp_seconds{link}))",
        "age",
    )
    .now(
        "max((time() - once(clusterlink_link_last_success_timestamp_seconds{link})) / on (cluster_name, cluster_id) group_left () \
         once(clusterlink_poll_interval_seconds{cluster}))",
        "intervals",
    )
    .mappings(shared::no_data())
    .thresholds(&[(None, BLUE_GREY)])
    .unit("s")
    .of_query(
        'B',
        &[
            ("unit", "none".into()),
            ("decimals", 1.into()),
            (
                "thresholds",
                steps(&[(None, GREEN), (Some(2.0), ORANGE), (Some(5.0), RED)]),
            ),
        ],
    )
}

fn facts() -> Panel {
    let info = by_link(
        ", cluster_link_id, remote_cluster_id, link_mode, connection_mode",
        "clusterlink_link_info{link}",
    );
    let of = |family: &str| by_link("", &format!("{family}{{link}}"));
    table(
        "Facts",
        "What the link is: its ids and modes, empty where the exporter may not read the settings or the server does not say; \
         whether its last description worked and had a list of tasks.",
        vec![
            Column::label("link_name", "Link").of(&info),
            Column::label("cluster_name", "Cluster"),
            Column::label("cluster_id", "Cluster id"),
            Column::label("remote_cluster_id", "Remote cluster"),
            Column::label("link_mode", "Mode"),
            Column::label("connection_mode", "Connections"),
            Column::label("cluster_link_id", "Link id"),
            Column::value("Last description", &of("clusterlink_link_poll_success"))
                .badge(mapping::verdict("WORKED", "FAILED")),
            Column::value("List of tasks", &of("clusterlink_link_tasks_reported"))
                .badge(mapping::verdict("SENT", "NOT SENT")),
            Column::value("Changes of state", &of("clusterlink_link_state_transitions_total"))
                .decimals(0),
        ],
    )
    .no_value(mapping::NO_DATA)
}
