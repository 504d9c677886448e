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
    /// Whether one of them is good now.
    now: &'static str,
    /// The share of the time in which one of them was good, over each of [`WINDOWS`].
    pub(in crate::alert) shares: [&'static str; 5],
}

macro_rules! kind {
    ($labels:expr, $name:literal) => {
        Kind {
            labels: $labels,
            now: concat!($name, ":min"),
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
        name: OF_DATA.now,
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
        name: OF_LINKS.now,
        of_name: |_| {
            let bad = r#"clusterlink:link_state:unhealthy{state=~"FAILED|UNAVAILABLE"@:}"#;
            good_or_bad(LINK, bad, "clusterlink_link_state")
        },
    },
    Recording {
        name: OF_TASKS.now,
        of_name: |_| {
            let bad = r#"clusterlink:task_state:unhealthy{state=~"IN_ERROR|LINK_FAILED|LINK_UNAVAILABLE"@:}"#;
            good_or_bad(TASK, bad, "clusterlink_task_state")
        },
    },
];

/// The shares of short windows, and after them of long ones, each from shorter ones.
pub(in crate::alert) const SHORT: &[Recording] = &[
    share(&OF_DATA, 0),
    share(&OF_LINKS, 0),
    share(&OF_TASKS, 0),
    share(&OF_DATA, 1),
    share(&OF_LINKS, 1),
    share(&OF_TASKS, 1),
    share(&OF_DATA, 2),
    share(&OF_LINKS, 2),
    share(&OF_TASKS, 2),
];

/// Those of a day and of a month.
pub(in crate::alert) const LONG: &[Recording] = &[
    share(&OF_DATA, 3),
    share(&OF_LINKS, 3),
    share(&OF_TASKS, 3),
    share(&OF_DATA, 4),
    share(&OF_LINKS, 4),
    share(&OF_TASKS, 4),
];

/// The windows of the shares, each with the place of the share that it is made of, at steps as long as that one's window; the
/// shortest is made of what each evaluation records.
const WINDOWS: [(Option<usize>, &str); 5] = [
    (None, "5m"),
    (Some(0), "1h:5m"),
    (Some(0), "6h:5m"),
    (Some(1), "1d:1h"),
    (Some(2), "30d:6h"),
];

const fn share(kind: &Kind, place: usize) -> Recording {
    Recording {
        name: kind.shares[place],
        of_name: share_over_time,
    }
}

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
         unless on ({CLUSTER}) ({}{{@:}} == 0)",
        by(LINK, "clusterlink_link_poll_success{@}"),
        OF_DATA.now
    )
}

/// The share of this name, from that of a shorter window.
fn share_over_time(name: &str) -> String {
    let places = [&OF_DATA, &OF_LINKS, &OF_TASKS]
        .into_iter()
        .flat_map(|kind| (0..WINDOWS.len()).map(move |place| (kind, place)));
    let mut named = places.filter(|(kind, place)| kind.shares[*place] == name);
    let (kind, place) = named.next().expect("it is the name of a share");
    let (shorter, window) = WINDOWS[place];
    let averaged = shorter.map_or(kind.now, |shorter| kind.shares[shorter]);
    by(
        kind.labels,
        &format!("avg_over_time({averaged}{{@:}}[{window}])"),
    )
}
