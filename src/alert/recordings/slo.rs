//! The share of time in which links, tasks and data were good: what `rules --slo` writes beside the alerts.
//!
//! What is not known is not good and not bad: it is in no share of a link or a task, so that none is better or worse for
//! it. It counts against the data, of which it is the very question. A link or a task that somebody paused or did not
//! configure is left out as well.

use crate::alert::{
    expression::{CLUSTER, LINK, TASK, by, current, hour},
    recording::{Recording, now},
};

/// Which part of the time must be good, from 0 to 1; its expression is written with the file.
pub const OBJECTIVE: &str = "clusterlink:slo:objective";

/// The subjects of an objective.
pub(in crate::alert) struct Kind {
    /// Their labels.
    pub(in crate::alert) labels: &'static str,
    /// The share of the time in which one of them was good, over each window, the shortest first.
    pub(in crate::alert) shares: [&'static str; 5],
}

macro_rules! kind {
    ($labels:expr, $name:literal) => {
        Kind {
            labels: $labels,
            shares: [
                concat!($name, ":avg5m"),
                concat!($name, ":avg1h"),
                concat!($name, ":avg6h"),
                concat!($name, ":avg1d"),
                concat!($name, ":avg30d"),
            ],
        }
    };
}

pub(in crate::alert) const OF_LINKS: Kind = kind!(LINK, "link:clusterlink_link_good");
pub(in crate::alert) const OF_TASKS: Kind = kind!(TASK, "task:clusterlink_task_good");
pub(in crate::alert) const OF_DATA: Kind = kind!(CLUSTER, "cluster:clusterlink_data_good");

/// 1 for what is good now, 0 for what is bad. They read what other recordings have recorded in the same evaluation.
pub(in crate::alert) const NOW: &[Recording] = &[
    Recording {
        name: "cluster:clusterlink_data_good:min",
        of_name: |_| {
            let last = |family: &str| {
                by(
                    CLUSTER,
                    &format!("last_over_time({family}{{@}}[{}])", hour()),
                )
            };
            // As `ClusterLinkBlind` has it, and also without an exporter.
            let good = format!(
                "time() - {} <= bool 5 * {}",
                last("clusterlink_poll_last_success_timestamp_seconds"),
                last("clusterlink_poll_interval_seconds")
            );
            current(&good)
        },
    },
    Recording {
        name: "link:clusterlink_link_good:min",
        of_name: |_| {
            let bad = r#"clusterlink:link_state:unhealthy{state=~"FAILED|UNAVAILABLE"@:}"#;
            good_or_bad(LINK, bad, "clusterlink_link_state")
        },
    },
    Recording {
        name: "task:clusterlink_task_good:min",
        of_name: |_| {
            let bad = r#"clusterlink:task_state:unhealthy{state=~"IN_ERROR|LINK_FAILED|LINK_UNAVAILABLE"@:}"#;
            good_or_bad(TASK, bad, "clusterlink_task_state")
        },
    },
];

/// The shares of short windows, and after them of long ones, each from shorter ones.
pub(in crate::alert) const SHORT: &[Recording] = &[
    Recording {
        name: OF_DATA.shares[0],
        of_name: |_| shortest(&OF_DATA, "cluster:clusterlink_data_good:min"),
    },
    Recording {
        name: OF_LINKS.shares[0],
        of_name: |_| shortest(&OF_LINKS, "link:clusterlink_link_good:min"),
    },
    Recording {
        name: OF_TASKS.shares[0],
        of_name: |_| shortest(&OF_TASKS, "task:clusterlink_task_good:min"),
    },
    Recording {
        name: OF_DATA.shares[1],
        of_name: |_| longer(&OF_DATA, 0, "1h:5m"),
    },
    Recording {
        name: OF_LINKS.shares[1],
        of_name: |_| longer(&OF_LINKS, 0, "1h:5m"),
    },
    Recording {
        name: OF_TASKS.shares[1],
        of_name: |_| longer(&OF_TASKS, 0, "1h:5m"),
    },
    Recording {
        name: OF_DATA.shares[2],
        of_name: |_| longer(&OF_DATA, 0, "6h:5m"),
    },
    Recording {
        name: OF_LINKS.shares[2],
        of_name: |_| longer(&OF_LINKS, 0, "6h:5m"),
    },
    Recording {
        name: OF_TASKS.shares[2],
        of_name: |_| longer(&OF_TASKS, 0, "6h:5m"),
    },
];

/// Those of a day and of a month.
pub(in crate::alert) const LONG: &[Recording] = &[
    Recording {
        name: OF_DATA.shares[3],
        of_name: |_| longer(&OF_DATA, 1, "1d:1h"),
    },
    Recording {
        name: OF_LINKS.shares[3],
        of_name: |_| longer(&OF_LINKS, 1, "1d:1h"),
    },
    Recording {
        name: OF_TASKS.shares[3],
        of_name: |_| longer(&OF_TASKS, 1, "1d:1h"),
    },
    Recording {
        name: OF_DATA.shares[4],
        of_name: |_| longer(&OF_DATA, 2, "30d:6h"),
    },
    Recording {
        name: OF_LINKS.shares[4],
        of_name: |_| longer(&OF_LINKS, 2, "30d:6h"),
    },
    Recording {
        name: OF_TASKS.shares[4],
        of_name: |_| longer(&OF_TASKS, 2, "30d:6h"),
    },
];

/// All that `rules --slo` records but the objective.
pub fn slo_recordings() -> impl Iterator<Item = &'static Recording> {
    [NOW, SHORT, LONG].into_iter().flatten()
}

/// 0 where any exporter says that it is bad, 1 where others say that it is good, and nothing where nobody knows: while
/// its cluster is blind, or its values are old.
fn good_or_bad(labels: &str, bad: &str, family: &str) -> String {
    let bad = by(labels, &now(bad));
    let good = by(labels, &format!(r#"{family}{{state="ACTIVE"@}} == 1"#));
    format!(
        "(\n  0 * {bad}\n  or 0 * {good} + 1\n)\n\
         unless on ({LINK}) ({} == 0)\n\
         unless on ({CLUSTER}) (cluster:clusterlink_data_good:min{{@:}} == 0)",
        by(LINK, "clusterlink_link_poll_success{@}")
    )
}

/// The share of the shortest window, from what is recorded at each evaluation.
fn shortest(kind: &Kind, recorded: &str) -> String {
    by(kind.labels, &format!("avg_over_time({recorded}{{@:}}[5m])"))
}

/// The share of a longer window from that of a shorter one, at steps that are as long as the shorter one.
fn longer(kind: &Kind, shorter: usize, window: &str) -> String {
    let shorter = kind.shares[shorter];
    by(
        kind.labels,
        &format!("avg_over_time({shorter}{{@:}}[{window}])"),
    )
}
