//! Everything that is to be judged of a link and cannot be now, and why.

use crate::model::{
    Expected, Finding, Judged, Mirrors, ObservedLink, Pair, TaskName, Unknown, UnknownJudgement,
};

/// All of it: expectations, findings, checks, then what is asked about mirror topics.
pub(super) fn all(
    link: &ObservedLink,
    audited: &[(Finding, Judged)],
    expectations: &[Expected],
    pair: Option<&Pair>,
) -> Vec<UnknownJudgement> {
    let expected = expectations.iter().filter_map(|expected| {
        let why = expected.outcome.unknown()?;
        let task_name = expected.task_name.clone();
        Some(unknown(expected.expectation.label(), task_name, why))
    });
    let findings = audited.iter().filter_map(|(finding, judged)| {
        let why = judged.unknown()?;
        Some(unknown(finding.label(), None, why))
    });
    let checks = pair.into_iter().flat_map(Pair::unknown);
    let checks = checks.map(|(check, why)| unknown(check.label(), None, why));
    expected
        .chain(findings)
        .chain(checks)
        .chain(mirrors(link))
        // What nobody asks for is not missed.
        .filter(|it| it.why != Unknown::NotAsked)
        .collect()
}

fn mirrors(link: &ObservedLink) -> impl Iterator<Item = UnknownJudgement> {
    let mirrors = link.shown_mirrors();
    let statuses = match mirrors {
        Ok(mirrors) => mirrors.unknown_statuses(),
        Err(why) => Some(why),
    };
    let stalled = mirrors.and_then(Mirrors::known_stalled).err();
    let both = [
        (UnknownJudgement::MIRROR_STATUSES, statuses),
        (UnknownJudgement::MIRRORS_STALLED, stalled),
    ];
    both.into_iter()
        .filter_map(|(judgement, why)| Some(unknown(judgement, None, why?)))
}

fn unknown(judgement: &'static str, task_name: Option<TaskName>, why: Unknown) -> UnknownJudgement {
    UnknownJudgement {
        judgement,
        task_name,
        why,
    }
}
