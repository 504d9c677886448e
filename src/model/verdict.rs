//! What is held against links: findings, pairs, expectations, readiness for a failover. The words are rows of tables;
//! who judges is the room `intent`.

mod words;

use std::time::Duration;

pub use words::{Blocker, Check, Expectation, Finding, Gap, TableWord};

use super::{ClusterId, Judged, TaskName, Unknown};

/// What is held against one link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What the audit of its settings found, in the order of [`Finding::ALL`].
    pub findings: Vec<Found<Finding>>,
    /// How it fits its other half; `None` where it is no half of a pair, or the other end is not polled.
    pub pair: Option<Pair>,
    /// What is expected of it; sorted, each once.
    pub expectations: Vec<Expected>,
    /// Everything that is to be judged of it and cannot be now. What is neither here nor known to be bad is good, or is
    /// not wanted.
    pub unknown: Vec<UnknownJudgement>,
    /// The most that its mirror topics may lag; the least where several are wanted.
    pub rpo: Option<Duration>,
    /// Whether one could fail over to its mirror topics now.
    pub failover: Failover,
}

/// Something out of a table, and what of it was seen here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<K> {
    /// Which.
    pub kind: K,
    /// What was seen, in a few words for a person. No message of the API is in it.
    pub detail: String,
}

/// Something that cannot be judged now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownJudgement {
    /// What: the label of a [`Finding`], a [`Check`] or an [`Expectation`], or one of this type's own.
    pub judgement: &'static str,
    /// Of which task; `None` for the link itself.
    pub task_name: Option<TaskName>,
    /// Why not.
    pub why: Unknown,
}

/// A link as one half of a bidirectional link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The cluster of the other half; `None` where the link does not say it.
    pub remote_cluster_id: Option<ClusterId>,
    /// The checks that apply, in the order of [`Check::ALL`].
    pub checks: Vec<(Check, Judged)>,
}

/// One expectation of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Of what kind.
    pub expectation: Expectation,
    /// Of which task; `None` for one of the link itself.
    pub task_name: Option<TaskName>,
    /// Whether it is met; where it is not, what was expected and what was seen.
    pub outcome: Judged,
}

/// Whether one could fail over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failover {
    /// What is against it, in the order of [`Blocker::ALL`].
    pub blockers: Vec<Found<Blocker>>,
    /// What would have to be known and is not, in the order of [`Gap::ALL`].
    pub gaps: Vec<Missing>,
    /// The source cannot be reached. That blocks nothing: it is what a failover is for.
    pub is_source_gone: bool,
}

/// What would have to be known before one relies on a failover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Which.
    pub gap: Gap,
    /// Why it is not known.
    pub why: Unknown,
    /// The same in a few words for a person.
    pub detail: String,
}

/// The answer to the question whether one could fail over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Everything was seen, and nothing is against it.
    Ready,
    /// Something is against it.
    NotReady,
    /// Not enough was seen.
    NotJudged,
}

impl UnknownJudgement {
    /// In which status the link's mirror topics are.
    pub const MIRROR_STATUSES: &str = "mirror_statuses";
    /// Whether mirror topics of the link stand still.
    pub const MIRRORS_STALLED: &str = "mirrors_stalled";

    /// Every value of label `judgement`.
    pub fn words() -> Vec<&'static str> {
        let tables = [Expectation::TABLE, Finding::TABLE, Check::TABLE];
        let words = tables.into_iter().flatten().map(|row| row.name);
        let own = [Self::MIRROR_STATUSES, Self::MIRRORS_STALLED];
        words.chain(own).collect()
    }
}

impl Failover {
    /// Said of a link that is ready because a failover is what it is for.
    pub const SOURCE_GONE: &str =
        "the source cannot be reached: what was not mirrored before is lost by a failover";

    /// The answer, for someone who must rely on it. That our own data are old says nothing against the link.
    pub fn readiness(&self) -> Readiness {
        let is_against = |found: &Found<Blocker>| found.kind != Blocker::DataStale;
        if self.blockers.iter().any(is_against) {
            Readiness::NotReady
        } else if self.blockers.is_empty() && self.is_known() {
            Readiness::Ready
        } else {
            Readiness::NotJudged
        }
    }

    /// Whether everything is known that was asked for.
    pub fn is_known(&self) -> bool {
        let mut gaps = self.gaps.iter();
        gaps.all(|missing| missing.why == Unknown::NotAsked)
    }
}

impl Verdict {
    /// The expectations that are violated, and what was seen instead.
    pub fn violated(&self) -> impl Iterator<Item = (&Expected, &str)> {
        let expectations = self.expectations.iter();
        expectations.filter_map(|expected| Some((expected, expected.outcome.bad()?)))
    }

    /// Why this cannot be judged now; `None` where it can be, or is not wanted.
    pub fn unknown(&self, judgement: &str, task_name: &str) -> Option<Unknown> {
        let mut unknown = self.unknown.iter();
        let known = unknown.find(|unknown| {
            let of_task = unknown.task_name.as_ref().map_or("", TaskName::as_str);
            (unknown.judgement, of_task) == (judgement, task_name)
        });
        known.map(|unknown| unknown.why)
    }
}

impl Pair {
    /// The checks that do not hold, and why.
    pub fn broken(&self) -> impl Iterator<Item = (Check, &str)> {
        let checks = self.checks.iter();
        checks.filter_map(|(check, outcome)| Some((*check, outcome.bad()?)))
    }

    /// The checks that cannot be judged now, and why.
    pub fn unknown(&self) -> impl Iterator<Item = (Check, Unknown)> {
        let checks = self.checks.iter();
        checks.filter_map(|(check, outcome)| Some((*check, outcome.unknown()?)))
    }
}

impl Readiness {
    /// The words for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not ready",
            Self::NotJudged => "not judged",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Readiness::{NotJudged, NotReady, Ready},
        *,
    };

    fn found<K>(kind: K) -> Found<K> {
        Found {
            kind,
            detail: String::new(),
        }
    }

    #[test]
    fn what_is_against_a_failover_counts_more_than_what_is_not_known() {
        let missing = |(gap, why)| Missing {
            gap,
            why,
            detail: String::new(),
        };
        let readiness = |blockers: &[Blocker], gaps: &[(Gap, Unknown)]| {
            Failover {
                blockers: blockers.iter().copied().map(found).collect(),
                gaps: gaps.iter().copied().map(missing).collect(),
                is_source_gone: false,
            }
            .readiness()
        };
        let cases = [
            readiness(&[], &[]),
            readiness(&[Blocker::LinkPaused], &[(Gap::Mirrors, Unknown::Failed)]),
            readiness(&[Blocker::LinkPaused, Blocker::DataStale], &[]),
            readiness(&[Blocker::DataStale], &[]),
            readiness(&[], &[(Gap::Lag, Unknown::TooEarly)]),
            // What nobody asks for is not missing.
            readiness(&[], &[(Gap::Mirrors, Unknown::NotAsked)]),
        ];
        let expected = [Ready, NotReady, NotReady, NotJudged, NotJudged, Ready];
        assert_eq!(cases, expected);
    }
}
