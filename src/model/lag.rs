//! How long ago a source stood where its mirror stands now: an estimate from remembered observations.
//!
//! The API tells lag in messages and never in seconds. But each answer tells where the end of the source was when it was
//! given: the mirror's fetch position plus its lag. Whoever remembers these ends can look up when the source had its end
//! where the mirror is now; the records that the source was given since are those a failover would lose.
//!
//! **How far off.** A position lies between two remembered ends, and the estimate between the times of their
//! observations, in proportion; so it is off by less than the time between the two. That is one poll interval as long as
//! no partition of the link lags by more than [`LagHistory::FRAMES`] polls. Then observations are thinned out so that the
//! gaps stay small beside their age: with polls every 30 s the estimate is off by at most a tenth while nothing lags by
//! more than an hour, and by three tenths up to a day. For a source with steady traffic proportion is exact.
//!
//! While the source is silent and the mirror does not catch up, the estimate grows as time does: the first record that is
//! missing gets older. A mirror that caught up lags by 0 s. A mirror that lagged when it was first observed has a lower
//! bound, the age of that observation, until it has caught up with where the source was then.
//!
//! **What is not said.** A partition that an answer leaves out keeps what is remembered of it: it neither catches up nor
//! moves, and where its source stood meanwhile is not known. Its lag is not known until it is told again, or its topic is
//! said to have fewer partitions for as long as [`LagHistory::DOUBTED`]: then it was made anew. A partition that had a
//! position and now has neither position nor lag is left out too: its fetcher began anew and does not know.
//!
//! **How much memory.** Of each partition, 8 bytes for each remembered observation and a fixed number beside them. The
//! observations are shared between snapshots, never copied.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{Fact, MirrorLag, MirrorPartition, MirrorTopic, ObservedMirror, Unknown};

mod layout;
mod saved;
#[cfg(test)]
mod tests;
mod thin;

use layout::Layout;
pub use saved::SavedLag;

/// The remembered observations of one link's mirror topics.
#[derive(Clone, Default)]
pub struct LagHistory {
    layout: Arc<Layout>,
    /// Oldest first. The last one is the last observation.
    frames: Vec<Arc<Frame>>,
    /// What each partition did last.
    tracks: Vec<Track>,
}

/// Where the ends of all sources were at one moment; [`NOT_SAID`] where nobody said.
struct Frame {
    at: Millis,
    ends: Box<[u64]>,
}

/// No log is as long.
const NOT_SAID: u64 = u64::MAX;

/// Milliseconds since 1970.
type Millis = i64;

/// How long ago something was, in milliseconds.
enum Age {
    /// As near as the history tells.
    Exact(i64),
    /// It was before the history begins.
    AtLeast(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Track {
    fetched: Option<u64>,
    /// Where the source's end was when it was last said.
    end: u64,
    /// Older frames tell of another log, or of nothing.
    valid_from: Millis,
    /// Since when there is something to fetch and the position has not moved; `MAX` while there is nothing.
    idle_since: Millis,
    /// Whether it was seen then that it moved, or that there was nothing to fetch. When it is first seen it may have stood still
    /// for any time.
    was_seen_to_move: bool,
    /// When it was last part of an answer.
    told_at: Millis,
}

/// What follows from the history of one topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicLag {
    /// How far it is behind.
    pub lag: MirrorLag,
    /// Whether a partition lags and its fetch position has not moved for [`ObservedMirror::STALLED_AFTER`].
    pub stalled: Fact<bool>,
}

impl TopicLag {
    /// That of a topic without partitions.
    const NONE: Self = Self {
        lag: MirrorLag {
            messages: 0,
            max_messages: 0,
            age: Duration::ZERO,
            is_lower_bound: false,
            is_partial: false,
        },
        stalled: Ok(false),
    };

    fn and(self, other: Self) -> Self {
        let stalled = match (self.stalled, other.stalled) {
            (Ok(true), _) | (_, Ok(true)) => Ok(true),
            (Err(why), _) | (_, Err(why)) => Err(why),
            _ => Ok(false),
        };
        Self {
            lag: self.lag.and(other.lag),
            stalled,
        }
    }

    /// The same of a topic of which some partitions are not known at all.
    fn partial(self) -> Self {
        let lag = MirrorLag {
            is_partial: true,
            ..MirrorLag::default()
        };
        self.and(Self {
            lag,
            stalled: Err(Unknown::NotSent),
        })
    }
}

impl LagHistory {
    /// How many observations are remembered at the most.
    pub const FRAMES: usize = 48;
    /// How long an answer is doubted that counts fewer partitions of a topic than are known.
    pub const DOUBTED: SignedDuration = SignedDuration::from_hours(1);

