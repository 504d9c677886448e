//! Mirror topics: what one answer says of each, and what is kept of all those of a link.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{ErrorCode, Fact, MirrorStatus, ReportedError, TopicName, Unknown};

/// A mirror topic, as the list of mirrors describes it (`KafkaMirrorData`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorTopic {
    /// REST field `mirror_topic_name`.
    pub topic_name: TopicName,
    /// REST field `mirror_status`.
    pub status: MirrorStatus,
    /// REST field `mirror_topic_error`; `None` when healthy.
    pub error: Option<ErrorCode>,
    /// REST field `state_time_ms`: since when it has this status, by the server's clock. `None` where it does not say.
    pub status_since: Option<Timestamp>,
    /// REST field `mirror_lags`, sorted by partition, each once. A partition whose lag is not known is not here.
    pub partitions: Vec<MirrorPartition>,
    /// Whether these are all partitions of the topic, as far as the answer itself tells: each number from 0 on once, and
    /// as many as `num_partitions` where the server sends it. Where they are not, how far the topic lags is not known.
    pub is_lag_whole: bool,
    /// Whether the server said how many partitions there are.
    pub is_counted: bool,
}

/// One partition of a mirror topic (`MirrorLag`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MirrorPartition {
    /// REST field `partition`.
    pub partition: i32,
    /// REST field `lag`, in messages.
    pub lag: u64,
    /// REST field `last_source_fetch_offset`; `None` before the first fetch, which the API writes as -1.
    pub fetched: Option<u64>,
}

/// How much of the mirror topics is asked for and kept; setting `collect.mirrors`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, IntoStaticStr, VariantArray, EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum MirrorDetail {
    /// Nothing: they are not asked for.
    Off,
    /// Counts and lag by link.
    #[default]
    Summary,
    /// The same, and each topic that is [unhealthy](ObservedMirror::is_unhealthy).
    Unhealthy,
    /// The same, and each topic.
    All,
}

impl MirrorDetail {
    /// All of them, from the least to the most.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word of the configuration.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What one answer says of a link's mirror topics.
#[derive(Clone, Debug)]
pub struct MirrorReport {
    /// When it was answered.
    pub at: Timestamp,
    /// How much of it is to be kept.
    pub detail: MirrorDetail,
    /// Sorted by name, each name once.
    pub topics: Vec<MirrorTopic>,
    /// Topics of this link that were sent without a name: nobody knows which ones they are.
    pub nameless: usize,
    /// Why changes of status do not finish, for the topics that were asked about. An empty list is an answer too.
    pub transition_errors: Vec<(TopicName, Vec<ReportedError>)>,
}

/// What is known of a link's mirror topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrors {
    /// When the server was last asked for them with success.
    pub observed_at: Timestamp,
    /// How many topics there are in each status, in the order of [`MirrorStatus::TABLE`]. Nameless ones count as
    /// `UNKNOWN`.
    pub statuses: [usize; MirrorStatus::TABLE.len()],
    /// How many topics report each `mirror_topic_error`; healthy ones are not counted.
    pub errors: BTreeMap<ErrorCode, usize>,
    /// The lag of those that [are still mirroring](MirrorStatus::is_mirroring).
    pub lag: MirrorLag,
    /// How many of those [are known to be stalled](ObservedMirror::stalled).
    pub stalled: usize,
    /// Why it is not known of others.
    pub stalled_unknown: Option<Unknown>,
    /// The answer held nothing that was not understood: names, statuses, and the lags of topics that are mirrored.
    pub is_understood: bool,
    /// Topics whose change of status hangs, with what the server says about it; sorted by name. Only those that were
    /// asked about and answered with errors.
    pub hanging: Vec<HangingTopic>,
    /// The topics themselves, as far as [`MirrorDetail`] wants them; sorted by name.
    pub topics: Vec<ObservedMirror>,
}

/// How far one or more mirror topics are behind their sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MirrorLag {
    /// Sum over all partitions, in messages.
    pub messages: u64,
    /// The largest of one partition, in messages.
    pub max_messages: u64,
    /// The worst partition's estimate: how long ago the source stood where the mirror stands now. What the source was
    /// given since would be lost by a failover at this moment. 0 where nothing lags.
    pub age: Duration,
    /// The remembered history does not reach back to the position of a mirror that lags: `age` is a lower bound.
    pub is_lower_bound: bool,
    /// The lag of some partitions is not known: all figures are lower bounds.
    pub is_partial: bool,
}

/// A topic whose `PENDING_…` status stands for minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HangingTopic {
    /// REST field `mirror_topic_name`.
    pub topic_name: TopicName,
    /// Its status.
    pub status: MirrorStatus,
    /// Since when, by the server's clock.
    pub status_since: Option<Timestamp>,
    /// REST field `mirror_state_transition_errors`; not empty.
    pub errors: Vec<ReportedError>,
}

/// One mirror topic with what follows from its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedMirror {
    /// REST field `mirror_topic_name`.
    pub topic_name: TopicName,
    /// REST field `mirror_status`.
    pub status: MirrorStatus,
    /// REST field `mirror_topic_error`; `None` when healthy.
    pub error: Option<ErrorCode>,
    /// `None` where it is no mirror any more: the lag it had then stands for ever and says nothing.
    pub lag: Option<MirrorLag>,
    /// Whether it should mirror, a partition of it lags, and that partition's fetch position has not moved for
    /// [`ObservedMirror::STALLED_AFTER`].
    pub stalled: Fact<bool>,
}

