//! The home board: what a person sees first.

use super::{
    board::{Board, Strip},
    mapping::{self, BLUE_GREY, GREEN, Mappings, ORANGE, RED, YELLOW},
    panel::{self, NONE_KNOWN, Panel, lines, stat, timeline},
    promql::{self, seen, states},
    queries::{self, LINK_STATE, TASK_STATE, by_link},
    table::{Column, table},
    variable::Variable,
};
use crate::{
    alert::{Severity, rules},
    model::{Health, LinkState, MirrorStatus, TaskState},
};

pub(super) fn board() -> Board {
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
            Variable::Runbooks,
        ],
        screen: vec![
            Strip::Panels(
                4,
                vec![
                    (4, oldest_data()),
                    (3, links_down()),
                    (3, tasks_in_error()),
                    (4, worst_lag()),
                    (2, offset_sync_broken()),
                    (2, pair_checks_failed()),
                    (2, expectations_violated()),
                    (2, topics_not_mirroring()),
                    (2, firing_alerts()),
                ],
            ),
            Strip::Panels(8, vec![(8, link_timeline()), (16, needs_somebody())]),
            Strip::Panels(12, vec![(24, links())]),
            Strip::Heading("Tasks"),
            Strip::Panels(12, vec![(24, task_timeline())]),
            Strip::Panels(9, vec![(12, errors_by_code()), (12, tasks_by_state())]),
            Strip::Heading("Mirror topics"),
            Strip::Panels(9, vec![(12, lag_by_link()), (12, topics_by_status())]),
            Strip::Heading("What changed"),
            Strip::Panels(10, vec![(12, alerts()), (12, changes())]),
        ],
    }
}

fn oldest_data() -> Panel {
    let fresh = Mappings::default()
        .range((None, Some(2.0)), "FRESH", GREEN)
        .range((Some(2.0), Some(5.0)), "LATE", YELLOW)
        .range((Some(5.0), None), "BLIND", RED)
        .nothing(mapping::NO_DATA, RED);
    stat(
        "Oldest data",
        "How long ago the cluster that was heard of least recently was polled with success, and whether that is late: BLIND \
         is five poll intervals and more, when ClusterLinkBlind pages. While it is not FRESH every other panel may be out of \
         date. Next: board Exporter, poll failures by reason.",
    )
    .now(
        "max(time() - once(clusterlink_poll_last_success_timestamp_seconds{cluster}))",
        "age",
    )
    .now(&format!("max({})", promql::AGE_IN_INTERVALS), "verdict")
    .mappings(Mappings::default().nothing(mapping::NO_DATA, RED))
    .thresholds(&[(None, BLUE_GREY)])
    .unit("s")
    .of_query('B', &[("mappings", fresh.json())])
}

fn links_down() -> Panel {
    panel::count(
        "Links down",
        "Links that are FAILED, UNAVAILABLE or UNKNOWN. Nothing is mirrored over them. A paused link does not count. Next: the \
         table below names them, worst first.",
        &format!(
            r#"sum(once(clusterlink_link_state{{link,state=~"{}"}}))"#,
            states(LinkState::TABLE, Health::needs_attention)
        ),
    )
    .mappings(mapping::tile("NO LINKS"))
}

fn tasks_in_error() -> Panel {
    panel::count(
        "Tasks in error",
        "Tasks that are IN_ERROR while their link may look healthy: offsets, ACLs or topics no longer follow the source. Next: \
         the table below has the error codes and what to do.",
        &format!(
            r#"sum(once(clusterlink_task_state{{link,state="{}"}}))"#,
            TaskState::InError.label()
        ),
    )
    .mappings(mapping::tile("NO TASKS"))
}

fn worst_lag() -> Panel {
    let steps = [(None, GREEN), (Some(0.75), ORANGE), (Some(1.0), RED)];
    stat(
        "Worst lag against RPO",
        "The age of the newest record that the worst mirror topic has, which is what a failover now would lose, and how much of \
         its link's `rpo` that is. From 100 % on more is lost than the configuration allows. NO RPO: no `expect` names one. \
         Next: board Failover.",
    )
    .now(&seen("max(once(clusterlink_mirror_lag_seconds{link}))"), "lag")
    .now(&seen(&format!("max({})", queries::lag_of_rpo())), "of RPO")
    .unit("s")
    .set("decimals", 0)
    .mappings(mapping::tile("NOT READ"))
    .thresholds(&[(None, BLUE_GREY)])
    .of_query(
        'B',
        &[
            ("unit", "percentunit".into()),
            ("mappings", mapping::tile("NO RPO").json()),
            ("thresholds", panel::steps(&steps)),
        ],
    )
}

fn offset_sync_broken() -> Panel {
    panel::count(
        "Offset sync",
        "Links whose consumers would start at wrong offsets after a failover: ConsumerOffsetSync is in error, or wanted and not \
         at work. Next: column Offset sync of the table below, then board Failover.",
        r#"count(once(clusterlink_failover_blocker{link,reason="offset_sync"})) or 0 * count(once(clusterlink_failover_ready{link}))"#,
    )
    .mappings(mapping::tile("NOT JUDGED"))
}

