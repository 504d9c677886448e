//! The paths of the JSON API and their parameters: one table, which the server reads and the OpenAPI document is written
//! from.

use super::{
    envelope::{ErrorType, Refusal},
    filter::shown,
};
use crate::text::nearest;

/// What all paths of the JSON API begin with.
pub const ROOT: &str = "/api/v1/";

/// A path and what it takes.
#[derive(Debug)]
pub struct Resource {
    /// Which.
    pub kind: ResourceKind,
    /// What it answers, in a sentence.
    pub doc: &'static str,
    /// Its parameters.
    pub parameters: &'static [Parameter],
}

/// The paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceKind {
    /// `status`.
    Status,
    /// `alerts`.
    Alerts,
    /// `transitions`.
    Transitions,
    /// `openapi.json`.
    OpenApi,
}

/// One parameter of a query. An empty value is none.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What may be written.
    pub kind: ParameterKind,
    /// What it does, in a sentence.
    pub doc: &'static str,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// A name, exactly as it is.
    Name,
    /// `1` or `0`.
    Flag,
    /// A phase of an alert.
    Phase,
    /// RFC 3339 or Unix seconds.
    Moment,
    /// A number from 1 on.
    Count {
        /// The largest.
        most: usize,
        /// What holds without it.
        default: usize,
    },
}

const CLUSTER: Parameter = Parameter {
    name: "cluster",
    kind: ParameterKind::Name,
    doc: "Only the cluster of this name in the configuration.",
};
const LINK: Parameter = Parameter {
    name: "link",
    kind: ParameterKind::Name,
    doc: "Only the links of this name.",
};

/// All paths, in the order of the documentation.
pub const RESOURCES: &[Resource] = &[
    Resource {
        kind: ResourceKind::Status,
        doc: "What is known of every cluster and link at this moment: what `/metrics` and the page say, with the error \
              messages of the API.",
        parameters: &[
            CLUSTER,
            LINK,
            Parameter {
                name: "attention",
                kind: ParameterKind::Flag,
                doc: "Only links that are not ACTIVE, report an error, have a task in an unhealthy state or with an error, \
                      violate an expectation, do not fit their other half, have a finding, are not ready for a failover or \
                      are not fresh; of the clusters those with such a link or a pattern of `expect` without one, and those \
                      without a good last poll.",
            },
        ],
    },
    Resource {
        kind: ResourceKind::Alerts,
        doc: "The alerts that are pending or fire, in the shape of Prometheus' own `/api/v1/alerts`. Every rule is evaluated, \
              whether or not receivers are configured.",
        parameters: &[Parameter {
            name: "state",
            kind: ParameterKind::Phase,
            doc: "Only the alerts in this state.",
        }],
    },
    Resource {
        kind: ResourceKind::Transitions,
        doc: "What changed its state, the newest first: the last `global.transitions_kept` changes of all clusters, and of \
              clusters that are not configured any more. What the first poll of a cluster shows is no change, unless the \
              state file remembers it otherwise.",
        parameters: &[
            Parameter {
                name: "since",
                kind: ParameterKind::Moment,
                doc: "Only changes at this moment or later.",
            },
            Parameter {
                name: "until",
                kind: ParameterKind::Moment,
                doc: "Only changes at this moment or earlier.",
            },
            CLUSTER,
            LINK,
            Parameter {
                name: "task",
                kind: ParameterKind::Name,
                doc: "Only changes of the tasks of this name.",
            },
            Parameter {
                name: "limit",
                kind: ParameterKind::Count {
                    most: 10_000,
                    default: 100,
                },
                doc: "How many at the most; `truncated` says whether there are more.",
            },
        ],
    },
    Resource {
        kind: ResourceKind::OpenApi,
        doc: "This document.",
        parameters: &[],
    },
];

impl Resource {
    /// The one at this path, or what to say where there is none.
    pub fn at(path: &str) -> Result<&'static Self, Refusal> {
        let mut resources = RESOURCES.iter();
        let found = resources.find(|resource| resource.path() == path);
        found.ok_or_else(|| {
            let names = RESOURCES.iter().map(Self::name);
            let meant = nearest(path.trim_start_matches(ROOT), names);
            let instead = meant.first().map_or_else(
                || {
                    let paths: Vec<_> = RESOURCES.iter().map(Self::path).collect();
                    format!("there are {}", listed(paths.iter().map(String::as_str)))
                },
                |name| format!("did you mean `{ROOT}{name}`?"),
            );
            let found = format!("there is no `{}`", shown(path));
            Refusal::new(ErrorType::NotFound, format_args!("{found}; {instead}"))
        })
    }

    /// Its whole path.
    pub fn path(&self) -> String {
        format!("{ROOT}{}", self.name())
    }

    fn name(&self) -> &'static str {
        match self.kind {
            ResourceKind::Status => "status",
            ResourceKind::Alerts => "alerts",
            ResourceKind::Transitions => "transitions",
            ResourceKind::OpenApi => "openapi.json",
        }
    }
}

/// `a`, `b` and `c`.
pub(super) fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}
