//! What one receiver has still to be told: plain data, without a clock and without a network.
//!
//! It is bounded, and what is dropped is the newest trigger. The order of one alert is kept: a resolve never overtakes its
//! trigger nor erases it, and a resolve whose trigger was told always finds room. Only a receiver of states is spared
//! what is outdated: an Alertmanager that hears of a trigger together with its resolve tells nobody of either.
//!
//! A receiver of changes is told each change once. What it knows is remembered, so a trigger for which there was no room,
//! or that fired before the receiver was configured, is made up for when the alert is next repeated, and one that was told
//! before a restart is not told again.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    key::Key,
    receiver::{Group, Wants},
};
use crate::alert::{Alert, Status};

/// The notifications that wait for one receiver, and what it knows.
#[derive(Debug)]
pub(super) struct Queue {
    wants: Wants,
    /// So many find room; the resolves of what was told come on top, at most one an alert.
    capacity: usize,
    waiting: VecDeque<Waiting>,
    known: BTreeMap<Key, Known>,
    tickets: u64,
}

/// A notification to hand in.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) key: Key,
    pub(super) group: Group,
    pub(super) alert: Arc<Alert>,
}

/// A notification that waits. A copy of it travels.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// Says whether the copy that comes back is still what waits here.
    ticket: u64,
    pub(super) item: Item,
    /// How many attempts failed.
    tries: u32,
    is_under_way: bool,
    /// It was refused together with others, and goes alone to find out which of them it was.
    is_alone: bool,
}

/// The last that the receiver heard of an alert was that it fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    starts_at: Timestamp,
    /// It took that, or refused it for good.
    is_told: bool,
}

/// What became of a notification that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entered {
    /// It waits at the end.
    Queued,
    /// It took the place of one that had waited.
    Replaced,
    /// The receiver knows, or will know without it.
    Needless,
    /// The queue is full.
    NoRoom,
}

/// How an attempt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// The receiver took it.
    Delivered,
    /// It will be tried again.
    Failed,
    /// The receiver refused a message of several alerts: each will be tried again alone, because one that it cannot read
    /// must not take the others with it.
    Apart,
    /// The receiver refused it for good.
    Refused,
}

/// How often the resolve of an alert that the receiver took is tried though it refuses it. It is written anew each time.
const RESOLVE_TRIES: u32 = 4;

impl Queue {
    /// An empty queue. `told` are the alerts that the receiver knows to fire, and since when.
    pub(super) fn new(wants: Wants, capacity: usize, told: BTreeMap<Key, Timestamp>) -> Self {
        let known = |(key, starts_at)| {
            let known = Known {
                starts_at,
                is_told: true,
            };
            (key, known)
        };
        Self {
            wants,
            capacity,
            waiting: VecDeque::new(),
            known: told.into_iter().map(known).collect(),
            tickets: 0,
        }
    }

    /// How many wait, those under way included.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether there is room for one more trigger.
    pub(super) fn has_room(&self) -> bool {
        self.len() < self.capacity
    }

    /// The alerts that the receiver knows to fire, and since when.
    pub(super) fn told(&self) -> BTreeMap<Key, Timestamp> {
        let told = self.known.iter().filter(|(_, known)| known.is_told);
        told.map(|(key, known)| (key.clone(), known.starts_at))
            .collect()
    }

    /// Takes in what the receiver should know now.
    pub(super) fn enter(&mut self, item: Item) -> Entered {
        let last = self
            .waiting
            .iter()
            .rposition(|waiting| waiting.item.key == item.key);
        match (last, item.alert.status) {
            (Some(place), _) => self.enter_after(place, item),
            (None, Status::Firing) => self.enter_trigger(item),
            (None, Status::Resolved) => self.enter_resolve(item),
        }
    }

    /// Enters what is about the same alert as the one that waits at `place`.
    fn enter_after(&mut self, place: usize, item: Item) -> Entered {
        let last = &self.waiting[place];
        let before = &last.item.alert;
        if item.alert.starts_at < before.starts_at {
            // A straggler about an earlier time that the alert fired.
            return Entered::Needless;
        }
        if self.wants == Wants::States {
            return self.replace(place, item);
        }
        let is_repetition = item.alert.starts_at == before.starts_at;
        match (before.status, item.alert.status) {
            (Status::Firing, Status::Resolved) => self.push(item),
            (Status::Resolved, Status::Resolved) if !is_repetition => Entered::Needless,
            (Status::Firing, Status::Firing) | (Status::Resolved, Status::Resolved)
                if !last.is_under_way =>
            {
                self.replace(place, item)
            }
            _ if is_repetition => Entered::Needless,
            _ if self.has_room() => self.push(item),
            _ => Entered::NoRoom,
        }
    }

    fn enter_trigger(&mut self, item: Item) -> Entered {
        let known = self.known.get(&item.key);
        let is_known = known.is_some_and(|known| known.starts_at == item.alert.starts_at);
        if is_known && self.wants == Wants::Changes {
            Entered::Needless
        } else if self.has_room() {
            self.push(item)
        } else {
            Entered::NoRoom
        }
    }