fn pair_checks_failed() -> Panel {
    panel::count(
        "Pair checks",
        "Checks that do not hold between the two halves of bidirectional links. Each half is a link of its own and both must \
         work. Next: board Failover, Both ends of each pair.",
        "sum(1 - once(clusterlink_pair_consistent{link}))",
    )
    .mappings(mapping::tile("NO PAIRS"))
}

fn expectations_violated() -> Panel {
    panel::count(
        "Expectations",
        "Expectations of the configuration that are violated. Next: open the link from the table below, section Intent.",
        "sum(1 - once(clusterlink_expectation_met{link}))",
    )
    .mappings(mapping::tile("NONE SET"))
}

fn topics_not_mirroring() -> Panel {
    panel::count(
        "Not mirroring",
        "Mirror topics that are failed, paused or cut off from their source; they fall behind until somebody acts. Topics that \
         were promoted do not count. Next: Topics by status below.",
        &format!(
            r#"sum(once(clusterlink_mirror_topics{{link,mirror_status=~"{}"}}))"#,
            states(MirrorStatus::TABLE, |health| health >= Health::Paused)
        ),
    )
    .mappings(mapping::tile("NOT READ"))
    .thresholds(&[(None, GREEN), (Some(1.0), ORANGE)])
}

fn firing_alerts() -> Panel {
    let critical = rules().filter(|rule| rule.severity == Severity::Critical);
    let critical: Vec<_> = critical.map(|rule| rule.name).collect();
    let critical = critical.join("|");
    stat(
        "Firing alerts",
        "Alerts that fire now in the exporter's own evaluation, which sees the same as Prometheus and says zero where there is \
         none; Prometheus' ALERTS is empty also where nobody loaded the rules. Left those that page, right the others. Next: \
         table Alerts below.",
    )
    .now(
        &format!(r#"sum(once(clusterlink_alerts{{job,alertstate="firing",alertname=~"{critical}"}}))"#),
        "page",
    )
    .now(
        &format!(
            r#"sum(once(clusterlink_alerts{{job,alertstate="firing",alertname!~"{critical}|ClusterLinkWatchdog"}}))"#
        ),
        "other",
    )
    .mappings(Mappings::default().nothing(mapping::NO_DATA, RED))
    .set("decimals", 0)
    .thresholds(&[(None, GREEN), (Some(1.0), RED)])
    .of_query(
        'B',
        &[(
            "thresholds",
            panel::steps(&[(None, GREEN), (Some(1.0), YELLOW)]),
        )],
    )
}

fn link_timeline() -> Panel {
    let [broken, troubled, well] = LINK_STATE.worst_first();
    let legend = "{{cluster_name}} / {{link_name}}";
    timeline(
        "Links over time",
        "The state of each link; what was worst in this time stands first. Where there are many, those that were well are left out. \
         Grey: nobody could see. A link can be ACTIVE while a task of it is in error.",
        mapping::timeline(LinkState::TABLE),
    )
    .over_time(&broken, legend)
    .over_time(&troubled, legend)
    .over_time(&well, legend)
}

fn needs_somebody() -> Panel {
    table(
        "What needs somebody",
        "Links that are down and tasks of the others that are in error, blocked or unknown, with what to do about each error \
         code; what has several codes has several rows, and a row without a task is the link itself. Tasks of a link that is \
         down wait for it and are left out. BLIND: nothing is known of that cluster, which is no good news. \
         `cluster-link-exporter explain CODE` knows more.",
        vec![
            Column::value('A', "State")
                .badge(mapping::links_and_tasks())
                .width(115)
                .descending(),
            Column::label("link_name", "Link").width(160).to_link_board(),
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

fn links() -> Panel {
    table(
        "Links, worst first",
        "Every link. Health is the worst of its own state, its tasks, its mirror topics, what is expected of it and its pair; BLIND is a cluster of \
         which nothing is known. A link with a name and no state is one that is expected and not there. Lag is what a failover \
         now would lose. Click a name for the link's board.",
        vec![
            Column::value('A', "Health").badge(mapping::healths()).width(115).descending(),
            Column::label("cluster_name", "Cluster").width(110),
            Column::label("link_name", "Link").width(190).to_link_board(),
            Column::value('B', "State").badge(mapping::states(LinkState::TABLE)).width(115),
            Column::value('C', "For").unit("s").decimals(0).width(85),
            Column::value('D', "Tasks in error").width(110).coloured(&[(None, "text"), (Some(1.0), RED)]),
            Column::label("error_code", "Error code").width(260),
            Column::value('F', "Offset sync").badge(mapping::states(TaskState::TABLE)).width(140),
            Column::value('G', "Lag").unit("s").decimals(1).width(85),
            Column::value('H', "Of RPO").unit("percentunit").decimals(0).width(80)
                .coloured(&[(None, "text"), (Some(0.75), ORANGE), (Some(1.0), RED)]),
            Column::value('I', "Pair").badge(mapping::verdict("OK", "BROKEN")).width(85),
            Column::value('J', "Failover").badge(mapping::verdict("READY", "BLOCKED")).width(95),
            Column::value('L', "Findings").width(85).coloured(&[(None, "text"), (Some(1.0), ORANGE)]),
            Column::label("link_mode", "Mode").width(125),
            Column::label("remote_cluster_id", "Remote cluster"),
        ],
    )
    .rows(&format!("sort_desc({})", queries::link_health()))
    .rows(&by_link("", &LINK_STATE.number()))
    .rows(&queries::link_age())
    .rows(&format!(
        r#"sum by ({}) (once(clusterlink_task_state{{link,state="{}"}}))"#,
        promql::LINK,
        TaskState::InError.label()
    ))
    .rows(&queries::link_code())
    .rows(&queries::offset_sync())
    .rows(&queries::lag())
    .rows(&queries::lag_of_rpo())
    .rows(&queries::pair())
    .rows(&by_link("", "clusterlink_failover_ready{link}"))
    .rows(&by_link(", link_mode, remote_cluster_id", "clusterlink_link_info{link}"))
}

fn task_timeline() -> Panel {
    let [broken, troubled, well] = TASK_STATE.worst_first();
    let legend = "{{cluster_name}} / {{link_name}} / {{task_name}}";
    timeline(
        "Tasks over time",
        "The state of each task; what was worst in this time stands first. Where there are many, those that were well or off \
         are left out. Grey: nobody could see.",
        mapping::timeline(TaskState::TABLE),
    )
    .over_time(&broken, legend)
    .over_time(&troubled, legend)
    .over_time(&well, legend)
}

fn errors_by_code() -> Panel {
    table(
        "Errors by code",
        "Which error codes are reported now, by how many links, tasks or mirror topics: one code from many is one cause. What \
         to do tells our own misconfiguration from an outage.",
        vec![
            Column::only_value("How many").width(90).descending(),
            Column::label("error_code", "Error code").width(290),
            Column::label("remedy", "What to do").words(mapping::remedies()),
        ],
    )
    .no_value(NONE_KNOWN)
    .rows(&queries::codes())
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
    lines(
        "Lag by link, against RPO",
        "How old the newest record of the worst mirror topic is, an estimate and, shortly after a start, a lower bound; dashed \
         the `rpo` of links that have one. At most 20 links, those that lagged longest in this time. Next: open the link.",
        "s",
    )
    .over_time(
        &promql::largest_gauge(promql::LINK, "clusterlink_mirror_lag_seconds{link}"),
        "{{cluster_name}} / {{link_name}}",
    )
    .over_time(
        "once(clusterlink_mirror_rpo_objective_seconds{link})",
        "RPO of {{cluster_name}} / {{link_name}}",
    )
    .limit('B')
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

fn alerts() -> Panel {
    table(
        "Alerts",
        "Pending and firing alerts: from Prometheus with what they are about, where its rules are loaded; otherwise how many \
         there are of each kind in the exporter's own evaluation. The name leads to its runbook, if `Runbooks at` says where \
         those are.",
        vec![
            Column::label("alertstate", "State").width(90).ascending(),
            Column::label("alertname", "Alert")
                .width(260)
                .link("Open the runbook", "${runbooks}/${__data.fields.alertname}.md"),
            Column::label("severity", "Severity").width(90),
            Column::label("cluster_name", "Cluster").width(110),
            Column::label("link_name", "Link"),
            Column::label("task_name", "Task"),
            Column::only_value("Count").width(70),
        ],
    )
    .no_value(NONE_KNOWN)
    .rows(
        r#"count by (alertstate, alertname, severity, cluster_name, link_name, task_name) (ALERTS{component="cluster-link",alertname!="ClusterLinkWatchdog"}) or on (alertname) (sum by (alertname, alertstate) (once(clusterlink_alerts{job,alertname!="ClusterLinkWatchdog"})) > 0)"#,
    )
}

fn changes() -> Panel {
    let since = |noun: &str, key: &str| {
        format!(
            "max by ({key}, state) (1000 * (once(clusterlink_{noun}_state{{link}}) == 1) * on ({key}) group_left () \
             once(clusterlink_{noun}_state_since_timestamp_seconds{{link}}))"
        )
    };
    table(
        "Latest states",
        "What links and tasks became last, the newest first; a row without a task is the link itself. After a start without \
         `state_file` every state is as old as the exporter.",
        vec![
            Column::only_value("Since").unit("dateTimeAsIso").width(170).descending(),
            Column::label("state", "State").width(150),
            Column::label("task_name", "Task").width(160),
            Column::label("link_name", "Link").to_link_board(),
            Column::label("cluster_name", "Cluster").width(110),
        ],
    )
    .no_value(mapping::NO_DATA)
    .rows(&format!(
        "sort_desc(topk(50, {} or {}))",
        since("link", promql::LINK),
        since("task", promql::TASK)
    ))
}
