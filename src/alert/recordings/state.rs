//! The states of links and tasks, as far as they are not ACTIVE.

use super::absence::{AN_HOUR_AND_A_SAMPLE, GONE, out_of_sight};
use crate::alert::{
    expression::{LINK, TASK, by, hour},
    recording::{
        A_DAY, Latched, Recording, TASKS_UNREPORTED, WAS_ACTIVE, before, latch, now, stamped,
    },
};
use crate::metrics::identity;

/// What tells the states of links apart.
const OF_LINK: &str = concat!(identity!(link), ", state@&");
/// What tells the states of tasks apart.
const OF_TASK: &str = concat!(identity!(task), ", state@&");

pub(super) const LINKS: &[Recording] = &[
    Recording {
        name: "clusterlink:link_state:unhealthy",
        of_name: |_| {
            let state = r#"clusterlink_link_state{state!="ACTIVE"@} == 1"#;
            stamped(&by(OF_LINK, state))
        },
    },
    Recording {
        name: "clusterlink:link_state:last_seen",
        of_name: |name| {
            let unhealthy = "clusterlink:link_state:unhealthy";
            latch(&Latched {
                name,
                labels: OF_LINK,
                now: by(OF_LINK, &now(&format!("{unhealthy}{{@:}}"))),
                kept: format!(
                    "{{before}}\n  \
                     unless on ({LINK}) (clusterlink_link_state{{state=\"ACTIVE\"@}} == 1)\n  \
                     unless on ({LINK}) {}\n  \
                     unless {GONE}",
                    decided(unhealthy)
                ),
            })
        },
    },
    Recording {
        name: TASKS_UNREPORTED,
        of_name: |name| {
            let reported = by(LINK, "clusterlink_link_tasks_reported{@}");
            latch(&Latched {
                name,
                labels: LINK,
                // Any exporter to which the tasks are named decides.
                now: format!("({reported} == 0)"),
                // A link that is shown says which of both it is.
                kept: format!("({})\n  unless {GONE}", out_of_sight("{before}")),
            })
        },
    },
];

pub(super) const TASKS: &[Recording] = &[
    Recording {
        name: "clusterlink:task_state:unhealthy",
        of_name: |_| {
            let state = r#"clusterlink_task_state{state!="ACTIVE"@} == 1"#;
            stamped(&by(OF_TASK, state))
        },
    },
    Recording {
        name: NOT_ACTIVE,
        of_name: |_| not_active(),
    },
    // Since when those are not ACTIVE that were before.
    Recording {
        name: "clusterlink:task:inactive_since",
        of_name: |name| {
            let before = before(name, TASK);
            let was_active = now(&format!(r#"{NOT_ACTIVE}{{{WAS_ACTIVE}="1"@:}}"#));
            format!(
                "{before} > 0 and on ({TASK}) {}\n\
                 or {}\n\
                 or 0 * ({before} > 0)",
                now(&format!("{NOT_ACTIVE}{{@:}}")),
                stamped(&by(TASK, &was_active))
            )
        },
    },
    // The same, remembered for a day, whatever became of them since then.
    Recording {
        name: "clusterlink:task:left_active",
        of_name: |name| {
            let before = before(name, TASK);
            format!(
                "{} > 0\nor {before} > time() - {A_DAY}",
                by(TASK, "clusterlink:task:inactive_since{@:}")
            )
        },
    },
    Recording {
        name: "clusterlink:task_state:last_seen",
        of_name: |name| {
            let unhealthy = "clusterlink:task_state:unhealthy";
            latch(&Latched {
                name,
                labels: OF_TASK,
                now: by(OF_TASK, &in_unhealthy_state()),
                kept: format!(
                    "{{before}}\n  \
                     and on ({TASK}) {}\n  \
                     unless on ({TASK}) {}\n  \
                     unless {GONE}",
                    now(&format!("{NOT_ACTIVE}{{@:}}")),
                    decided(unhealthy)
                ),
            })
        },
    },
];

const NOT_ACTIVE: &str = "clusterlink:task:not_active";

/// The tasks that are known and not ACTIVE now, by one exporter at least; but of those that are not configured only those
/// that were ACTIVE within the hour.
fn not_active() -> String {
    let active = r#"clusterlink_task_state{state="ACTIVE"@}"#;
    let unhealthy = "clusterlink:task_state:unhealthy";
    let hour = hour();
    // A task that has no such series is known as well.
    let known = format!("last_over_time(clusterlink:task_state:last_seen{{@:}}[{hour}]) > 0");
    let inactive = by(
        TASK,
        &format!(
            "(max_over_time({active}[{AN_HOUR_AND_A_SAMPLE}]) or on ({TASK}) 0 * ({known})) \
             unless on ({TASK}) ({active} == 1 unless on ({TASK}) {})",
            decided(unhealthy)
        ),
    );
    let labels = TASK.replace("@&", &format!(", {WAS_ACTIVE}@&"));
    let off = now(&format!(r#"{unhealthy}{{state="NOT_CONFIGURED"@:}}"#));
    let never = format!(
        r#"count_values by ({TASK}) ("{WAS_ACTIVE}", {inactive}) unless on ({labels}) label_replace({off}, "{WAS_ACTIVE}", "0", "", "")"#
    );
    stamped(&by(&labels, &never))
}

/// The tasks that are in a state that an alert may be about. That a task is not configured is nothing by itself: many never
/// were.
fn in_unhealthy_state() -> String {
    let unhealthy = "clusterlink:task_state:unhealthy";
    let off = now(&format!(r#"{unhealthy}{{state="NOT_CONFIGURED"@:}}"#));
    let others = now(&format!(r#"{unhealthy}{{state!="NOT_CONFIGURED"@:}}"#));
    format!(
        "{others} or {off} and on ({TASK}) (clusterlink:task:left_active{{@:}} > time() - {A_DAY})"
    )
}

/// The links and tasks that are in a state that says how they are, and that is not ACTIVE.
fn decided(unhealthy: &str) -> String {
    now(&format!(r#"{unhealthy}{{state!="UNKNOWN"@:}}"#))
}
