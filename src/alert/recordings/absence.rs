//! Links and tasks that are not shown any more: gone, not named, or out of sight.

use crate::{
    alert::{
        expression::{CLUSTER, LINK, LISTED, TASK, by},
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

/// Of those that this narrows down, the ones whose link is out of sight, so that nobody knows of them what they are.
///
/// The rules of a group are evaluated one after the other, and the end of an exporter's series may be written in between.
/// So no expression may take from an earlier one that a link was still shown: each looks itself at the lists of links, which
/// come and go with all that is said of them.
pub(super) fn out_of_sight(subjects: &str) -> String {
    let absent = now("clusterlink:link:absent{@:}");
    format!("{subjects} and on ({LINK}) {absent}\n  or {subjects} unless on ({CLUSTER}) {LISTED}")
}

/// The links that are shown.
const SHOWN: &str = "clusterlink_link_poll_success{@}";

pub(super) const LINKS: &[Recording] = &[
    // Within the hour and not now.
    Recording {
        name: "clusterlink:link:absent",
        of_name: |_| {
            let absent = format!(
                "last_over_time({SHOWN}[{AN_HOUR_AND_A_SAMPLE}]) unless on ({LINK}) {SHOWN}"
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
    // The absent ones that a good poll did not list; not those that came back together with the list since it was recorded
    // that they are absent.
    Recording {
        name: "clusterlink:link:gone_since",
        of_name: |name| {
            // While the API wants to be left alone the last poll stays a good one, and its list is withdrawn when it is too old.
            let worked = format!(
                "and on ({CLUSTER}) (clusterlink_poll_success{{@}} == 1 and on ({CLUSTER}) {LISTED})\n  \
                 unless on ({LINK}) {SHOWN}"
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
            // Healthy links are not gone through again: what is shown, names its tasks or is recorded. The list of links is
            // looked at because the tasks may have gone out of sight since the links were found to be in it.
            let reported = format!(
                "and on ({CLUSTER}) {LISTED}\n  unless on ({LINK}) {}\n  unless on ({LINK}) {}",
                now("clusterlink:link:absent{@:}"),
                now(&format!("{TASKS_UNREPORTED}{{@:}}"))
            );
            noticed(name, TASK, "clusterlink:task:absent_since{@:}", &reported)
        },
    },
];
