//! What the exporter judges of links and says of their mirror topics, where it is bad.

use super::absence::{GONE, out_of_sight};
use crate::{
    alert::{
        expression::{CHECKS, EXPECTATIONS, FINDINGS, LINK, by},
        identity::{CHECK, EXPECTATION, FINDING},
        recording::{Latched, Recording, latch, now},
    },
    metrics::identity,
    model::{MirrorStatus, UnknownJudgement},
};

/// What is judged by the exporter: bad where a series says so, not known where another one does.
struct Judged<'a> {
    name: &'a str,
    labels: &'a str,
    /// Where it is known to be bad.
    bad: String,
    /// The values of label `judgement` by which the exporter says that it does not know, empty for all, and the label of
    /// the recording that has the same values, if any.
    judgement: (&'a str, Option<&'a str>),
    /// One more way in which it can be known to be good.
    good: String,
}

pub(super) const RECORDINGS: &[Recording] = &[
    Recording {
        name: "clusterlink:expectation_violated:last_seen",
        of_name: |name| {
            // That a pattern of `expect` matches a link is answered by the list.
            let words = "state|task_state|rpo";
            let met = format!(r#"clusterlink_expectation_met{{expectation=~"{words}"@}}"#);
            last_known(&Judged {
                name,
                labels: EXPECTATIONS,
                bad: by(EXPECTATIONS, &format!("{met} == 0")),
                judgement: (words, Some(EXPECTATION)),
                good: String::new(),
            })
        },
    },
    Recording {
        name: "clusterlink:pair_inconsistent:last_seen",
        of_name: |name| {
            last_known(&Judged {
                name,
                labels: CHECKS,
                bad: by(CHECKS, "clusterlink_pair_consistent{@} == 0"),
                judgement: ("", Some(CHECK)),
                good: String::new(),
            })
        },
    },
    Recording {
        name: "clusterlink:link_config_finding:last_seen",
        of_name: |name| {
            last_known(&Judged {
                name,
                labels: FINDINGS,
                bad: by(FINDINGS, "clusterlink_link_config_finding{@} == 1"),
                judgement: ("", Some(FINDING)),
                good: String::new(),
            })
        },
    },
    Recording {
        name: "clusterlink:mirror_topics:last_seen",
        of_name: |name| {
            let labels = concat!(identity!(link), ", mirror_status@&");
            let statuses = alerted_statuses().join("|");
            let topics = format!(r#"clusterlink_mirror_topics{{mirror_status=~"{statuses}"@}}"#);
            last_known(&Judged {
                name,
                labels,
                bad: by(labels, &format!("{topics} > 0")),
                judgement: (UnknownJudgement::MIRROR_STATUSES, None),
                good: String::new(),
            })
        },
    },
    Recording {
        name: "clusterlink:mirror_stalled_topics:last_seen",
        of_name: |name| {
            // A server of 2022 sends no state: then nothing speaks against it.
            let idle = r#"clusterlink:link_state:unhealthy{state=~"FAILED|PAUSED|UNAVAILABLE"@:}"#;
            let idle = format!("unless on ({LINK}) {}", now(idle));
            let stalled = by(LINK, "clusterlink_mirror_stalled_topics{@} > 0");
            last_known(&Judged {
                name,
                labels: LINK,
                bad: format!("({stalled} {idle})"),
                judgement: (UnknownJudgement::MIRRORS_STALLED, None),
                good: format!("\n  {idle}"),
            })
        },
    },
];

/// The statuses of mirror topics that alerts are about.
fn alerted_statuses() -> Vec<&'static str> {
    let is_alerted = |name: &&str| {
        let status = MirrorStatus::parse(name);
        let others = [
            MirrorStatus::Failed,
            MirrorStatus::SourceUnavailable,
            MirrorStatus::Unknown,
        ];
        status.is_pending() || others.contains(&status)
    };
    let names = MirrorStatus::TABLE.iter().map(|row| row.name);
    names.filter(is_alerted).collect()
}

/// When it was last known to be bad. It is known to be good, or nobody wants to know, where the link is shown and nothing
/// says that it is not known.
fn last_known(judged: &Judged) -> String {
    let Judged {
        name,
        labels,
        bad,
        judgement: (words, of_recording),
        good,
    } = judged;
    let selected = match *words {
        "" => "clusterlink_judgement_unknown{@}".to_owned(),
        words => format!(r#"clusterlink_judgement_unknown{{judgement=~"{words}"@}}"#),
    };
    let unknown = match of_recording {
        None => format!("on ({LINK}) {selected}"),
        Some(label) => {
            let labels = LINK.replace("@&", &format!(", task_name, {label}@&"));
            format!(
                r#"on ({labels}) label_replace({selected}, "{label}", "$1", "judgement", "(.+)")"#
            )
        }
    };
    let out_of_sight = out_of_sight("{before}");
    latch(&Latched {
        name,
        labels,
        now: bad.clone(),
        kept: format!("({out_of_sight}\n  or {{before}} and {unknown})\n  unless {GONE}{good}"),
    })
}
