//! The home board: what a person sees first.

mod alerts;
mod month;
mod tiles;

use super::{
    board::{Board, Row},
    mapping::{self, Mappings, ORANGE, RED},
    panel::{NONE_KNOWN, Panel, lines},
    promql,
    queries::{self, LINK_STATE, TASK_STATE, by_link},
    shared,
    table::{Column, table},
    unknown,
    variable::Variable,
};
use crate::{
    model::{MirrorStatus, TaskState},
    web_links::BaseUrl,
};

pub(super) fn board(runbook_url: Option<&BaseUrl>) -> Board {
    Board {
        uid: "clusterlink-overview",
        title: "Cluster linking / Overview",
        description: "What is wrong with cluster links now: which link, which task, which error code, what a failover would \
            lose.",
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
                    (4, tiles::oldest_data()),
                    (3, tiles::links_down()),
                    (3, tiles::tasks_in_error()),
                    (4, tiles::worst_lag()),
                    (2, tiles::wrong_offsets()),
                    (2, tiles::pair_checks_failed()),
                    (2, tiles::expectations_violated()),
                    (2, tiles::topics_not_mirroring()),
                    (2, tiles::firing_alerts()),
                ],
            ),
            Row::Panels(8, vec![(7, link_timeline()), (17, needs_somebody())]),
            Row::Panels(12, vec![(24, links())]),
            Row::Heading("Tasks"),
            Row::Panels(12, vec![(24, task_timeline())]),
            Row::Panels(9, vec![(12, errors_by_code()), (12, tasks_by_state())]),
            Row::Heading("Mirror topics"),
            Row::Panels(9, vec![(12, lag_by_link()), (12, topics_by_status())]),
            Row::Heading("This month"),
            Row::Panels(
                6,
                vec![(10, month::objectives()), (14, month::least_budget())],
            ),
            Row::Heading("What changed"),
            Row::Panels(
                10,
                vec![(12, alerts::table_of(runbook_url)), (12, changes())],
            ),
        ],
    }
}

fn link_timeline() -> Panel {
    shared::states_over_time(
        "Links over time",
        "The state of each link; what was worst in this time stands first. Where there are many, those that were well are left \
         out. Grey: nobody could see. A link can be ACTIVE while a task of it is in error.",
        LINK_STATE,
        "{{cluster_name}} / {{link_name}}",
    )
}

fn needs_somebody() -> Panel {
    shared::needs_somebody(
        "What needs somebody",
        "Links that are down and tasks of the others that are in error, blocked or unknown, with what to do about each error \
         code; what has several codes has several rows, and a row without a task is the link itself. Tasks of a link that is \
         down wait for it and are left out. BLIND: nothing is known of that cluster, which is no good news. \
         `cluster-link-exporter explain CODE` knows more.",
        TASK_STATE,
        vec![
            Column::label("link_name", "Link")
                .width(165)
                .opens_its_link(),
        ],
    )
}

fn links() -> Panel {
    let info = by_link(
        ", link_mode, remote_cluster_id",
        "clusterlink_link_info{link}",
    );
    table(
        "Links, worst first",
        "Every link. Health is the worst of its own state, its tasks, its mirror topics, what is expected of it, its pair, and \
         whether its consumers would start right, UNKNOWN where one of these is not known; BLIND is a cluster of which nothing is known. A link with a name and no state \
         is one that is expected and not there. Lag is what a failover now would lose. Click a name for the link's board.",
        vec![
            Column::value("Health", &format!("sort_desc({})", queries::link_health()))
                .badge(mapping::healths())
                .width(100)
                .descending(),
            Column::label("cluster_name", "Cluster").width(95),
            Column::label("link_name", "Link")
                .width(165)
                .opens_its_link(),
            shared::link_state("State"),
            Column::value("For", &queries::link_age())
                .unit("s")
                .width(70),
            Column::value("Tasks in error", &queries::link_tasks_in_error())
                .width(105)
                .coloured(&[(None, "text"), (Some(1.0), RED)]),
            Column::label("error_code", "Error code")
                .of(&queries::link_code())
                .width(340),
            shared::offset_sync().width(160),
            Column::value("Lag", &queries::shown_lag("clusterlink_mirror_lag_seconds"))
                .unit("s")
                .width(100)
                .may_be_unknown(),
            shared::of_rpo(100),
            Column::value("Pair", &queries::pair())
                .badge(mapping::judged("OK", "BROKEN"))
                .width(100),
            Column::value("Failover", &unknown::readiness())
                .badge(mapping::judged("READY", "BLOCKED"))
                .width(100),
            Column::value("Findings", &queries::link_findings())
                .words(mapping::not_judged(Mappings::default(), "NOT JUDGED"))
                .width(115)
                .coloured(&[(None, "text"), (Some(1.0), ORANGE)]),
            Column::label("link_mode", "Mode").of(&info).width(125),
            Column::label("remote_cluster_id", "Remote cluster"),
        ],
    )
}