impl MirrorReport {
    /// An answer that is understood whole, at this time.
    pub fn new(at: Timestamp, detail: MirrorDetail, topics: Vec<MirrorTopic>) -> Self {
        Self {
            at,
            detail,
            topics,
            nameless: 0,
            transition_errors: Vec::new(),
        }
    }
}

impl Mirrors {
    /// What stands where a link has no mirror topics.
    pub fn none(observed_at: Timestamp) -> Self {
        Self {
            observed_at,
            statuses: [0; MirrorStatus::TABLE.len()],
            errors: BTreeMap::new(),
            lag: MirrorLag::default(),
            stalled: 0,
            stalled_unknown: None,
            is_understood: true,
            hanging: Vec::new(),
            topics: Vec::new(),
        }
    }

    /// How far they lag, where that is known of all that mirror.
    pub fn known_lag(&self) -> Fact<MirrorLag> {
        self.lag.known()
    }

    /// How many are stalled. What is seen counts; that none is must be known of all.
    pub fn known_stalled(&self) -> Fact<usize> {
        match self.stalled_unknown {
            Some(why) if self.stalled == 0 => Err(why),
            _ => Ok(self.stalled),
        }
    }

    /// Why the status of some is not known.
    pub fn unknown_statuses(&self) -> Option<Unknown> {
        let is_there = self.count(&MirrorStatus::Unknown) > 0;
        is_there.then_some(Unknown::NotSent)
    }

    /// How many topics have this status.
    pub fn count(&self, status: &MirrorStatus) -> usize {
        self.statuses[status.index()]
    }

    /// How many topics there are, those that are mirrors no longer included.
    pub fn listed(&self) -> usize {
        self.statuses.iter().sum()
    }

    /// How many topics have a status that this condition holds for.
    pub fn count_where(&self, condition: impl Fn(&MirrorStatus) -> bool) -> usize {
        let rows = MirrorStatus::TABLE.iter().zip(self.statuses);
        // Most statuses have none, and to read a name costs more than to see that.
        rows.filter(|(row, count)| *count > 0 && condition(&MirrorStatus::parse(row.name)))
            .map(|(_, count)| count)
            .sum()
    }
}

impl MirrorLag {
    /// The lag of these and those together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            messages: self.messages.saturating_add(other.messages),
            max_messages: self.max_messages.max(other.max_messages),
            age: self.age.max(other.age),
            // Whichever is only a bound may be the oldest of all.
            is_lower_bound: self.is_lower_bound || other.is_lower_bound,
            is_partial: self.is_partial || other.is_partial,
        }
    }

    /// The lag, where it is known of every partition.
    pub fn known(self) -> Fact<Self> {
        if self.is_partial {
            Err(Unknown::NotSent)
        } else {
            Ok(self)
        }
    }

    /// How long, for a person.
    pub fn in_words(&self) -> String {
        let bound = if self.is_lower_bound || self.is_partial {
            "at least "
        } else {
            ""
        };
        format!("{bound}{}", whole_seconds(self.age))
    }
}

/// As the configuration writes durations, without what is less than a second: no lag is known as exactly.
pub fn whole_seconds(duration: Duration) -> humantime::FormattedDuration {
    humantime::format_duration(Duration::from_secs(duration.as_secs()))
}

impl ObservedMirror {
    /// How long a fetch position may stand still behind its source.
    pub const STALLED_AFTER: Duration = Duration::from_secs(15 * 60);

    /// Whether it does something else than mirror, or was promoted or failed over: any other status than `ACTIVE` and
    /// `STOPPED`, an error, or stalled.
    pub fn is_unhealthy(&self) -> bool {
        let is_fine = matches!(self.status, MirrorStatus::Active | MirrorStatus::Stopped);
        !is_fine || self.error.is_some() || self.stalled == Ok(true)
    }
}

/// A link's mirror topics, in the snapshot.
#[derive(Clone, Debug)]
pub struct ObservedMirrors {
    /// What is known of them.
    pub summary: Arc<Mirrors>,
    /// They were asked for since then, and did not come.
    pub is_failing: bool,
    /// It is older than [`super::Limits::stale_after`] and not shown.
    pub is_stale: bool,
}

impl From<Mirrors> for ObservedMirrors {
    fn from(mirrors: Mirrors) -> Self {
        Self {
            summary: Arc::new(mirrors),
            is_failing: false,
            is_stale: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_counted_by_status_and_an_unheard_of_one_is_unknown() {
        let mut mirrors = Mirrors::none(Timestamp::UNIX_EPOCH);
        for status in [
            "ACTIVE",
            "ACTIVE",
            "PENDING_STOPPED",
            "PENDING_RESTORE",
            "DREAMING",
        ] {
            mirrors.statuses[MirrorStatus::parse(status).index()] += 1;
        }
        let counts = [
            mirrors.count(&MirrorStatus::Active),
            mirrors.count(&MirrorStatus::Unknown),
            mirrors.count_where(MirrorStatus::is_pending),
            mirrors.listed(),
        ];
        assert_eq!(counts, [2, 1, 2, 5]);
    }
}
