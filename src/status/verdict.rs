//! What is held against a link: expectations, findings, the pair, and whether one could fail over. The words are those of
//! the labels, the remedies those of their tables.

use schemars::JsonSchema;
use serde::Serialize;

use super::time::seconds;
use crate::model::{
    Blocker, Expected, Found, Judged, LinkState, Missing, ObservedLink, Readiness, TableWord,
    TaskName, Unknown, UnknownJudgement, Verdict,
};

/// One thing that the configuration expects of a link.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExpectationStatus<'a> {
    /// Of what kind, a value of label `expectation`.
    pub expectation: &'static str,
    /// Of which task; null for the link itself.
    pub task_name: Option<&'a str>,
    /// Whether it is met; null where that is not known.
    pub met: Option<bool>,
    /// What was expected and found, or why it is not known; null where it is met.
    pub detail: Option<&'a str>,
}

/// Something that was found in a link's settings.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingStatus<'a> {
    /// What, a value of label `finding`.
    pub finding: &'static str,
    /// What was seen.
    pub detail: &'a str,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Something that is to be judged of a link and cannot be now: a series of `clusterlink_judgement_unknown`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnknownStatus<'a> {
    /// What, a value of label `judgement`.
    pub judgement: &'static str,
    /// Of which task; null for the link itself.
    pub task_name: Option<&'a str>,
    /// Why it is not known.
    pub detail: &'static str,
}

/// One thing that must hold between the halves of a bidirectional link.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PairCheck<'a> {
    /// What, a value of label `check`.
    pub check: &'static str,
    /// Whether it holds; null where that is not known.
    pub consistent: Option<bool>,
    /// What was seen, or why it is not known; null where it holds.
    pub detail: Option<&'a str>,
    /// What to do about it; null where there is nothing to do.
    pub remedy: Option<&'static str>,
}

/// Whether one could fail over to a link's mirror topics.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FailoverStatus<'a> {
    /// Whether everything was seen and nothing is against it; null where not enough was seen.
    pub ready: Option<bool>,
    /// What is against it.
    pub blockers: Vec<Reason<'a>>,
    /// What would have to be known and is not.
    pub unknown: Vec<Reason<'a>>,
    /// Whether the source cannot be reached: what was not mirrored before is lost by a failover. Null where the link's state
    /// is not known.
    pub source_gone: Option<bool>,
    /// The most that the mirror topics may lag, by `expect`; null where nothing says it.
    pub rpo_seconds: Option<f64>,
}

/// What is against a failover, or what is not known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reason<'a> {
    /// Which: of what is against it, a value of label `reason`.
    pub reason: &'static str,
    /// What was seen, or why it is not known.
    pub detail: &'a str,
    /// What to do about it.
    pub remedy: String,
}

impl<'a> ExpectationStatus<'a> {
    pub(super) fn all(verdict: &'a Verdict) -> Vec<Self> {
        let all = verdict.expectations.iter().map(|expected| {
            let Expected {
                expectation,
                task_name,
                outcome,
            } = expected;
            Self {
                expectation: expectation.label(),
                task_name: task_name.as_ref().map(TaskName::as_str),
                met: holds(outcome),
                detail: detail(outcome),
            }
        });
        all.collect()
    }
}

impl<'a> FindingStatus<'a> {
    pub(super) fn all(verdict: &'a Verdict) -> Vec<Self> {
        let all = verdict.findings.iter().map(|Found { kind, detail }| Self {
            finding: kind.label(),
            detail,
            remedy: kind.row().remedy,
        });
        all.collect()
    }
}

impl<'a> UnknownStatus<'a> {
    pub(super) fn all(verdict: &'a Verdict) -> Vec<Self> {
        let all = verdict.unknown.iter().map(|unknown| {
            let UnknownJudgement {
                judgement,
                task_name,
                why,
            } = unknown;
            Self {
                judgement,
                task_name: task_name.as_ref().map(TaskName::as_str),
                detail: why.meaning(),
            }
        });
        all.collect()
    }
}

impl<'a> PairCheck<'a> {
    pub(super) fn all(verdict: &'a Verdict) -> Option<Vec<Self>> {
        let checks = verdict.pair.as_ref()?.checks.iter();
        let all = checks.map(|(check, judged)| Self {
            check: check.label(),
            consistent: holds(judged),
            detail: detail(judged),
            remedy: judged.bad().map(|_| check.row().remedy),
        });
        Some(all.collect())
    }
}

impl<'a> FailoverStatus<'a> {
    /// Of a link that was not judged, nothing is known.
    pub(super) fn of(link: &'a ObservedLink) -> Self {
        let verdict = link.verdict.as_deref();
        let says_state = |state: &LinkState| state.unrecognized().is_none();
        let is_state_known = link.link_state.as_ref().is_some_and(says_state);
        let failover = verdict.map(|verdict| &verdict.failover);
        let ready = failover.and_then(|it| match it.readiness() {
            Readiness::Ready => Some(true),
            Readiness::NotReady => Some(false),
            Readiness::NotJudged => None,
        });
        let rpo = verdict.and_then(|verdict| verdict.rpo);
        Self {
            ready,
            blockers: verdict.map_or_else(Vec::new, Reason::against),
            unknown: verdict.map_or_else(Vec::new, Reason::unknown),
            source_gone: failover
                .filter(|_| is_state_known)
                .map(|it| it.is_source_gone),
            rpo_seconds: rpo.map(seconds),
        }
    }
}

impl<'a> Reason<'a> {
    fn new(word: &'static TableWord, detail: &'a str) -> Self {
        Self {
            reason: word.name,
            detail,
            remedy: word.remedy.to_owned(),
        }
    }

    fn against(verdict: &'a Verdict) -> Vec<Self> {
        let blockers = verdict.failover.blockers.iter();
        let all = blockers.map(|Found { kind, detail }| {
            let reason = Self::new(kind.row(), detail);
            match (kind, &verdict.pair) {
                // What is wrong with a pair is said by its checks.
                (Blocker::PairBroken, Some(pair)) => {
                    let remedies = pair.broken().map(|(check, _)| check.row().remedy);
                    Self {
                        remedy: remedies.collect::<Vec<_>>().join("; "),
                        ..reason
                    }
                }
                _ => reason,
            }
        });
        all.collect()
    }

    fn unknown(verdict: &'a Verdict) -> Vec<Self> {
        let gaps = verdict.failover.gaps.iter();
        let all = gaps.map(|Missing { gap, detail, .. }| Self::new(gap.row(), detail));
        all.collect()
    }
}

fn holds(judged: &Judged) -> Option<bool> {
    match judged {
        Judged::Good => Some(true),
        Judged::Bad(_) => Some(false),
        Judged::Unknown(_) => None,
    }
}

fn detail(judged: &Judged) -> Option<&str> {
    let unknown = judged.unknown().map(Unknown::meaning);
    judged.bad().or(unknown)
}
