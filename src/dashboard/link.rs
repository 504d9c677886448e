//! The board of one link, or of a few: where a row of the overview and an alert lead to.

use super::{
    board::{Board, Strip},
    mapping::{self, BLUE_GREY, GREEN, Mappings, ORANGE, RED},
    panel::{NONE_KNOWN, Panel, lines, stat, steps, timeline},
    promql::{self, StateSet},
    queries::{self, LINK_STATE, MIRROR_STATE, by_link},
    table::{Column, table},
    variable::Variable,
};
use crate::model::{
    Check, Expectation, Finding, LinkState, MirrorStatus, PartitionCategory, TaskState,
};

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
        screen: vec![
            Strip::Panels(
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
            Strip::Panels(4, vec![(24, facts())]),
            Strip::Heading("Tasks"),
            Strip::Panels(8, vec![(9, task_timeline()), (15, errors())]),
            Strip::Panels(7, vec![(12, changes()), (12, time_in_error())]),
            Strip::Heading("Intent"),
            Strip::Panels(
                7,
                vec![(8, expectations()), (8, findings()), (8, pair_checks())],
            ),
            Strip::Heading("Mirror topics"),
            Strip::Panels(9, vec![(12, lag_seconds()), (12, topic_lag())]),
            Strip::Panels(
                9,
                vec![(12, topics_not_active()), (6, partitions()), (6, stalled())],
            ),
        ],
    }
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
    .mappings(Mappings::default().nothing(mapping::NO_DATA, RED))
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
    super::panel::count(
        "Tasks in error",
        "Selected tasks that are IN_ERROR. Next: their error codes below.",
        &format!(
            r#"sum(once(clusterlink_task_state{{task,state="{}"}}))"#,
            TaskState::InError.label()
        ),
    )
    .mappings(mapping::tile("NO TASKS"))
}

fn failover() -> Panel {
    stat(
        "Failover",
        "Whether one could fail over each selected link now. BLOCKED has its reasons on the board Failover, and \
         `cluster-link-exporter dr-check` looks once more before you do.",
    )
    .named()
    .now(
        &few("min", &by_link("", "clusterlink_failover_ready{link}")),
        LINK_NAME,
    )
    .mappings(mapping::verdict("READY", "BLOCKED").nothing(mapping::NO_DATA, RED))
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
        "max((time() - once(clusterlink_link_last_success_timestamp_seconds{link})) / on (cluster_name) group_left () \
         once(clusterlink_poll_interval_seconds{cluster}))",
        "intervals",
    )
    .mappings(Mappings::default().nothing(mapping::NO_DATA, RED))
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
    let info = "cluster_link_id, remote_cluster_id, link_mode, connection_mode";
    table(
        "Facts",
        "What the link is: its ids and modes, empty where the exporter may not read the settings or the server does not say; \
         whether its last description worked and had a list of tasks.",
        vec![
            Column::label("link_name", "Link"),
            Column::label("cluster_name", "Cluster"),
            Column::label("cluster_id", "Cluster id"),
            Column::label("remote_cluster_id", "Remote cluster"),
            Column::label("link_mode", "Mode"),
            Column::label("connection_mode", "Connections"),
            Column::label("cluster_link_id", "Link id"),
            Column::value('B', "Last description").badge(mapping::verdict("WORKED", "FAILED")),
            Column::value('C', "List of tasks").badge(mapping::verdict("SENT", "NOT SENT")),
            Column::value('D', "Changes of state").decimals(0),
        ],
    )
    .no_value(mapping::NO_DATA)
    .rows(&by_link(&format!(", {info}"), "clusterlink_link_info{link}"))
    .rows(&by_link("", "clusterlink_link_poll_success{link}"))
    .rows(&by_link("", "clusterlink_link_tasks_reported{link}"))
    .rows(&by_link("", "clusterlink_link_state_transitions_total{link}"))
}

fn task_timeline() -> Panel {
    let [broken, troubled, well] = TASK_STATE.worst_first();
    let legend = "{{task_name}} of {{link_name}}";
    timeline(
        "Tasks over time",
        "The state of each selected task, what was worst in this time first. Grey: nobody could see.",
        mapping::timeline(TaskState::TABLE),
    )
    .over_time(&broken, legend)
    .over_time(&troubled, legend)
    .over_time(&well, legend)
}

fn errors() -> Panel {
    table(
        "Current errors",
        "The link where it is down, otherwise selected tasks that are in error, blocked or unknown; a row for each error code, \
         with what to do about it. The messages are on the exporter's page and in `cluster-link-exporter tasks`. BLIND: nothing \
         is known of that cluster.",
        vec![
            Column::value('A', "State")
                .badge(mapping::links_and_tasks())
                .width(115)
                .descending(),
            Column::label("task_name", "Task").width(155),
            Column::label("cluster_name", "Cluster").width(95),
            Column::value('B', "For").unit("s").decimals(0).width(75),
            Column::label("error_code", "Error code").width(215),
            Column::label("remedy", "What to do").words(mapping::remedies()),
        ],
    )
    .no_value(NONE_KNOWN)
    .rows(&queries::needy(TASK_STATE))
    .rows(&queries::needy_for(TASK_STATE))
}

fn changes() -> Panel {
    lines(
        "Changes of state per hour",
        "How often each task changed its state within the hour before, and the link itself. More than 6 an hour of a task is \
         flapping: it fails and recovers by itself and does its work late.",
        "short",
    )
    .no_value(NONE_KNOWN)
    .set("decimals", 0)
    .over_time(
        &changes_of(promql::TASK, "clusterlink_task_state_transitions_total{task}"),
        "{{task_name}} of {{link_name}}",
    )
    .over_time(
        &changes_of(promql::LINK, "clusterlink_link_state_transitions_total{link}"),
        "{{link_name}} itself",
    )
}