fn task_timeline() -> Panel {
    shared::states_over_time(
        "Tasks over time",
        "The state of each task; what was worst in this time stands first. Where there are many, those that were well or off \
         are left out. Grey: nobody could see.",
        TASK_STATE,
        "{{cluster_name}} / {{link_name}} / {{task_name}}",
    )
}

fn errors_by_code() -> Panel {
    table(
        "Errors by code",
        "Which error codes are reported now, by how many links, tasks or mirror topics: one code from many is one cause. What \
         to do tells our own misconfiguration from an outage.",
        vec![
            Column::value("How many", &queries::codes())
                .width(90)
                .descending(),
            Column::label("error_code", "Error code").width(340),
            Column::label("remedy", "What to do").words(mapping::remedies()),
        ],
    )
    .no_value(NONE_KNOWN)
}

fn tasks_by_state() -> Panel {
    lines(
        "Tasks by state",
        "How many tasks are in each state. A step means that something changed for several tasks at once, such as a link or a \
         cluster.",
        "short",
    )
    .stacked()
    .over_time("sum by (state) (once(clusterlink_task_state{link}))", "{{state}}")
    .state_colours(TaskState::TABLE)
}

fn lag_by_link() -> Panel {
    shared::lag_over_time(
        "Lag by link, against RPO",
        "How old the newest record of the worst mirror topic is, an estimate and, shortly after a start, a lower bound; dashed \
         the `rpo` of links that have one. At most 20 links, those that lagged longest in this time. Next: open the link.",
    )
}

fn topics_by_status() -> Panel {
    lines(
        "Mirror topics by status",
        "How many mirror topics have each status. PENDING_STOPPED for long is a promote that hangs; SOURCE_UNAVAILABLE while \
         the link is ACTIVE is a topic that is gone or may not be read.",
        "short",
    )
    .stacked()
    .over_time(
        "sum by (mirror_status) (once(clusterlink_mirror_topics{link})) > 0",
        "{{mirror_status}}",
    )
    .state_colours(MirrorStatus::TABLE)
}

fn changes() -> Panel {
    let since = |noun: &str, key: &str| {
        format!(
            "max by ({key}, state) (1000 * (once(clusterlink_{noun}_state{{link}}) == 1) * on ({key}) group_left () \
             once(clusterlink_{noun}_state_since_timestamp_seconds{{link}}))"
        )
    };
    let (links, tasks) = (since("link", promql::LINK), since("task", promql::TASK));
    table(
        "Latest states",
        "What links and tasks became last, the newest first; a row without a task is the link itself. After a start without \
         `state_file` every state is as old as the exporter.",
        vec![
            Column::value("Since", &format!("sort_desc(topk(50, {links} or {tasks}))"))
                .unit("dateTimeAsIso")
                .width(170)
                .descending(),
            Column::label("state", "State").width(150),
            Column::label("task_name", "Task").width(160),
            Column::label("link_name", "Link").opens_its_link(),
            Column::label("cluster_name", "Cluster").width(110),
        ],
    )
    .no_value(mapping::NO_DATA)
}
