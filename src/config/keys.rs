//! Every key of the configuration file, once: what it is, what holds without it, what it is for, and how the example file
//! shows it. The reader refuses what is not here; the example file, `docs/reference/configuration.md` and the JSON Schema are
//! written from here.

mod alerting;
mod client;
mod cluster;
mod discovery;

use self::{alerting::ALERTING, discovery::DISCOVERY};
pub(super) use self::{
    alerting::{ROUTING_KEY, URL},
    client::{CLIENT_SECRET, CREDENTIALS, PASSWORD, USERNAME},
    cluster::CLUSTER,
};
use crate::document::{Absent, Group, Key, Keys, Kind, Table};

/// The keys of a secret: the value itself, a file, an environment variable.
pub(super) type Sources = [&'static str; 3];

/// The file.
pub const KEYS: Keys = Keys::Known(&[Group::own(&[
    Key {
        name: "global",
        kind: Kind::Section(Keys::Known(GLOBAL)),
        absent: Absent::Optional,
        doc: "Holds for every cluster that does not say otherwise. Each key can be overridden by an environment variable, \
              `CLUSTERLINK_GLOBAL__POLL_INTERVAL=1m` and so on.",
        shown: &[],
    },
    Key {
        name: "clusters",
        kind: Kind::Sections(Keys::Known(CLUSTER)),
        absent: Absent::Otherwise("none, which `discovery` allows"),
        doc: "The clusters to watch, at least one where there is no `discovery`.",
        shown: &[],
    },
    Key {
        name: "discovery",
        kind: Kind::Sections(Keys::Known(DISCOVERY)),
        absent: Absent::Optional,
        doc: "Clusters that nobody lists by hand: those that an organisation's API knows are polled as well. A cluster of \
              `clusters` that has the id or the name of a discovered one goes before it.",
        shown: &[],
    },
    Key {
        name: "alerting",
        kind: Kind::Section(Keys::Known(ALERTING)),
        absent: Absent::Optional,
        doc: "Who is notified of alerts, and what alert rules have otherwise than by default.",
        shown: &[],
    },
])]);

/// `global`: every key can be overridden by a variable.
pub(super) const GLOBAL: Table = &[
    SCHEDULE,
    Group::own(&[Key {
        name: "state_file",
        kind: Kind::Database,
        absent: Absent::Default(r#""""#),
        doc: "A database of this file remembers since when states stand, how often they changed and which alerts fire; \
              without it a restart forgets them. Its folder must be writable, and no two exporters can share one.",
        shown: &[("global", r#"#"""#)],
    }]),
    Group::own(&[Key {
        name: "transitions_kept",
        kind: Kind::Count(1..=100_000),
        absent: Absent::Default("10000"),
        doc: "How many changes of state are kept for `/api/v1/transitions`, the newest of all clusters together, in memory \
              and in the state file: 1 to 100000. One takes some hundred bytes, and 5 KiB at the most.",
        shown: &[("global", "#10000")],
    }]),
];

/// What `global` and each cluster have in common.
const SCHEDULE: Group = Group {
    title: "How often and how long",
    keys: &[
        Key {
            name: "poll_interval",
            kind: DURATION,
            absent: Absent::Default("30s"),
            doc: "From the start of one poll of a cluster to the start of the next.",
            shown: &[("global", "30s"), ("clusters[1]", "1m")],
        },
        Key {
            name: "poll_timeout",
            kind: DURATION,
            absent: Absent::Otherwise("five sixths of `poll_interval`, and 25s at the most"),
            doc: "The deadline of a whole poll, shorter than `poll_interval`. By default five sixths of it, and 25s at the \
                  most.",
            shown: &[("global", "#25s"), ("clusters[1]", "50s")],
        },
        Key {
            name: "request_timeout",
            kind: DURATION,
            absent: Absent::Default("10s"),
            doc: "The deadline of one request.",
            shown: &[("global", "10s"), ("clusters[1]", "5s")],
        },
        Key {
            name: "max_concurrent_requests",
            kind: Kind::Count(1..=1024),
            absent: Absent::Default("8"),
            doc: "How many requests to one cluster are under way at once: 1 to 1024.",
            shown: &[("global", "8"), ("clusters[1]", "4")],
        },
        Key {
            name: "stale_after",
            kind: DURATION,
            absent: Absent::Otherwise("three times `poll_interval`, and 2m at the least"),
            doc: "How long values are shown after the last good poll. No shorter than `poll_interval`; by default three \
                  times that, and 2m at the least.",
            shown: &[("global", "#2m"), ("clusters[1]", "5m")],
        },
    ],
};

const DURATION: Kind = Kind::Duration { least: "1ms" };

/// The three keys of a secret, of which one is given.
const fn secret(
    names: &'static Sources,
    doc: &'static str,
    shown: [&'static [(&'static str, &'static str)]; 2],
) -> [Key; 3] {
    let absent = Absent::OneOf(names);
    let [literal, in_file, in_variable] = *names;
    let [in_place, in_a_file] = shown;
    [
        Key {
            name: literal,
            kind: Kind::Secret,
            absent,
            doc,
            shown: in_place,
        },
        Key {
            name: in_file,
            kind: Kind::File,
            absent,
            doc: "The path of a file that holds it and is read anew for every use. Relative paths begin at this file's folder; \
                  white space around the secret is no part of it.",
            shown: in_a_file,
        },
        Key {
            name: in_variable,
            kind: Kind::Variable,
            absent,
            doc: "The name of an environment variable that holds it.",
            shown: &[],
        },
    ]
}
