//! Rules about the mirror topics of links. A poll can be a good one without an answer about them: only such an answer, or
//! that the link is gone, ends what was seen.

use crate::{
    alert::{
        Condition,
        details::Source,
        expression::{LINK, merged, standing_until},
        identity::LINK_NAME,
        rule::{Rule, Severity, Subject, minutes},
        standing::{Standing, Trouble, Witness},
    },
    model::{Cluster, Expectation, KeptLink, LinkState, MirrorStatus, Mirrors},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ClusterLinkMirrorLagAboveRpo",
        expression: || {
            let lag = merged("clusterlink_mirror_lag_seconds{@}");
            let objective = merged("clusterlink_mirror_rpo_objective_seconds{@}");
            // After a restart a lower bound of the lag is known, and that it is within the objective says nothing.
            let judged = merged(r#"clusterlink_expectation_met{expectation="rpo"@}"#);
            let link = merged("clusterlink_link_poll_success{@}");
            standing_until(
                &format!("({lag} > bool {objective} and on ({LINK}) {judged})"),
                &format!("({judged} or on ({LINK}) ({link} unless {objective}))"),
            )
        },
        wait: minutes(5),
        keep_firing: minutes(5),
        severity: Severity::Critical,
        subject: Subject::Lag,
        summary: "The mirror topics of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` lag longer than their `rpo` allows.",
        meaning: "A failover now would lose more than the configuration allows: the mirror topics stand where their sources stood longer ago than `rpo` of `expect`.",
        daemon: Some(Condition::Standing(Standing {
            seen: lags_above_rpo,
            witness: Witness::Lag,
        })),
    },
    Rule {
        name: "ClusterLinkMirrorTopicsFailed",
        expression: || any_topic(&[MirrorStatus::Failed.label()]),
        wait: minutes(5),
        keep_firing: minutes(0),
        severity: Severity::Critical,
        subject: Subject::Mirrors,
        summary: "Mirror topics of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` have failed.",
        meaning: "A mirror topic that has failed follows its source no longer and does not heal by itself: what it lacks would be lost in a failover.",
        daemon: Some(Condition::Standing(Standing {
            seen: |cluster, troubles| {
                of_links(cluster, troubles, Source::topics, |_, mirrors| {
                    mirrors.count(&MirrorStatus::Failed)
                });
            },
            witness: Witness::Mirrors,
        })),
    },
    Rule {
        name: "ClusterLinkMirrorTopicsSourceUnavailable",
        expression: || any_topic(&[MirrorStatus::SourceUnavailable.label()]),
        wait: minutes(5),
        keep_firing: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Mirrors,
        summary: "Mirror topics of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` cannot reach their sources.",
        meaning: "The source topics cannot be read: they are gone, the link may not read them, or their cluster is out of reach.",
        daemon: Some(Condition::Standing(Standing {
            seen: |cluster, troubles| {
                of_links(cluster, troubles, Source::topics, |_, mirrors| {
                    mirrors.count(&MirrorStatus::SourceUnavailable)
                });
            },
            witness: Witness::Mirrors,
        })),
    },
    Rule {
        name: "ClusterLinkMirrorTopicsStuckPending",
        expression: || {
            let is_pending = |name: &&str| MirrorStatus::parse(name).is_pending();
            let names = MirrorStatus::TABLE.iter().map(|row| row.name);
            any_topic(&names.filter(is_pending).collect::<Vec<_>>())
        },
        wait: minutes(30),
        keep_firing: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Transitions,
        summary: "Mirror topics of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` have been pending for half an hour.",
        meaning: "A promote, failover or restore of mirror topics does not finish: until it does, the topics are neither mirrors nor writable.",
        daemon: Some(Condition::Standing(Standing {
            seen: |cluster, troubles| {
                of_links(cluster, troubles, Source::pending, |_, mirrors| {
                    mirrors.count_where(MirrorStatus::is_pending)
                });
            },
            witness: Witness::Mirrors,
        })),
    },
    Rule {
        name: "ClusterLinkMirrorTopicsStalled",
        expression: || {
            let stalled = format!("({} > bool 0)", mirrors_shown());
            let not_active = merged(r#"clusterlink_link_state{state!="ACTIVE"@}"#);
            // A server of 2022 sends no state: then nothing speaks against it.
            standing_until(
                &format!("({stalled} > bool {not_active} or {stalled})"),
                &mirrors_shown(),
            )
        },
        wait: minutes(5),
        keep_firing: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Lag,
        summary: "Mirror topics of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` stand still.",
        meaning: "The link is ACTIVE, and mirror topics that lag have fetched nothing for a quarter of an hour: they do not catch up, and no state says so.",
        daemon: Some(Condition::Standing(Standing {
            seen: |cluster, troubles| of_links(cluster, troubles, with_lag, stalled),
            witness: Witness::Mirrors,
        })),
    },
];

/// True while the link has a topic in one of these statuses.
fn any_topic(statuses: &[&str]) -> String {
    let statuses = statuses.join("|");
    let topics = format!(r#"clusterlink_mirror_topics{{mirror_status=~"{statuses}"@}}"#);
    let count = merged(&format!("sum without (mirror_status) ({topics})"));
    standing_until(&format!("({count} > bool 0)"), &mirrors_shown())
}

/// A series for each link of whose mirror topics something is known.
fn mirrors_shown() -> String {
    merged("clusterlink_mirror_stalled_topics{@}")
}

fn lags_above_rpo<'a>(cluster: &'a Cluster, troubles: &mut Vec<Trouble<'a>>) {
    for shown in cluster.shown_expectations() {
        if let (Expectation::Rpo, Some(above)) = (shown.expectation, shown.violation) {
            troubles.push(Trouble {
                labels: vec![(LINK_NAME, shown.link_name)],
                details: Source::found(above),
            });
        }
    }
}

/// How many topics stand still while the link is ACTIVE, or says nothing of its state.
fn stalled(link: &KeptLink, mirrors: &Mirrors) -> usize {
    let is_active = |state: &LinkState| *state == LinkState::Active;
    if link.link.link_state.as_ref().is_none_or(is_active) {
        mirrors.stalled
    } else {
        0
    }
}

fn with_lag(found: &str, mirrors: &Mirrors) -> Source<'static> {
    let found = format!("{found}, the lag is {}", mirrors.lag.in_words());
    Source::Found(found.into(), Vec::new())
}

/// The links that have such topics; `details` completes how many they are.
fn of_links<'a>(
    cluster: &'a Cluster,
    troubles: &mut Vec<Trouble<'a>>,
    details: fn(&str, &Mirrors) -> Source<'a>,
    count: fn(&KeptLink, &Mirrors) -> usize,
) {
    for (kept, _) in cluster.judged_links() {
        let Some(mirrors) = kept.shown_mirrors() else {
            continue;
        };
        let count = count(kept, mirrors);
        if count > 0 {
            let found = format!("{count} of {} mirror topics", mirrors.listed());
            troubles.push(Trouble {
                labels: vec![(LINK_NAME, kept.link.link_name.as_str())],
                details: details(&found, mirrors),
            });
        }
    }
}
