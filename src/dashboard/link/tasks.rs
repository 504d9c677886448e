//! The tasks of the link: which states they had, which errors they have, how often they change.

use super::TASK_STATE;
use crate::{
    dashboard::{
        panel::{NONE_KNOWN, Panel, lines},
        promql, shared,
    },
    model::TaskState,
};

pub(super) fn task_timeline() -> Panel {
    shared::states_over_time(
        "Tasks over time",
        "The state of each selected task, what was worst in this time first. Grey: nobody could see.",
        TASK_STATE,
        "{{task_name}} of {{link_name}}",
    )
}

pub(super) fn errors() -> Panel {
    shared::needs_somebody(
        "Current errors",
        "The link where it is down, otherwise selected tasks that are in error, blocked or unknown; a row for each error code, \
         with what to do about it. The messages are on the exporter's page and in `cluster-link-exporter tasks`. BLIND: nothing \
         is known of that cluster.",
        TASK_STATE,
        Vec::new(),
    )
}

pub(super) fn changes() -> Panel {
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

pub(super) fn time_in_error() -> Panel {
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