    fn enter_resolve(&mut self, item: Item) -> Entered {
        match (self.wants, self.known.get(&item.key)) {
            (_, Some(known)) if item.alert.starts_at < known.starts_at => Entered::Needless,
            (Wants::States, None) if !self.has_room() => Entered::NoRoom,
            (Wants::States, _) | (Wants::Changes, Some(Known { is_told: true, .. })) => {
                self.push(item)
            }
            // Who was not told that it fires need not hear that it ended.
            (Wants::Changes, _) => {
                self.known.remove(&item.key);
                Entered::Needless
            }
        }
    }

    fn push(&mut self, item: Item) -> Entered {
        let waiting = self.waiting_of(item, 0);
        self.waiting.push_back(waiting);
        Entered::Queued
    }

    fn replace(&mut self, place: usize, item: Item) -> Entered {
        self.waiting[place] = self.waiting_of(item, self.waiting[place].tries);
        Entered::Replaced
    }

    fn waiting_of(&mut self, item: Item, tries: u32) -> Waiting {
        self.tickets += 1;
        Waiting {
            ticket: self.tickets,
            item,
            tries,
            is_under_way: false,
            is_alone: false,
        }
    }

    /// Gives up what a receiver of states would misunderstand: a firing alert whose end has passed it would take for
    /// resolved. It is repeated in time while it really fires. Says how many there were.
    pub(super) fn expire(&mut self, now: Timestamp) -> usize {
        let before = self.len();
        if self.wants == Wants::States {
            let is_true = |alert: &Alert| alert.status == Status::Resolved || alert.ends_at > now;
            self.waiting.retain(|waiting| is_true(&waiting.item.alert));
        }
        before - self.len()
    }

    /// The next message: at most `limit` alerts of one group, no two about the same. Those with the fewest failures come
    /// first, so that one which always fails holds up no other; else the longest waiting.
    pub(super) fn take(&mut self, limit: usize) -> Vec<Waiting> {
        let mut seen = BTreeSet::new();
        let mut places: Vec<usize> = (0..self.len())
            .filter(|place| seen.insert(&self.waiting[*place].item.key))
            .collect();
        places.sort_by_key(|place| self.waiting[*place].tries);
        let Some(first) = places.first() else {
            return Vec::new();
        };
        let Waiting { item, is_alone, .. } = &self.waiting[*first];
        if *is_alone {
            places.truncate(1);
        } else {
            let goes_along = |other: &Waiting| !other.is_alone && other.item.group == item.group;
            places.retain(|place| goes_along(&self.waiting[*place]));
            places.truncate(limit);
        }
        let mut taken = Vec::new();
        for place in places {
            self.waiting[place].is_under_way = true;
            taken.push(self.waiting[place].clone());
        }
        taken
    }

    /// Notes how the attempt to send what was taken went.
    pub(super) fn settle(&mut self, taken: &[Waiting], settled: Settled) {
        for Waiting { ticket, item, .. } in taken {
            let is_it = |waiting: &Waiting| waiting.ticket == *ticket;
            // Where there is none, something newer took its place meanwhile.
            let place = self.waiting.iter().position(is_it);
            match settled {
                Settled::Failed | Settled::Apart => {
                    if let Some(waiting) = place.and_then(|place| self.waiting.get_mut(place)) {
                        waiting.tries += 1;
                        waiting.is_under_way = false;
                        waiting.is_alone |= settled == Settled::Apart;
                    }
                }
                Settled::Delivered | Settled::Refused => {
                    place.map(|place| self.waiting.remove(place));
                    self.learn(item, settled == Settled::Delivered);
                }
            }
        }
    }

    /// Whether the receiver is owed another attempt of what it refused: it took the alert, and would show it for ever.
    pub(super) fn is_owed(&self, refused: &Waiting) -> bool {
        let Waiting { item, tries, .. } = refused;
        let is_told = self.known.get(&item.key).is_some_and(|known| known.is_told);
        is_told && item.alert.status == Status::Resolved && tries + 1 < RESOLVE_TRIES
    }

    fn learn(&mut self, item: &Item, is_told: bool) {
        match item.alert.status {
            Status::Firing => {
                let known = Known {
                    starts_at: item.alert.starts_at,
                    is_told,
                };
                self.known.insert(item.key.clone(), known);
                if !is_told && self.wants == Wants::Changes {
                    self.spare_resolve(&item.key);
                }
            }
            Status::Resolved => {
                self.known.remove(&item.key);
            }
        }
    }

    /// Takes the next of an alert out where it is the resolve of a trigger that was refused.
    fn spare_resolve(&mut self, key: &Key) {
        let is_next = |waiting: &Waiting| waiting.item.key == *key;
        let Some(place) = self.waiting.iter().position(is_next) else {
            return;
        };
        if self.waiting[place].item.alert.status == Status::Resolved {
            self.waiting.remove(place);
            self.known.remove(key);
        }
    }
}