    /// The history with one observation more, and what follows for each topic, in the order of `topics`.
    ///
    /// `topics` are sorted by name and are [still mirroring](super::MirrorStatus::is_mirroring). What is remembered of a
    /// topic that is not among them is forgotten. A partition that its topic does not tell of is not, even where the topic
    /// seems whole. An observation that is not later than the last one starts the history over: the clock was set back.
    pub fn observe(&self, at: Timestamp, topics: &[&MirrorTopic]) -> (Self, Vec<TopicLag>) {
        let now = at.as_millisecond();
        let is_later = self.frames.last().is_none_or(|last| last.at < now);
        let nothing = Self::default();
        let before = if is_later { self } else { &nothing };
        let stays = |topic: &MirrorTopic, slot: usize| {
            let has_fewer = topic.is_lag_whole && topic.is_counted;
            !has_fewer || before.tracks[slot].stands(now)
        };
        let mut next = before.laid_out(before.layout.followed_by(topics, stays));
        next.append(now, topics);

        let mut needed = next.frames.len() - 1;
        let mut slots = 0..;
        let lags = topics.iter().zip(next.layout.topics());
        let lags = lags.map(|(topic, partitions)| {
            let mut total = TopicLag::NONE;
            let sent = layout::sent(partitions, topic);
            for (partition, slot) in sent.zip(&mut slots) {
                let (lag, from) = next.lag_of(partition, slot);
                total = total.and(lag);
                needed = needed.min(from);
            }
            if topic.is_lag_whole {
                total
            } else {
                total.partial()
            }
        });
        let lags = lags.collect();
        next.frames.drain(..needed);
        thin::to(&mut next.frames, Self::FRAMES, |frame| frame.at);
        (next, lags)
    }

    /// Whether it remembers nothing.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// Whether both remember the same.
    pub fn is_same(&self, other: &Self) -> bool {
        let of = |history: &Self| history.frames.last().map(Arc::as_ptr);
        self.frames.len() == other.frames.len() && of(self) == of(other)
    }

    /// The same history for these partitions; of those that are new there is none.
    fn laid_out(&self, layout: Layout) -> Self {
        if *self.layout == layout {
            return self.clone();
        }
        let before = self.layout.places(&layout);
        let place =
            |before: &Option<usize>, ends: &[u64]| before.map_or(NOT_SAID, |slot| ends[slot]);
        let frames = self.frames.iter().map(|frame| {
            let ends = before.iter().map(|before| place(before, &frame.ends));
            Arc::new(Frame {
                at: frame.at,
                ends: ends.collect(),
            })
        });
        let tracks = before.iter().map(|slot| match slot {
            Some(slot) => self.tracks[*slot],
            None => Track::UNKNOWN,
        });
        Self {
            frames: frames.collect(),
            tracks: tracks.collect(),
            layout: Arc::new(layout),
        }
    }

    fn append(&mut self, now: Millis, topics: &[&MirrorTopic]) {
        let layout = self.layout.clone();
        let sent = topics
            .iter()
            .zip(layout.topics())
            .flat_map(|(topic, partitions)| layout::sent(partitions, topic));
        let ends = sent.zip(&mut self.tracks).map(|(partition, track)| {
            let Some(partition) = partition.filter(|partition| track.is_told_by(partition)) else {
                return NOT_SAID;
            };
            *track = track.follow(now, partition);
            track.end
        });
        let ends = ends.collect();
        self.frames.push(Arc::new(Frame { at: now, ends }));
    }

    /// How far one partition is behind, and the index of the oldest frame that tells so.
    fn lag_of(&self, partition: Option<&MirrorPartition>, slot: usize) -> (TopicLag, usize) {
        let newest = self.frames.len() - 1;
        let now = self.frames[newest].at;
        let track = &self.tracks[slot];
        let Some(partition) = partition.filter(|partition| track.is_told_by(partition)) else {
            let from = match track.fetched {
                Some(fetched) if track.lags() => self.age_of(fetched, slot).1,
                _ => newest,
            };
            return (TopicLag::NONE.partial(), from);
        };
        let (age, from) = match partition.fetched {
            _ if partition.lag == 0 => (Age::Exact(0), newest),
            // Nothing was ever fetched: the source's end is not known, only since when there is something to fetch.
            None => (Age::AtLeast(now - track.idle_since), newest),
            Some(fetched) => self.age_of(fetched, slot),
        };
        let (Age::Exact(milliseconds) | Age::AtLeast(milliseconds)) = age;
        let lag = TopicLag {
            lag: MirrorLag {
                messages: partition.lag,
                max_messages: partition.lag,
                age: Duration::from_millis(milliseconds.unsigned_abs()),
                is_lower_bound: matches!(age, Age::AtLeast(_)),
                is_partial: false,
            },
            stalled: track.is_stalled(now),
        };
        (lag, from)
    }

