//! What all samples of a family have in common: its name, its type and its labels.

use strum::IntoStaticStr;

/// The labels that every series begins with.
pub(super) const IDENTITY: [&str; 2] = ["cluster_name", "cluster_id"];

/// What all samples of a family have in common.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Those after [`IDENTITY`].
    pub(super) labels: &'static [Label],
}

/// The types of families there are. A state set is a gauge: its own type would break real consumers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// Goes up and down.
    Gauge,
    /// Goes up, and to zero with a restart.
    Counter,
    /// Counts observations in buckets.
    Histogram,
}

/// What of a cluster a family shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// What the answers say, for which [`Cluster::is_as`](crate::model::Cluster::is_as) tells whether any of it is new.
    Answers,
    /// When they came, or how the polls went: some of it is new after each poll.
    Polls,
}

/// A label of a family.
pub struct Label {
    /// The name: the REST API's own field name where there is one.
    pub name: &'static str,
    /// Every value it can have, in the order of the contract; `None` where nobody can list them.
    pub values: Option<fn() -> Vec<&'static str>>,
}

impl Kind {
    /// The word for it after `# TYPE`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Label {
    /// A label whose values come from elsewhere.
    pub const fn open(name: &'static str) -> Self {
        Self { name, values: None }
    }

    /// A label with a closed set of values.
    pub const fn one_of(name: &'static str, values: fn() -> Vec<&'static str>) -> Self {
        Self {
            name,
            values: Some(values),
        }
    }
}

impl Shape {
    /// A row that names more or fewer values than its family has labels would make lines that nobody can read.
    pub(super) fn assert_values(&self, count: usize) {
        assert_eq!(count, self.labels.len(), "{}: a value per label", self.name);
    }
}
