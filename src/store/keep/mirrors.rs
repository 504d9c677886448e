//! What is kept of a link's mirror topics: counts, lag, and the topics themselves as far as they are wanted.

use std::{collections::HashMap, sync::Arc};

use crate::model::{
    HangingTopic, Health, KeptMirror, KeptMirrors, MirrorDetail, MirrorReport, MirrorTopic,
    Mirrors, ReportedError, TopicLag, TopicName,
};

/// What stands after this report, and the topics of which the server says something new about why they hang.
pub(super) fn keep(
    previous: Option<&KeptMirrors>,
    report: MirrorReport,
) -> (KeptMirrors, Vec<HangingTopic>) {
    let MirrorReport {
        at,
        detail,
        topics,
        transition_errors,
    } = report;
    let before = previous.map_or(&[][..], |kept| &kept.summary.hanging);
    let (hanging, told) = hang(before, &topics, transition_errors);

    let mirroring: Vec<_> = topics
        .iter()
        .filter(|topic| topic.status.is_mirroring())
        .collect();
    let history = previous.map(|kept| kept.history.clone());
    let (history, lags) = history.unwrap_or_default().observe(at, &mirroring);
    let mut lags = lags.into_iter();

    let mut summary = Mirrors {
        hanging,
        ..Mirrors::none(at)
    };
    for topic in topics {
        let lag = topic
            .status
            .is_mirroring()
            .then(|| lags.next().expect("there is one for each that mirrors"));
        add(&mut summary, detail, kept(topic, lag));
    }
    let kept = KeptMirrors {
        summary: Arc::new(summary),
        history,
        withdrawn: false,
    };
    (kept, told)
}

fn kept(topic: MirrorTopic, lag: Option<TopicLag>) -> KeptMirror {
    // Who is paused stands still because somebody wants it to.
    let is_paused = topic.status.health() == Health::Paused;
    KeptMirror {
        topic_name: topic.topic_name,
        is_stalled: !is_paused && lag.is_some_and(|lag| lag.is_stalled),
        status: topic.status,
        error: topic.error,
        lag: lag.map(|lag| lag.lag),
    }
}

fn add(summary: &mut Mirrors, detail: MirrorDetail, topic: KeptMirror) {
    summary.statuses[topic.status.index()] += 1;
    if let Some(error) = &topic.error {
        *summary.errors.entry(error.clone()).or_default() += 1;
    }
    summary.lag = summary.lag.and(topic.lag.unwrap_or_default());
    summary.stalled += usize::from(topic.is_stalled);
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
