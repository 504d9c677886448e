//! The part of a history that the next process needs, for whatever keeps it.
//!
//! Of each partition that is where it and its source stood last, and the two observations between which its source stood
//! where the mirror stands: enough to say the same of it as before, and to go on from there.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{Frame, LagHistory, Layout, Millis, NOT_SAID, Track};

/// What is saved of a [`LagHistory`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedLag {
    topics: Vec<(String, Vec<SavedPartition>)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SavedPartition {
    partition: i32,
    fetched: Option<u64>,
    end: u64,
    valid_from: Millis,
    idle_since: Option<Millis>,
    was_seen_to_move: bool,
    told_at: Millis,
    /// When the source's end was where; oldest first.
    ends: Vec<(Millis, u64)>,
}

impl LagHistory {
    /// What the next process needs of it.
    pub fn saved(&self) -> SavedLag {
        let mut slots = 0..;
        let topics = self.layout.0.iter().map(|(name, partitions)| {
            let partitions = partitions.iter().zip(&mut slots);
            let partitions = partitions.map(|(partition, slot)| self.partition(*partition, slot));
            (name.as_str().to_owned(), partitions.collect())
        });
        SavedLag {
            topics: topics.collect(),
        }
    }

    fn partition(&self, partition: i32, slot: usize) -> SavedPartition {
        let Track {
            fetched,
            end,
            valid_from,
            idle_since,
            was_seen_to_move,
            told_at,
        } = self.tracks[slot];
        let mut points: Vec<(Millis, u64)> = Vec::new();
        let frames = self.frames.iter().filter(|frame| frame.at >= valid_from);
        for frame in frames.filter(|frame| frame.ends[slot] != NOT_SAID) {
            let point = (frame.at, frame.ends[slot]);
            // The last before the position, the first behind it, and the last of all.
            let is_passed = |end: u64| end <= fetched.unwrap_or_default();
            if points.len() == 3 || points.len() == 1 && is_passed(point.1) {
                points.pop();
            }
            points.push(point);
        }
        SavedPartition {
            partition,
            fetched,
            end,
            valid_from,
            idle_since: (idle_since != Millis::MAX).then_some(idle_since),
            was_seen_to_move,
            told_at,
            ends: points,
        }
    }

    /// A history that goes on where the saved one stopped.
    pub fn restored(saved: &SavedLag) -> Self {
        let partitions = || saved.topics.iter().flat_map(|(_, partitions)| partitions);
        let count = partitions().count();
        let mut frames: BTreeMap<Millis, Vec<u64>> = BTreeMap::new();
        for (slot, partition) in partitions().enumerate() {
            for (at, end) in &partition.ends {
                frames.entry(*at).or_insert_with(|| vec![NOT_SAID; count])[slot] = *end;
            }
        }
        let layout = saved.topics.iter().map(|(name, partitions)| {
            let numbers = partitions.iter().map(|partition| partition.partition);
            (name.as_str().into(), numbers.collect())
        });
        let track = |partition: &SavedPartition| Track {
            fetched: partition.fetched,
            end: partition.end,
            valid_from: partition.valid_from,
            idle_since: partition.idle_since.unwrap_or(Millis::MAX),
            was_seen_to_move: partition.was_seen_to_move,
            told_at: partition.told_at,
        };
        Self {
            layout: Arc::new(Layout(layout.collect())),
            tracks: partitions().map(track).collect(),
            frames: frames
                .into_iter()
                .map(|(at, ends)| {
                    Arc::new(Frame {
                        at,
                        ends: ends.into(),
                    })
                })
                .collect(),
        }
    }
}