/// The changes in the hour before, of what changed in the time that is shown.
fn changes_of(key: &str, counter: &str) -> String {
    promql::largest(
        key,
        &format!("increase({counter}[1h])"),
        &format!("increase({counter}[$__range] @ end()) > 0"),
    )
}

fn time_in_error() -> Panel {
    let in_error = format!(
        "clusterlink_task_state{{task,state=\"{}\"}}",
        TaskState::InError.label()
    );
    lines(
        "Share of time in error",
        "Which part of the hour before each task was IN_ERROR, of those that were so in this time. Small and never zero is a task that comes and goes; near 100 % is \
         one that nobody mends.",
        "percentunit",
    )
    .set("max", 1)
    .no_value(NONE_KNOWN)
    .over_time(
        &promql::largest(
            promql::TASK,
            &format!("avg_over_time({in_error}[1h])"),
            &format!("avg_over_time({in_error}[$__range] @ end()) > 0"),
        ),
        "{{task_name}} of {{link_name}}",
    )
}

fn expectations() -> Panel {
    table(
        "Expectations",
        "What the configuration expects of the selected links and whether it is so; a row without a task is about the link. \
         Empty where nothing is expected.",
        vec![
            Column::only_value("Is it so?")
                .badge(mapping::verdict("MET", "VIOLATED"))
                .width(105)
                .ascending(),
            Column::label("expectation", "Expectation").width(110),
            Column::label("task_name", "Task").width(150),
            Column::label("link_name", "Link"),
            Column::label("remedy", "If not")
                .words(mapping::words(Expectation::TABLE, |word| word.remedy)),
        ],
    )
    .no_value("No expectations, or nothing is known")
    .rows(&queries::repeated(
        "expectation",
        &["remedy"],
        "sort(once(clusterlink_expectation_met{link}))",
    ))
}

fn findings() -> Panel {
    table(
        "Findings in the settings",
        "Settings that are allowed and do not work, as the audit reads them; needs `collect.configs`.",
        vec![
            Column::label("finding", "Finding").width(190),
            Column::label("link_name", "Link").width(120),
            Column::label("meaning", "Meaning")
                .words(mapping::words(Finding::TABLE, |word| word.meaning)),
            Column::label("remedy", "What to do")
                .words(mapping::words(Finding::TABLE, |word| word.remedy)),
        ],
    )
    .no_value(NONE_KNOWN)
    .rows(&queries::repeated(
        "finding",
        &["meaning", "remedy"],
        "once(clusterlink_link_config_finding{link}) == 1",
    ))
}

fn pair_checks() -> Panel {
    table(
        "Checks with the other half",
        "For a bidirectional link whose other cluster is polled too: what must hold between its halves. Empty for other links \
         and while the last poll of either end failed.",
        vec![
            Column::only_value("Holds?")
                .badge(mapping::verdict("OK", "BROKEN"))
                .width(85)
                .ascending(),
            Column::label("check", "Check").width(150),
            Column::label("remote_cluster_id", "Other cluster").width(110),
            Column::label("meaning", "What must hold")
                .words(mapping::words(Check::TABLE, |word| word.meaning)),
            Column::label("remedy", "If not").words(mapping::words(Check::TABLE, |word| word.remedy)),
        ],
    )
    .no_value("No pair, or nothing is known")
    .rows(&queries::repeated(
        "check",
        &["meaning", "remedy"],
        "sort(once(clusterlink_pair_consistent{link}))",
    ))
}

fn lag_seconds() -> Panel {
    lines(
        "Lag in seconds, against RPO",
        "How old the newest record of the worst mirror topic is: what a failover now would lose. An estimate; shortly after a \
         start a lower bound. Dashed: the `rpo` of `expect`.",
        "s",
    )
    .over_time("once(clusterlink_mirror_lag_seconds{link})", "{{link_name}} on {{cluster_name}}")
    .over_time("once(clusterlink_mirror_rpo_objective_seconds{link})", "RPO of {{link_name}}")
    .limit('B')
}

fn topic_lag() -> Panel {
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

fn topics_not_active() -> Panel {
    table(
        "Topics that are not ACTIVE",
        "Mirror topics one by one, the worst first; needs `collect.mirrors` to be `unhealthy` or `all`. The counts are on the \
         overview in any case.",
        vec![
            Column::value('A', "Status")
                .badge(mapping::states(MirrorStatus::TABLE))
                .width(200)
                .descending(),
            Column::label("mirror_topic_name", "Topic"),
            Column::label("link_name", "Link"),
            Column::value('B', "Lacks").unit("short").width(90),
            Column::value('C', "Worst partition").unit("short").width(120),
        ],
    )
    .no_value("None known; topics are watched one by one only with collect.mirrors unhealthy or all")
    .rows(&format!("sort_desc(max by ({}) ({}) > 0)", MIRROR_STATE.key, MIRROR_STATE.number()))
    .rows(&not_active("clusterlink_mirror_topic_lag_messages"))
    .rows(&not_active("clusterlink_mirror_topic_max_lag_messages"))
}

/// A value of each topic that is not active.
fn not_active(family: &str) -> String {
    let key = MIRROR_STATE.key;
    format!(
        "max by ({key}) ({family}{{link}}) and on ({key}) (max by ({key}) ({}) > 0)",
        MIRROR_STATE.number()
    )
}

fn partitions() -> Panel {
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

fn stalled() -> Panel {
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
