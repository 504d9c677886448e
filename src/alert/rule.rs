//! The shape of a rule: one row of a table.

use std::time::Duration;

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{
    Condition,
    alert_state::RuleTimes,
    identity::{CHECK, EXPECTATION, FINDING, Identity, TASK_NAME},
};
use crate::{
    catalogue::Scope,
    model::{Check, Expectation, Finding, TableWord},
};

/// An alert rule. Its texts hold no value: what changes from alert to alert is asked by their templates.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The alert's name, a promise to every route and inhibition.
    pub name: &'static str,
    /// Writes the condition in PromQL, with marks where a [`super::Selector`] goes.
    pub expression: fn() -> String,
    /// How long the condition must hold before the alert fires.
    pub hold_duration: Duration,
    /// How long the alert fires on after its condition has ended; zero: not at all.
    pub keep_firing_for: Duration,
    /// Whom it may disturb.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// One line that ends with a dot; a template of Prometheus.
    pub summary: &'static str,
    /// What it means for the user; a template of Prometheus. The file adds since when, error codes and next command.
    pub meaning: &'static str,
    /// The condition as the exporter evaluates it itself; `None` where it cannot: what it sees of itself is nothing when
    /// it is gone.
    pub condition: Option<Condition>,
}

/// Label `severity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray, EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Severity {
    /// Wakes somebody.
    Critical,
    /// Is read in the morning.
    Warning,
    /// Is looked up.
    Info,
    /// Is for machines.
    None,
}

/// A label whose value is a word of a table.
pub(super) struct LabelTable {
    pub(super) label: &'static str,
    /// What became of what the word means.
    found: &'static str,
    pub(super) table: &'static [TableWord],
}

impl LabelTable {
    /// What the word says of an alert's subject.
    pub(super) fn say(&self, row: &TableWord) -> String {
        let TableWord {
            meaning, remedy, ..
        } = row;
        format!("{}: {meaning}. What to do: {remedy}.", self.found)
    }
}

impl Rule {
    /// Its times, for the state of its alerts.
    pub(super) fn times(&self) -> RuleTimes {
        RuleTimes {
            hold_duration: self.hold_duration,
            keep_firing_for: self.keep_firing_for,
        }
    }

    /// The rule when it is in use no longer: its condition never holds, and its alerts end at once.
    pub(super) fn retired(self) -> Self {
        Self {
            condition: None,
            keep_firing_for: Duration::ZERO,
            ..self
        }
    }
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The value of the label.
    pub fn label(self) -> &'static str {
        self.into()
    }
}

/// What an alert is about: its identity labels, and with them what its description can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A task of a link.
    Task,
    /// A link.
    Link,
    /// What is expected of a link or of one of its tasks.
    Expectation,
    /// What the audit of a link's settings found.
    Finding,
    /// A link as one half of a bidirectional one.
    Pair,
    /// The mirror topics of a link.
    Mirrors,
    /// Changes of mirror topics that are not finished.
    Transitions,
    /// How far the mirror topics of a link are behind.
    Lag,
    /// Our polling of a cluster.
    Cluster,
    /// Where clusters are discovered.
    Discovery,
    /// The exporter's processes, as Prometheus scrapes them.
    Job,
    /// The alerting itself.
    Everything,
}

impl Subject {
    /// The values that label `scope` can have. Where there are two, alerts with a `task_name` have the second.
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Task => &["task"],
            Self::Link | Self::Finding | Self::Pair => &["link"],
            Self::Expectation => &["link", "task"],
            Self::Mirrors | Self::Transitions | Self::Lag => &["mirror"],
            Self::Cluster | Self::Discovery | Self::Job | Self::Everything => &["exporter"],
        }
    }

    /// The value of label `scope` of this alert.
    pub fn scope(self, identity: &Identity) -> &'static str {
        let of_link = identity.label(TASK_NAME).is_empty();
        match self.scopes() {
            [_, of_task] if !of_link => of_task,
            scopes => scopes[0],
        }
    }

    /// What one of its alerts' labels says.
    pub(super) fn label_table(self) -> Option<LabelTable> {
        let (label, found, table) = match self {
            Self::Expectation => (EXPECTATION, "Violated", Expectation::TABLE),
            Self::Finding => (FINDING, "Found", Finding::TABLE),
            Self::Pair => (CHECK, "Violated", Check::TABLE),
            _ => return None,
        };
        Some(LabelTable {
            label,
            found,
            table,
        })
    }

    /// Where the catalogue has the error codes that its alerts can name.
    pub(super) fn codes(self) -> Option<Scope> {
        match self {
            Self::Task => Some(Scope::Task),
            Self::Link => Some(Scope::Link),
            Self::Mirrors => Some(Scope::Mirror),
            Self::Transitions => Some(Scope::Transition),
            _ => None,
        }
    }
}

/// So many minutes.
pub(super) const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}
