//! About which mirror topics more is asked: those whose change of status takes too long. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::model::{MirrorReport, MirrorTopic, TopicName};

/// How long a change of status may take before the server is asked why it takes so long.
const HANGS_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// How many topics a poll asks about.
const MOST: usize = 10;

/// The topics to ask about in this poll, each with the number of its link. Where there are more than a poll may ask
/// about, the following polls ask about the others.
pub(super) fn hanging<'a>(
    poll: u64,
    mirrors: impl Iterator<Item = (usize, &'a MirrorReport)>,
) -> Vec<(usize, TopicName)> {
    let mut hanging: Vec<_> = mirrors
        .flat_map(|(link, report)| {
            let topics = report.topics.iter();
            topics
                .filter(|topic| hangs(topic, report.at))
                .map(move |topic| (link, topic.topic_name.clone()))
        })
        .collect();
    if hanging.len() > MOST {
        let turns = u64::try_from(hanging.len().div_ceil(MOST)).unwrap_or(u64::MAX);
        let turn = usize::try_from(poll % turns).unwrap_or_default();
        hanging.drain(..turn * MOST);
        hanging.truncate(MOST);
    }
    hanging
}

/// Where the server does not say since when, it may well be for long.
fn hangs(topic: &MirrorTopic, now: Timestamp) -> bool {
    let is_old = |since| now.duration_since(since) > HANGS_AFTER;
    topic.status.is_pending() && topic.status_since.is_none_or(is_old)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MirrorDetail, MirrorStatus};

    const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);

    fn report(topics: impl IntoIterator<Item = MirrorTopic>) -> MirrorReport {
        MirrorReport {
            nameless: 0,
            at: NOW,
            detail: MirrorDetail::Summary,
            topics: topics.into_iter().collect(),
            transition_errors: Vec::new(),
        }
    }

    fn topic(name: &str, status: &str, seconds: Option<i64>) -> MirrorTopic {
        MirrorTopic {
            is_lag_whole: true,
            is_counted: true,
            topic_name: name.into(),
            status: MirrorStatus::parse(status),
            error: None,
            status_since: seconds.map(|seconds| NOW - SignedDuration::from_secs(seconds)),
            partitions: Vec::new(),
        }
    }

    fn asked(poll: u64, reports: &[MirrorReport]) -> Vec<String> {
        let hanging = hanging(poll, reports.iter().enumerate()).into_iter();
        hanging
            .map(|(link, topic)| format!("{link} {topic}"))
            .collect()
    }

    #[test]
    fn only_a_change_that_takes_longer_than_five_minutes_is_asked_about() {
        let reports = [
            report([
                topic("fresh", "PENDING_STOPPED", Some(300)),
                topic("hangs", "PENDING_STOPPED", Some(301)),
                topic("mirrors", "ACTIVE", Some(9000)),
            ]),
            report([topic("unknown", "PENDING_RESTORE", None)]),
        ];
        assert_eq!(asked(0, &reports), ["0 hangs", "1 unknown"]);
    }

    #[test]
    fn a_poll_asks_about_ten_topics_and_the_next_ones_about_the_others() {
        let topics = (0..23).map(|n| topic(&format!("t{n:02}"), "PENDING_STOPPED", Some(600)));
        let reports = [report(topics)];
        let ends = |poll| {
            let asked = asked(poll, &reports);
            (asked.len(), asked[0].clone())
        };
        let expected = [(10, "0 t00"), (10, "0 t10"), (3, "0 t20"), (10, "0 t00")];
        let expected = expected.map(|(count, first)| (count, first.to_owned()));
        assert_eq!([ends(0), ends(1), ends(2), ends(3)], expected);
    }
}
