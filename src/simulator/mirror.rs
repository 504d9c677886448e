//! Mirror topics and their lag.

use std::time::Duration;

use super::{TaskError, random, start::START_MS};

/// A topic that a link keeps in step with its source (`KafkaMirrorData`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// REST field `mirror_topic_name`.
    pub mirror_topic_name: String,
    /// REST field `source_topic_name`; another one where the link has a prefix.
    pub source_topic_name: String,
    /// REST field `mirror_status`.
    pub mirror_status: String,
    /// REST field `mirror_topic_error`; `None` when healthy.
    pub mirror_topic_error: Option<String>,
    /// REST field `state_time_ms`: epoch milliseconds of the last change of status.
    pub state_time_ms: i64,
    /// REST field `mirror_state_transition_errors`, sent only when asked for; `None` where the server has no list.
    pub transition_errors: Option<Vec<TaskError>>,
    /// REST field `mirror_lags`, in the order in which it is sent.
    pub partitions: Vec<Partition>,
}

/// One partition of a mirror topic (`MirrorLag`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// REST field `partition`.
    pub partition: u32,
    /// REST field `lag`, messages, at `since`.
    pub lag: i64,
    /// REST field `last_source_fetch_offset` at `since`; -1 before the first fetch.
    pub last_source_fetch_offset: i64,
    /// How many messages the lag may seem larger than it is, another number every ten seconds.
    pub swing: u32,
    /// What happens each second.
    pub throughput: Throughput,
    /// From when on it has this throughput, from the start of the world.
    pub since: Duration,
}

/// How many messages a source partition is given and its mirror fetches each second. A mirror that has caught up fetches
/// no more than there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Throughput {
    /// Messages written to the source.
    pub written: u32,
    /// Messages that the mirror can fetch.
    pub fetched: u32,
}

impl Mirror {
    /// An `ACTIVE` mirror of the topic of the same name; `lags` by partition. Sent with the highest partition first,
    /// because the API promises no order.
    pub fn new(topic: &str, lags: &[i64]) -> Self {
        let mut partitions: Vec<_> = (0..).zip(lags).map(Partition::new).collect();
        partitions.reverse();
        Self {
            mirror_topic_name: topic.to_owned(),
            source_topic_name: topic.to_owned(),
            mirror_status: "ACTIVE".to_owned(),
            mirror_topic_error: None,
            state_time_ms: START_MS,
            transition_errors: Some(Vec::new()),
            partitions,
        }
    }

    /// With another status since the start of the world.
    #[must_use]
    pub fn status(mut self, mirror_status: &str) -> Self {
        mirror_status.clone_into(&mut self.mirror_status);
        self
    }

    /// With traffic on every partition.
    #[must_use]
    pub fn traffic(mut self, messages_per_second: u32, swing: u32) -> Self {
        for partition in &mut self.partitions {
            partition.throughput = Throughput {
                written: messages_per_second,
                fetched: messages_per_second,
            };
            partition.swing = swing;
        }
        self
    }

    /// With this throughput on every partition.
    #[must_use]
    pub fn throughput(mut self, throughput: Throughput) -> Self {
        self.change_throughput(throughput, Duration::ZERO);
        self
    }

    /// With an error.
    #[must_use]
    pub fn error(mut self, mirror_topic_error: &str) -> Self {
        self.mirror_topic_error = Some(mirror_topic_error.to_owned());
        self
    }

    /// With a change of status that hangs for this reason.
    #[must_use]
    pub fn transition_error(mut self, error_code: &str, error_message: &str) -> Self {
        let errors = self.transition_errors.get_or_insert_default();
        errors.push(TaskError::new(error_code, error_message));
        self
    }

    /// Takes on the throughput `at` this time after the start of the world.
    pub(super) fn change_throughput(&mut self, throughput: Throughput, at: Duration) {
        for partition in &mut self.partitions {
            let (lag, last_source_fetch_offset) = (partition.behind(at), partition.offset_at(at));
            *partition = Partition {
                lag,
                last_source_fetch_offset,
                throughput,
                since: at,
                ..*partition
            };
        }
    }

