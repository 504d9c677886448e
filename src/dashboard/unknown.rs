//! Expressions that say what is not known: which links cannot be judged, in what, and why. Not to know is a value of its
//! own in every panel.

use super::{numbers::NOT_JUDGED, promql::LINK};
use crate::model::{Expectation, MirrorStatus, TableWord, Unknown, UnknownJudgement};

/// Links whose mirror topics are asked for, not all at an end, and of unknown lag.
pub(super) fn unknown_lag() -> String {
    let ended = [MirrorStatus::Stopped, MirrorStatus::Failed].map(|status| status.label());
    format!(
        "((max by ({LINK}) ({}) or sum by ({LINK}) (once(clusterlink_mirror_topics{{link,mirror_status!~\"{}\"}})) > 0) \
         unless on ({LINK}) once(clusterlink_mirror_lag_seconds{{link}}))",
        unknown_statuses(),
        ended.join("|")
    )
}

/// Whether one could fail over each link: 1, 0, or [`NOT_JUDGED`].
pub(super) fn readiness() -> String {
    format!(
        "(least(clusterlink_failover_ready{{link}}) \
         or on ({LINK}) 0 * once(clusterlink_link_poll_success{{link}}) + {NOT_JUDGED})"
    )
}

/// Links over which one could not say whether to fail over.
pub(super) fn not_judged() -> String {
    format!("({} == {NOT_JUDGED})", readiness())
}

/// Which of these judgements of links are not known.
pub(super) fn unknown(table: &[TableWord]) -> String {
    let words: Vec<_> = table.iter().map(|word| word.name).collect();
    unknown_of(&words.join("|"))
}

/// Links of which nobody knows whether they lag longer than they may.
pub(super) fn unknown_rpo() -> String {
    unknown_of(Expectation::Rpo.label())
}

/// Links whose mirror topics are in a status that is not known, or are not read.
pub(super) fn unknown_statuses() -> String {
    unknown_of(UnknownJudgement::MIRROR_STATUSES)
}

/// Which of these judgements, joined by `|`, are not known.
pub(super) fn unknown_of(words: &str) -> String {
    format!("once(clusterlink_judgement_unknown{{link,judgement=~\"{words}\"}})")
}

/// Links without a list of tasks.
pub(super) fn no_tasks() -> String {
    "(once(clusterlink_link_tasks_reported{link}) == 0)".to_owned()
}

/// Links without a state.
pub(super) fn no_state() -> String {
    format!(
        "(once(clusterlink_link_poll_success{{link}}) unless on ({LINK}) once(clusterlink_link_state{{link}}))"
    )
}

/// Links with what is not known of them.
pub(super) fn named_fact(links: &str, name: &str) -> String {
    format!(r#"label_replace({links}, "judgement", "{name}", "", "")"#)
}

/// Everything that is not known of links, and why: what is judged, tasks, states, and whether one could fail over.
pub(super) fn all_unknown() -> String {
    let judged = "once(clusterlink_judgement_unknown{link})";
    let with_reason = |(name, links): (&str, String)| {
        let described = "once(clusterlink_link_poll_success{link}) == 1";
        let [not_sent, failed] = [Unknown::NotSent, Unknown::Failed].map(Unknown::label);
        let because = |word, reason| {
            let links = named_fact(&format!("({links} {word} on ({LINK}) {described})"), name);
            format!(r#"label_replace({links}, "reason", "{reason}", "", "")"#)
        };
        [because("and", not_sent), because("unless", failed)].join("\nor ")
    };
    let facts = [("tasks", no_tasks()), ("link_state", no_state())].map(with_reason);
    let readiness = named_fact(&not_judged(), "failover_ready");
    format!("{judged}\nor {}\nor {readiness}", facts.join("\nor "))
}

/// The words that [`all_unknown`] has beside those of tables, with what each means.
pub(super) const OWN_WORDS: [(&str, &str); 5] = [
    (
        UnknownJudgement::MIRROR_STATUSES,
        "In which status the mirror topics are",
    ),
    (
        UnknownJudgement::MIRRORS_STALLED,
        "Whether mirror topics stand still",
    ),
    ("tasks", "Which tasks the link has and how they are"),
    ("link_state", "In which state the link is"),
    (
        "failover_ready",
        "Whether one could fail over; `cluster-link-exporter dr-check` says what is missing",
    ),
];
