//! Rules about tasks.

use crate::{
    alert::{
        Condition::Task,
        expression::{LINK, TASK, holds_since, in_state, rose_by_more},
        lookback::{DAY, HOUR},
        recording::{A_DAY, AN_HOUR},
        rule::{Rule, Severity, Subject, minutes},
    },
    model::{LinkState, TaskState},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ClusterLinkTaskInError",
        expression: || in_state(TASK, STATE, &["IN_ERROR"]),
        hold_duration: minutes(5),
        keep_firing_for: minutes(5),
        severity: Severity::Critical,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` is in error.",
        meaning: "What this task copies to the destination (offsets, ACLs, topics or their configuration) no longer follows the source; a failover now would miss it.",
        condition: Some(Task(|task| task.in_state(&[TaskState::InError]))),
    },
    Rule {
        name: "ClusterLinkTaskUnknown",
        expression: || in_state(TASK, STATE, &["UNKNOWN"]),
        hold_duration: minutes(15),
        keep_firing_for: minutes(5),
        severity: Severity::Warning,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` is in a state nobody knows.",
        meaning: "The server cannot say whether this task works, or says it in a word that this exporter has not heard of; its log has the word.",
        condition: Some(Task(|task| task.in_state(&[TaskState::Unknown]))),
    },
    Rule {
        name: "ClusterLinkTaskBlocked",
        expression: || {
            format!(
                "({})\nunless on ({LINK}) ({})",
                in_state(TASK, STATE, &["LINK_FAILED", "LINK_UNAVAILABLE"]),
                in_state(
                    LINK,
                    "clusterlink:link_state:last_seen",
                    &["FAILED", "UNAVAILABLE"]
                )
            )
        },
        hold_duration: minutes(10),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` says that its link is down.",
        meaning: "The task does not run because of its link, but the link itself reports neither that it failed nor that it is unavailable.",
        condition: Some(Task(|task| {
            let down = [LinkState::Failed, LinkState::Unavailable];
            task.in_state(&[TaskState::LinkFailed, TaskState::LinkUnavailable])
                .filter(|_| task.link().in_state(&down).is_none())
        })),
    },
    Rule {
        name: "ClusterLinkTaskDisabled",
        expression: || {
            format!(
                "{}\nand on ({TASK}) ({})",
                in_state(TASK, STATE, &["NOT_CONFIGURED"]),
                holds_since(TASK, "clusterlink:task:left_active{@:}", A_DAY)
            )
        },
        hold_duration: minutes(15),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` was switched off.",
        meaning: "The task worked within the last day and is not configured now: somebody changed the settings of the link.",
        condition: Some(Task(|task| {
            task.in_state(&[TaskState::NotConfigured])
                .filter(|_| task.was_active(DAY))
        })),
    },
    Rule {
        name: "ClusterLinkTaskFlapping",
        expression: || rose_by_more(6, TASK, "clusterlink_task_state_transitions_total{@}", HOUR),
        hold_duration: minutes(1),
        keep_firing_for: minutes(30),
        severity: Severity::Warning,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` keeps changing its state.",
        meaning: "The task changed its state more than 6 times in an hour: it fails and recovers by itself, and does its work late.",
        condition: Some(Task(|task| task.changed_more_than(6, HOUR))),
    },
    Rule {
        name: "ClusterLinkTaskDisappeared",
        expression: || {
            let unnamed = holds_since(TASK, "clusterlink:task:unnamed_since{@:}", AN_HOUR);
            format!("{unnamed}\nunless on ({LINK}) (clusterlink:link:gone_since{{@:}} > 0)")
        },
        hold_duration: minutes(5),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` is not reported any more.",
        meaning: "The server named this task within the last hour, and names the link's other tasks now and not this one: nobody knows whether it still does its work. What fired on its state stands for up to an hour.",
        condition: Some(Task(|task| task.disappeared(HOUR))),
    },
];

const STATE: &str = "clusterlink:task_state:last_seen";