    /// Takes on the status `at` this time after the start; what is no longer `ACTIVE` keeps the lag it had then.
    pub(super) fn turn(&mut self, status: &str, seed: u64, at: Duration) {
        let milliseconds = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
        self.state_time_ms = START_MS.saturating_add(milliseconds);
        if status != "ACTIVE" {
            for partition in &mut self.partitions {
                *partition = Partition {
                    lag: partition.lag_at(&self.mirror_topic_name, seed, at),
                    last_source_fetch_offset: partition.offset_at(at),
                    swing: 0,
                    throughput: Throughput::default(),
                    since: at,
                    ..*partition
                };
            }
        }
        status.clone_into(&mut self.mirror_status);
    }
}

impl Partition {
    fn new((partition, lag): (u32, &i64)) -> Self {
        Self {
            partition,
            lag: *lag,
            last_source_fetch_offset: 0,
            swing: 0,
            throughput: Throughput::default(),
            since: Duration::ZERO,
        }
    }

    /// The lag of this partition of `topic`, `elapsed` after the start.
    pub(super) fn lag_at(&self, topic: &str, seed: u64, elapsed: Duration) -> i64 {
        let behind = self.behind(elapsed);
        if self.swing == 0 {
            return behind;
        }
        let tick = (elapsed.as_secs() / 10).to_string();
        let number = random::number(seed, &["lag", topic, &self.partition.to_string(), &tick]);
        let above = number % (u64::from(self.swing) + 1);
        behind.saturating_add_unsigned(above)
    }

    /// The fetch offset of this partition, `elapsed` after the start.
    pub(super) fn offset_at(&self, elapsed: Duration) -> i64 {
        if self.last_source_fetch_offset < 0 {
            return self.last_source_fetch_offset;
        }
        let (_, fetched) = self.written_and_fetched(elapsed);
        self.last_source_fetch_offset.saturating_add(fetched)
    }

    /// The lag without its swing.
    fn behind(&self, elapsed: Duration) -> i64 {
        let (written, fetched) = self.written_and_fetched(elapsed);
        self.lag.saturating_add(written).saturating_sub(fetched)
    }

    /// How many messages the source was given and the mirror has fetched by then.
    fn written_and_fetched(&self, elapsed: Duration) -> (i64, i64) {
        let milliseconds = elapsed.saturating_sub(self.since).as_millis();
        let times = |per_second: u32| {
            let messages = milliseconds.saturating_mul(u128::from(per_second)) / 1000;
            i64::try_from(messages).unwrap_or(i64::MAX)
        };
        let written = times(self.throughput.written);
        let fetched = times(self.throughput.fetched).min(self.lag.saturating_add(written));
        (written, fetched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promoted_mirror_keeps_the_lag_it_had() {
        let mut mirror = Mirror::new("orders", &[5, 7]).traffic(10, 100);
        mirror.turn("STOPPED", 1, Duration::from_secs(60));
        let late = Duration::from_secs(3600);
        let frozen = |at| {
            let lags = mirror.partitions.iter().map(|p| p.lag_at("orders", 1, at));
            lags.collect::<Vec<_>>()
        };
        assert_eq!(frozen(Duration::ZERO), frozen(late));
        assert_eq!(mirror.partitions[0].offset_at(late), 600);
        assert_eq!(mirror.state_time_ms, START_MS + 60_000);
    }

    #[test]
    fn a_mirror_falls_behind_stands_still_and_catches_up_as_its_pace_says() {
        let mut mirror = Mirror::new("orders", &[0]);
        let throughput = |written, fetched| Throughput { written, fetched };
        for (minute, throughput) in [
            (0, throughput(10, 4)),
            (1, throughput(10, 0)),
            (2, throughput(10, 100)),
        ] {
            mirror.change_throughput(throughput, Duration::from_secs(60 * minute));
        }
        let at = |second| {
            let at = Duration::from_secs(second);
            let partition = &mirror.partitions[0];
            (partition.offset_at(at), partition.lag_at("orders", 1, at))
        };
        // Up to minute 2 it stood at 240 of 1200 messages.
        assert_eq!(
            [at(120), at(125), at(300)],
            [(240, 960), (740, 510), (3000, 0)]
        );
    }

    #[test]
    fn partitions_come_unsorted() {
        let order: Vec<_> = Mirror::new("orders", &[0, 0, 0])
            .partitions
            .iter()
            .map(|partition| partition.partition)
            .collect();
        assert_eq!(order, [2, 1, 0]);
    }
}
