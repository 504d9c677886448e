//! Links and tasks that are not shown any more: gone, not named, or out of sight.

use crate::{
    alert::{
        expression::{CLUSTER, LINK, TASK, by},
        recording::{Recording, TASKS_UNREPORTED, noticed, now, since, stamped},
    },
    metrics::identity,
};

/// How far back something is looked for that is not shown now: an hour, and the five minutes for which Prometheus takes a
/// sample for present, so that what is a look-back of an hour in a recording finds it here.
pub(super) const AN_HOUR_AND_A_SAMPLE: &str = "1h6m";

/// The links that are gone: they take all with them.
pub(super) const GONE: &str = concat!(
    "on (",
    identity!(link),
    "@&) (clusterlink:link:gone_since{@:} > 0)"
);

pub(super) const LINKS: &[Recording] = &[
    // Within the hour and not now.
    Recording {
        name: "clusterlink:link:absent",
        of_name: |_| {
            let shown = "clusterlink_link_poll_success{@}";
            let absent = format!(
                "last_over_time({shown}[{AN_HOUR_AND_A_SAMPLE}]) unless on ({LINK}) {shown}"
            );
            stamped(&by(LINK, &absent))
        },
    },
    Recording {
        name: "clusterlink:link:absent_since",
        of_name: |name| {
            let absent = by(LINK, &now("clusterlink:link:absent{@:}"));
            since(name, LINK, &absent)
        },
    },
    // The absent ones that a good poll did not list.
    Recording {
        name: "clusterlink:link:gone_since",
        of_name: |name| {
            // While the API wants to be left alone the last poll stays a good one, and its list is withdrawn when it is too old.
            let worked = format!(
                "and on ({CLUSTER}) (clusterlink_poll_success{{@}} == 1 and on ({CLUSTER}) clusterlink_links{{@}})"
            );
            noticed(name, LINK, "clusterlink:link:absent_since{@:}", &worked)
        },
    },
];

pub(super) const TASKS: &[Recording] = &[
    Recording {
        name: "clusterlink:task:absent_since",
        of_name: |name| {
            let absent = format!(
                "({} unless on ({TASK}) {})",
                by(TASK, &now("clusterlink:task:not_active{@:}")),
                now("clusterlink:task_state:unhealthy{@:}")
            );
            since(name, TASK, &absent)
        },
    },
    // The absent ones of links of which others are named.
    Recording {
        name: "clusterlink:task:unnamed_since",
        of_name: |name| {
            // Healthy links are not gone through again: what is shown, names its tasks or is recorded.
            let reported = format!(
                "unless on ({LINK}) {}\n  unless on ({LINK}) {}",
                now("clusterlink:link:absent{@:}"),
                now(&format!("{TASKS_UNREPORTED}{{@:}}"))
            );
            noticed(name, TASK, "clusterlink:task:absent_since{@:}", &reported)
        },
    },
];