    /// How long ago the source's end was at `fetched`, and the index of the frame before that.
    fn age_of(&self, fetched: u64, slot: usize) -> (Age, usize) {
        let valid_from = self.tracks[slot].valid_from;
        let valid = self.frames.partition_point(|frame| frame.at < valid_from);
        let frames = &self.frames[valid..];
        let now = self.frames[self.frames.len() - 1].at;
        // Ends never fall, and most mirrors are near the newest.
        let before = frames.iter().rposition(|frame| frame.ends[slot] <= fetched);
        let Some(before) = before else {
            let is_said = |frame: &Arc<Frame>| frame.ends[slot] != NOT_SAID;
            let first = frames.iter().position(is_said).unwrap_or_default();
            return (Age::AtLeast(now - frames[first].at), valid + first);
        };
        let mut after = frames[before + 1..].iter();
        let Some(after) = after.find(|frame| frame.ends[slot] != NOT_SAID) else {
            return (Age::Exact(0), valid + before);
        };
        let before_frame = &frames[before];
        let (low, high) = (before_frame.ends[slot], after.ends[slot]);
        let share = (fetched - low) as f64 / (high - low) as f64;
        let gap = Duration::from_millis((after.at - before_frame.at).unsigned_abs());
        let into_gap = i64::try_from(gap.mul_f64(share).as_millis()).unwrap_or_default();
        (Age::Exact(now - before_frame.at - into_gap), valid + before)
    }
}

impl Track {
    /// Before the first observation.
    const UNKNOWN: Self = Self {
        fetched: None,
        end: 0,
        valid_from: Millis::MAX,
        idle_since: Millis::MAX,
        was_seen_to_move: false,
        told_at: 0,
    };

    /// Whether there was something to fetch when it was last said.
    fn lags(&self) -> bool {
        self.idle_since != Millis::MAX
    }

    /// Whether this says how far it is behind: that nothing lags before the first fetch says nothing once there was
    /// something to fetch, or a position.
    fn is_told_by(&self, partition: &MirrorPartition) -> bool {
        let says_nothing = partition.fetched.is_none() && partition.lag == 0;
        !says_nothing || self.fetched.is_none() && self.end == 0
    }

    /// Whether what was last told of it is young enough to doubt an answer without it.
    fn stands(&self, now: Millis) -> bool {
        i128::from(now - self.told_at) < LagHistory::DOUBTED.as_millis()
    }

    /// What becomes of it with this observation.
    fn follow(&self, now: Millis, partition: &MirrorPartition) -> Self {
        let &MirrorPartition { lag, fetched, .. } = partition;
        let is_first = self.valid_from == Millis::MAX;
        let stands = fetched == self.fetched;
        let idle_since = match lag {
            0 => Millis::MAX,
            _ if stands => self.idle_since.min(now),
            _ => now,
        };
        let end = fetched
            .unwrap_or_default()
            .saturating_add(lag)
            .min(NOT_SAID - 1);
        let continues = match (self.fetched, fetched) {
            // The log was cut off or created anew only where both the mirror and the source went back. An end that alone
            // seems to go back was told a moment later than the position.
            (Some(before), Some(fetched)) => fetched >= before || end >= self.end,
            _ => false,
        };
        let (valid_from, end) = if continues {
            (self.valid_from, end.max(self.end))
        } else {
            (now, end)
        };
        Self {
            fetched,
            end,
            valid_from,
            idle_since,
            was_seen_to_move: lag == 0
                || !is_first && (!stands || !self.lags() || self.was_seen_to_move),
            told_at: now,
        }
    }

    fn is_stalled(&self, now: Millis) -> Fact<bool> {
        let stalled_after = i64::try_from(ObservedMirror::STALLED_AFTER.as_millis())
            .expect("minutes fit into milliseconds");
        if !self.lags() {
            Ok(false)
        } else if now - self.idle_since >= stalled_after {
            Ok(true)
        } else if self.was_seen_to_move {
            Ok(false)
        } else {
            Err(Unknown::TooEarly)
        }
    }
}

impl std::fmt::Debug for LagHistory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (partitions, frames) = (self.tracks.len(), self.frames.len());
        write!(f, "LagHistory({partitions} partitions, {frames} frames)")
    }
}
