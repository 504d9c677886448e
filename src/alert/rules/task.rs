//! Rules about tasks.

use crate::{
    alert::{
        Condition::Task,
        expression::{LINK, above_least, merged, standing},
        memory::{DAY, HOUR},
        rule::{Rule, Severity, Subject, minutes},
    },
    model::{LinkState, TaskState},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ClusterLinkTaskInError",
        expression: || standing(r#"clusterlink_task_state{state="IN_ERROR"@}"#),
        wait: minutes(5),
        keep_firing: minutes(5),
        severity: Severity::Critical,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` is in error.",
        meaning: "What this task copies to the destination (offsets, ACLs, topics or their configuration) no longer follows the source; a failover now would miss it.",
        daemon: Some(Task(|task| task.stands(&[TaskState::InError]))),
    },
    Rule {
        name: "ClusterLinkTaskUnknown",
        expression: || standing(r#"clusterlink_task_state{state="UNKNOWN"@}"#),
        wait: minutes(15),
        keep_firing: minutes(5),
        severity: Severity::Warning,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` is in a state nobody knows.",
        meaning: "The server cannot say whether this task works, or says it in a word that this exporter has not heard of; its log has the word.",
        daemon: Some(Task(|task| task.stands(&[TaskState::Unknown]))),
    },
    Rule {
        name: "ClusterLinkTaskBlocked",
        expression: || {
            format!(
                "({})\nunless on ({LINK}) ({})",
                standing(r#"clusterlink_task_state{state=~"LINK_FAILED|LINK_UNAVAILABLE"@}"#),
                standing(r#"clusterlink_link_state{state=~"FAILED|UNAVAILABLE"@}"#)
            )
        },
        wait: minutes(10),
        keep_firing: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` says that its link is down.",
        meaning: "The task does not run because of its link, but the link itself reports neither that it failed nor that it is unavailable.",
        daemon: Some(Task(|task| {
            let down = [LinkState::Failed, LinkState::Unavailable];
            task.stands(&[TaskState::LinkFailed, TaskState::LinkUnavailable])
                .filter(|_| task.link().stands(&down).is_none())
        })),
    },
    Rule {
        name: "ClusterLinkTaskDisabled",
        expression: || {
            format!(
                "({})\nand {} == 1",
                standing(r#"clusterlink_task_state{state="NOT_CONFIGURED"@}"#),
                merged(r#"max_over_time(clusterlink_task_state{state="ACTIVE"@}[1d])"#)
            )
        },
        wait: minutes(15),
        keep_firing: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` was switched off.",
        meaning: "The task worked within the last day and is not configured now: somebody changed the settings of the link.",
        daemon: Some(Task(|task| {
            task.stands(&[TaskState::NotConfigured])
                .filter(|_| task.was_active(DAY))
        })),
    },
    Rule {
        name: "ClusterLinkTaskFlapping",
        expression: || {
            let changes = above_least("clusterlink_task_state_transitions_total{@}", "1h");
            format!("{changes} > 6")
        },
        wait: minutes(1),
        keep_firing: minutes(30),
        severity: Severity::Warning,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` keeps changing its state.",
        meaning: "The task changed its state more than 6 times in an hour: it fails and recovers by itself, and does its work late.",
        daemon: Some(Task(|task| task.changed_more_than(6, HOUR))),
    },
];
