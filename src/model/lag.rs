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
//! **How much memory.** Of each partition, 8 bytes for each remembered observation and a fixed number beside them. The
//! observations are shared between snapshots, never copied.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{KeptMirror, MirrorLag, MirrorPartition, MirrorTopic, TopicName};

#[cfg(test)]
mod tests;
mod thin;

/// The remembered observations of one link's mirror topics.
#[derive(Clone, Default)]
pub struct LagHistory {
    layout: Arc<Layout>,
    /// Oldest first. The last one is the last observation.
    frames: Vec<Arc<Frame>>,
    /// What each partition did last.
    tracks: Vec<Track>,
}

/// Which place in a frame belongs to which partition: topics by name, each with its partitions in order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Layout(Vec<(TopicName, Vec<i32>)>);

/// Where the ends of all sources were at one moment.
struct Frame {
    at: Millis,
    ends: Box<[u64]>,
}

/// Milliseconds since 1970.
type Millis = i64;

/// How long ago something was, in milliseconds.
enum Age {
    /// As near as the history tells.
    Exact(i64),
    /// It was before the history begins.
    AtLeast(i64),
}

#[derive(Clone, Copy)]
struct Track {
    fetched: Option<u64>,
    /// Older frames tell of another log, or of nothing.
    valid_from: Millis,
    /// Since when there is something to fetch and the position has not moved; `MAX` while there is nothing.
    idle_since: Millis,
}

/// What follows from the history of one topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TopicLag {
    /// How far it is behind.
    pub lag: MirrorLag,
    /// A partition lags and its fetch position has not moved for [`KeptMirror::STALLED_AFTER`].
    pub is_stalled: bool,
}

impl LagHistory {
    /// How many observations are remembered at the most.
    pub const FRAMES: usize = 48;

    /// The history with one observation more, and what follows for each topic, in the order of `topics`.
    ///
    /// `topics` are sorted by name and are [still mirroring](super::MirrorStatus::is_mirroring). An observation that is
    /// not later than the last one starts the history over: the clock was set back.
    pub fn observe(&self, at: Timestamp, topics: &[&MirrorTopic]) -> (Self, Vec<TopicLag>) {
        let now = at.as_millisecond();
        let is_later = self.frames.last().is_none_or(|last| last.at < now);
        let mut next = if is_later {
            self.laid_out(Layout::of(topics))
        } else {
            Self::default().laid_out(Layout::of(topics))
        };
        next.append(now, topics);

        let mut needed = next.frames.len() - 1;
        let mut slots = 0..;
        let lags = topics.iter().map(|topic| {
            let mut total = TopicLag::default();
            for (partition, slot) in topic.partitions.iter().zip(&mut slots) {
                let (lag, from) = next.lag_of(partition, slot);
                total.lag = total.lag.and(lag.lag);
                total.is_stalled |= lag.is_stalled;
                needed = needed.min(from);
            }
            total
        });
        let lags = lags.collect();
        next.frames.drain(..needed);
        thin::to(&mut next.frames, Self::FRAMES, |frame| frame.at);
        (next, lags)
    }

    /// The same history for these partitions; of those that are new there is none.
    fn laid_out(&self, layout: Layout) -> Self {
        if *self.layout == layout {
            return self.clone();
        }
        let before = self.layout.places(&layout);
        let place = |before: &Option<usize>, ends: &[u64]| before.map_or(0, |slot| ends[slot]);
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
        let last = self.frames.last();
        let partitions = topics.iter().flat_map(|topic| &topic.partitions);
        let ends =
            partitions
                .zip(&mut self.tracks)
                .enumerate()
                .map(|(slot, (partition, track))| {
                    let last_end = last.map_or(0, |last| last.ends[slot]);
                    let (next, end) = track.follow(now, partition, last_end);
                    *track = next;
                    end
                });
        let ends = ends.collect();
        self.frames.push(Arc::new(Frame { at: now, ends }));
    }

    /// How far one partition is behind, and the index of the oldest frame that tells so.
    fn lag_of(&self, partition: &MirrorPartition, slot: usize) -> (TopicLag, usize) {
        let newest = self.frames.len() - 1;
        let now = self.frames[newest].at;
        let track = &self.tracks[slot];
        let (age, from) = match partition.fetched {
            _ if partition.lag == 0 => (Age::Exact(0), newest),
            // Nothing was ever fetched: the source's end is not known, only since when there is something to fetch.
            None => (Age::AtLeast(now - track.idle_since), newest),
            Some(fetched) => self.age_of(fetched, slot),
        };
        let (Age::Exact(milliseconds) | Age::AtLeast(milliseconds)) = age;
        let stalled_after = i64::try_from(KeptMirror::STALLED_AFTER.as_millis())
            .expect("minutes fit into milliseconds");
        let lag = TopicLag {
            lag: MirrorLag {
                messages: partition.lag,
                max_messages: partition.lag,
                age: Duration::from_millis(milliseconds.unsigned_abs()),
                is_lower_bound: matches!(age, Age::AtLeast(_)),
            },
            is_stalled: partition.lag > 0 && now - track.idle_since >= stalled_after,
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
            return (Age::AtLeast(now - frames[0].at), valid);
        };
        let Some(after) = frames.get(before + 1) else {
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
        valid_from: Millis::MAX,
        idle_since: Millis::MAX,
    };

    /// What becomes of it with this observation, and where the source's end is.
    fn follow(&self, now: Millis, partition: &MirrorPartition, last_end: u64) -> (Self, u64) {
        let &MirrorPartition { lag, fetched, .. } = partition;
        let idle_since = match lag {
            0 => Millis::MAX,
            _ if fetched == self.fetched => self.idle_since.min(now),
            _ => now,
        };
        let end = fetched.unwrap_or_default().saturating_add(lag);
        let continues = match (self.fetched, fetched) {
            // The log was cut off or created anew only where both the mirror and the source went back. An end that alone
            // seems to go back was told a moment later than the position.
            (Some(before), Some(fetched)) => fetched >= before || end >= last_end,
            _ => false,
        };
        let (valid_from, end) = if continues {
            (self.valid_from, end.max(last_end))
        } else {
            (now, end)
        };
        let next = Self {
            fetched,
            valid_from,
            idle_since,
        };
        (next, end)
    }
}

impl Layout {
    fn of(topics: &[&MirrorTopic]) -> Self {
        let topics = topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|p| p.partition);
            (topic.topic_name.clone(), partitions.collect())
        });
        Self(topics.collect())
    }

    fn partitions(&self) -> impl Iterator<Item = (&TopicName, i32)> {
        let topics = self.0.iter();
        topics.flat_map(|(name, partitions)| partitions.iter().map(move |number| (name, *number)))
    }

    /// For each partition of `next` its place here, where it has one. Both are in order.
    fn places(&self, next: &Self) -> Vec<Option<usize>> {
        let mut here = self.partitions().enumerate().peekable();
        let places = next.partitions().map(|partition| {
            while here.next_if(|(_, known)| *known < partition).is_some() {}
            here.next_if(|(_, known)| *known == partition)
                .map(|(place, _)| place)
        });
        places.collect()
    }
}

impl std::fmt::Debug for LagHistory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (partitions, frames) = (self.tracks.len(), self.frames.len());
        write!(f, "LagHistory({partitions} partitions, {frames} frames)")
    }
}
