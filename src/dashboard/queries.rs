//! Expressions that several panels share.

use super::promql::{BLIND_NUMBER, LINK, StateSet, TASK, blind_rows};
use crate::model::{Health, LinkState, MirrorStatus, Task, TaskState};

/// The state of each link.
pub(super) const LINK_STATE: StateSet<'_> = StateSet {
    family: "clusterlink_link_state",
    scope: "link",
    label: "state",
    key: LINK,
    table: LinkState::TABLE,
};

/// The state of each task of the selected links.
pub(super) const TASK_STATE: StateSet<'_> = StateSet {
    family: "clusterlink_task_state",
    scope: "link",
    label: "state",
    key: TASK,
    table: TaskState::TABLE,
};

/// The status of each mirror topic that is watched by itself.
pub(super) const MIRROR_STATE: StateSet<'_> = StateSet {
    family: "clusterlink_mirror_topic_state",
    scope: "link",
    label: "mirror_status",
    key: "cluster_name, cluster_id, link_name, mirror_topic_name",
    table: MirrorStatus::TABLE,
};

/// The numbers from which on a person should look.
pub(super) const TROUBLE: u32 = 10 * Health::Unknown as u32;

/// The number of what somebody expects and is not so.
const UNMET: u32 = 10 * Health::Broken as u32;

/// How bad each link is: itself, its tasks, what is expected of it, its pair; blind clusters beside them.
pub(super) fn link_health() -> String {
    format!(
        "max by ({LINK}) (\n{link}\nor\n{task}\n\
         or {UNMET} * (1 - once(clusterlink_expectation_met{{link}}))\n\
         or {UNMET} * (1 - once(clusterlink_pair_consistent{{link}}))\n)\nor {blind}",
        link = LINK_STATE.number(),
        task = TASK_STATE.number(),
        blind = blind_rows(i64::from(BLIND_NUMBER)),
    )
}

/// For how long each link has been in its state.
pub(super) fn link_age() -> String {
    format!("time() - max by ({LINK}) (clusterlink_link_state_since_timestamp_seconds{{link}})")
}

/// A value for each task that has errors or troubles, on a row for each error code; the code a second time as `remedy`.
fn by_code(scope: &str, tasks: &str) -> String {
    let codes = format!("max by ({TASK}, error_code) (clusterlink_task_errors{{{scope}}})");
    format!(
        "label_replace(\n(0 * {codes} + on ({TASK}) group_left () (\n{tasks}\n))\n\
         or on ({TASK}) (\n{tasks}\n),\n\"remedy\", \"$1\", \"error_code\", \"(.+)\")"
    )
}

/// The tasks that a person should look at with the numbers of their states, the worst first, blind clusters above them.
pub(super) fn troubled_tasks(set: StateSet<'_>) -> String {
    let tasks = format!("(max by ({TASK}) ({}) >= {TROUBLE})", set.number());
    format!(
        "sort_desc({}\nor {})",
        by_code(set.scope, &tasks),
        blind_rows(i64::from(BLIND_NUMBER))
    )
}

/// The same tasks with the time that they have been so.
pub(super) fn troubled_for(set: StateSet<'_>) -> String {
    let scope = set.scope;
    let since = format!(
        "(time() - max by ({TASK}) (clusterlink_task_state_since_timestamp_seconds{{{scope}}}))"
    );
    let tasks = format!(
        "{since}\nand on ({TASK}) (max by ({TASK}) ({}) >= {TROUBLE})",
        set.number()
    );
    by_code(scope, &tasks)
}

/// One error code of each link, its own before those of its tasks; the value is how many different ones there are.
pub(super) fn link_codes() -> String {
    let all = format!(
        "max by ({LINK}, error_code) (clusterlink_link_error{{link}} or clusterlink_task_errors{{link}})"
    );
    format!(
        "topk by ({LINK}) (1, 2 * max by ({LINK}, error_code) (clusterlink_link_error{{link}}) or {all} ^ 0)\n\
         * 0 + on ({LINK}) group_left () count by ({LINK}) ({all})"
    )
}

/// The state of the task that keeps the consumers' offsets.
pub(super) fn offset_sync() -> String {
    let scope = format!("link,task_name=\"{}\"", Task::OFFSET_SYNC);
    let set = StateSet {
        scope: &scope,
        ..TASK_STATE
    };
    format!("max by ({LINK}) ({})", set.number())
}

/// How long each link's mirror topics lag.
pub(super) fn lag() -> String {
    format!("max by ({LINK}) (clusterlink_mirror_lag_seconds{{link}})")
}

/// How much of the objective that is.
pub(super) fn lag_of_rpo() -> String {
    format!(
        "{} / on ({LINK}) max by ({LINK}) (clusterlink_mirror_rpo_objective_seconds{{link}})",
        lag()
    )
}

/// 1 where all checks of a pair hold.
pub(super) fn pair() -> String {
    format!("min by ({LINK}) (once(clusterlink_pair_consistent{{link}}))")
}

/// A value of each link, or of each row with more labels.
pub(super) fn by_link(more: &str, series: &str) -> String {
    format!("max by ({LINK}{more}) ({series})")
}

/// The series with the label once more under other names, for columns that show other words for it.
pub(super) fn repeated(label: &str, names: &[&str], series: &str) -> String {
    names.iter().fold(series.to_owned(), |series, name| {
        format!(r#"label_replace({series}, "{name}", "$1", "{label}", "(.*)")"#)
    })
}

/// Topics that lag longer than their link's objective, with how much of it.
pub(super) fn topics_above_rpo() -> String {
    format!(
        "max by ({}) (clusterlink_mirror_topic_lag_seconds{{link}}) / on ({LINK}) group_left () \
         max by ({LINK}) (clusterlink_mirror_rpo_objective_seconds{{link}}) > 1",
        MIRROR_STATE.key
    )
}
