//! What is kept of a link's mirror topics: counts, lag, and the topics themselves as far as they are wanted.

use std::collections::HashMap;

use crate::model::{
    HangingTopic, Health, LagHistory, MirrorDetail, MirrorReport, MirrorStatus, MirrorTopic,
    Mirrors, ObservedMirror, ObservedMirrors, ReportedError, TopicLag, TopicName, Unknown,
};

/// What a report leaves standing.
pub(super) struct After {
    pub(super) mirrors: ObservedMirrors,
    pub(super) history: LagHistory,
    /// See [`crate::model::ObservedLink::troubled_topics`].
    pub(super) troubled: Vec<TopicName>,
    /// The topics of which the server says something new about why they hang.
    pub(super) told: Vec<HangingTopic>,
}

/// What stands after this report.
pub(super) fn keep(
    previous: Option<&ObservedMirrors>,
    history: &LagHistory,
    report: MirrorReport,
) -> After {
    let MirrorReport {
        at,
        detail,
        topics,
        nameless,
        transition_errors,
    } = report;
    let before = previous.map_or(&[][..], |observed| &observed.summary.hanging);
    let (hanging, told) = hang(before, &topics, transition_errors);

    let mirroring: Vec<_> = topics
        .iter()
        .filter(|topic| topic.status.is_mirroring())
        .collect();
    let (history, lags) = history.observe(at, &mirroring);
    let mut lags = lags.into_iter();

    let mut summary = Mirrors {
        hanging,
        is_understood: nameless == 0,
        ..Mirrors::none(at)
    };
    add_nameless(&mut summary, nameless);
    let mut troubled = Vec::new();
    let worst = lags.as_slice().iter().map(|lag| lag.lag.age).max();
    for topic in topics {
        let lag = topic
            .status
            .is_mirroring()
            .then(|| lags.next().expect("there is one for each that mirrors"));
        let is_worst = lag.is_some_and(|lag| !lag.lag.age.is_zero() && Some(lag.lag.age) == worst);
        let topic = observed(topic, lag);
        summary.is_understood &= is_understood(&topic);
        if topic.is_unhealthy() || topic.stalled.is_err() || is_worst {
            troubled.push(topic.topic_name.clone());
        }
        add(&mut summary, detail, topic);
    }
    After {
        mirrors: summary.into(),
        history,
        troubled,
        told,
    }
}

/// Whether the answer says of the topic what it should. One that is not mirrored at the moment need not have a lag.
fn is_understood(topic: &ObservedMirror) -> bool {
    match topic.status {
        MirrorStatus::Active => topic.lag.is_some_and(|lag| !lag.is_partial),
        MirrorStatus::Unrecognized(_) => false,
        _ => true,
    }
}

fn observed(topic: MirrorTopic, lag: Option<TopicLag>) -> ObservedMirror {
    // Who is paused stands still because somebody wants it to.
    let is_paused = topic.status.health() == Health::Paused;
    ObservedMirror {
        topic_name: topic.topic_name,
        stalled: lag
            .filter(|_| !is_paused)
            .map_or(Ok(false), |lag| lag.stalled),
        status: topic.status,
        error: topic.error,
        lag: lag.map(|lag| lag.lag),
    }
}

/// Counts the topics that came without their names: nothing else is known of them.
fn add_nameless(summary: &mut Mirrors, nameless: usize) {
    if nameless > 0 {
        summary.statuses[MirrorStatus::Unknown.index()] += nameless;
        summary.lag.is_partial = true;
        summary.stalled_unknown = Some(Unknown::NotUnderstood);
    }
}

fn add(summary: &mut Mirrors, detail: MirrorDetail, topic: ObservedMirror) {
    summary.statuses[topic.status.index()] += 1;
    if let Some(error) = &topic.error {
        *summary.errors.entry(error.clone()).or_default() += 1;
    }
    summary.lag = summary.lag.and(topic.lag.unwrap_or_default());
    match topic.stalled {
        Ok(is_stalled) => summary.stalled += usize::from(is_stalled),
        Err(why) => summary.stalled_unknown = summary.stalled_unknown.or(Some(why)),
    }
    let is_wanted = match detail {
        MirrorDetail::Off | MirrorDetail::Summary => false,
        MirrorDetail::Unhealthy => topic.is_unhealthy(),
        MirrorDetail::All => true,
    };
    if is_wanted {
        summary.topics.push(topic);
    }
}

/// The topics that hang, and those of them that are worth telling. Not every poll asks about each: what was said of a
/// topic stands while its change goes on.
fn hang(
    before: &[HangingTopic],
    topics: &[MirrorTopic],
    asked: Vec<(TopicName, Vec<ReportedError>)>,
) -> (Vec<HangingTopic>, Vec<HangingTopic>) {
    let mut asked: HashMap<_, _> = asked.into_iter().collect();
    let (mut hanging, mut told) = (Vec::new(), Vec::new());
    for topic in topics.iter().filter(|topic| topic.status.is_pending()) {
        let known = before
            .binary_search_by(|known| known.topic_name.cmp(&topic.topic_name))
            .map(|index| &before[index])
            .ok()
            .filter(|known| {
                (&known.status, known.status_since) == (&topic.status, topic.status_since)
            })
            .map_or(&[][..], |known| &known.errors);
        let errors = asked.remove(&topic.topic_name);
        let is_new = errors
            .as_ref()
            .is_some_and(|errors| !errors.is_empty() && errors != known);
        let errors = errors.unwrap_or_else(|| known.to_vec());
        if errors.is_empty() {
            continue;
        }
        let topic = HangingTopic {
            topic_name: topic.topic_name.clone(),
            status: topic.status.clone(),
            status_since: topic.status_since,
            errors,
        };
        if is_new {
            told.push(topic.clone());
        }
        hanging.push(topic);
    }
    (hanging, told)
}
