//! Mirror topics and their lag.

use std::time::Duration;

use super::{TaskError, World, random};

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
    /// REST field `lag`, messages: the least it ever is.
    pub lag: i64,
    /// REST field `last_source_fetch_offset` at the start; -1 before the first fetch.
    pub last_source_fetch_offset: i64,
    /// How many messages the lag may be above its least, another number every ten seconds.
    pub swing: u32,
    /// How many messages are fetched each second.
    pub messages_per_second: u32,
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
            state_time_ms: World::START_MS,
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
            partition.messages_per_second = messages_per_second;
            partition.swing = swing;
        }
        self
    }

    /// Takes on the status `at` this time after the start; what is no longer `ACTIVE` keeps the lag it had then.
    pub(super) fn turn(&mut self, status: &str, seed: u64, at: Duration) {
        let milliseconds = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
        self.state_time_ms = World::START_MS.saturating_add(milliseconds);
        if status != "ACTIVE" {
            for partition in &mut self.partitions {
                *partition = Partition {
                    lag: partition.lag_at(&self.mirror_topic_name, seed, at),
                    last_source_fetch_offset: partition.offset_at(at),
                    swing: 0,
                    messages_per_second: 0,
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
            messages_per_second: 0,
        }
    }

    /// The lag of this partition of `topic`, `elapsed` after the start.
    pub(super) fn lag_at(&self, topic: &str, seed: u64, elapsed: Duration) -> i64 {
        if self.swing == 0 {
            return self.lag;
        }
        let tick = (elapsed.as_secs() / 10).to_string();
        let number = random::number(seed, &["lag", topic, &self.partition.to_string(), &tick]);
        let above = number % (u64::from(self.swing) + 1);
        self.lag.saturating_add_unsigned(above)
    }

    /// The fetch offset of this partition, `elapsed` after the start.
    pub(super) fn offset_at(&self, elapsed: Duration) -> i64 {
        if self.last_source_fetch_offset < 0 {
            return self.last_source_fetch_offset;
        }
        let fetched = elapsed
            .as_secs()
            .saturating_mul(u64::from(self.messages_per_second));
        self.last_source_fetch_offset
            .saturating_add_unsigned(fetched)
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
        assert_eq!(mirror.state_time_ms, World::START_MS + 60_000);
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
