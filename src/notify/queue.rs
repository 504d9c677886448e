//! The notifications that wait for one receiver: plain data, without a clock and without a network.
//!
//! The queue is bounded, and what is dropped is the newest trigger. The order of one alert is kept: a resolve never
//! overtakes its trigger nor erases it, and a resolve whose trigger was delivered always finds room. Only a stateful
//! receiver is spared what is outdated: an Alertmanager that gets a trigger together with its resolve notifies nobody of
//! either.
//!
//! An event-driven receiver gets each event once. What was delivered to it is kept, so a trigger for which there was no
//! room, or that fired before the receiver was configured, is made up for when the alert is next repeated, and one that was
//! delivered before a restart is not sent again.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    key::Key,
    receiver::{Group, Protocol},
};
use crate::{
    alert::{Alert, Status},
    telemetry::Outcome,
};

/// The notifications that wait for one receiver, and what was delivered to it.
#[derive(Debug)]
pub(super) struct Queue {
    protocol: Protocol,
    /// So many find room; the resolves of what was delivered come on top, at most one an alert.
    capacity: usize,
    waiting: VecDeque<QueuedAlert>,
    known: BTreeMap<Key, Known>,
    tickets: u64,
}

/// An alert in the queue of a receiver. A copy of it is sent.
#[derive(Clone, Debug)]
pub(super) struct QueuedAlert {
    pub(super) alert: Arc<Alert>,
    key: Key,
    group: Group,
    /// Says whether the copy that was sent is still what waits here.
    ticket: u64,
    /// How many attempts failed.
    tries: u32,
    is_under_way: bool,
    /// It is muted, and so is what waits behind it about the same alert.
    is_held: bool,
    /// It was refused together with others, and goes alone to find out which of them it was.
    is_alone: bool,
}

/// The last that was sent to the receiver about an alert was that it fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    starts_at: Timestamp,
    /// It took that, or refused it for good.
    is_notified: bool,
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

/// How often the resolve of an alert that the receiver took is tried though it refuses it. It is written anew each time.
const RESOLVE_TRIES: u32 = 4;

impl QueuedAlert {
    /// An alert to put into the queue: what the receiver goes by, and with which others it may be sent.
    pub(super) fn new(alert: Arc<Alert>, key: Key, group: Group) -> Self {
        Self {
            alert,
            key,
            group,
            ticket: 0,
            tries: 0,
            is_under_way: false,
            is_held: false,
            is_alone: false,
        }
    }
}

impl Queue {
    /// An empty queue. `notified` are the alerts that the receiver knows to fire, and since when.
    pub(super) fn new(
        protocol: Protocol,
        capacity: usize,
        notified: BTreeMap<Key, Timestamp>,
    ) -> Self {
        let known = |(key, starts_at)| {
            let known = Known {
                starts_at,
                is_notified: true,
            };
            (key, known)
        };
        Self {
            protocol,
            capacity,
            waiting: VecDeque::new(),
            known: notified.into_iter().map(known).collect(),
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
    pub(super) fn notified(&self) -> BTreeMap<Key, Timestamp> {
        let notified = self.known.iter().filter(|(_, known)| known.is_notified);
        notified
            .map(|(key, known)| (key.clone(), known.starts_at))
            .collect()
    }

    /// Takes in what the receiver should know now.
    pub(super) fn enter(&mut self, queued: QueuedAlert) -> Entered {
        let last = self
            .waiting
            .iter()
            .rposition(|waiting| waiting.key == queued.key);
        match (last, queued.alert.status) {
            (Some(place), _) => self.enter_after(place, queued),
            (None, Status::Firing) => self.enter_trigger(queued),
            (None, Status::Resolved) => self.enter_resolve(queued),
        }
    }

    /// Enters what is about the same alert as the one that waits at `place`.
    fn enter_after(&mut self, place: usize, queued: QueuedAlert) -> Entered {
        let last = &self.waiting[place];
        let before = &last.alert;
        if queued.alert.starts_at < before.starts_at {
            // A straggler about an earlier time that the alert fired.
            return Entered::Needless;
        }
        if self.protocol == Protocol::Stateful {
            return self.replace(place, queued);
        }
        let is_repetition = queued.alert.starts_at == before.starts_at;
        match (before.status, queued.alert.status) {
            (Status::Firing, Status::Resolved) => self.push(queued),
            (Status::Resolved, Status::Resolved) if !is_repetition => Entered::Needless,
            (Status::Firing, Status::Firing) | (Status::Resolved, Status::Resolved)
                if !last.is_under_way =>
            {
                self.replace(place, queued)
            }
            _ if is_repetition => Entered::Needless,
            _ if self.has_room() => self.push(queued),
            _ => Entered::NoRoom,
        }
    }

    fn enter_trigger(&mut self, queued: QueuedAlert) -> Entered {
        let known = self.known.get(&queued.key);
        let is_known = known.is_some_and(|known| known.starts_at == queued.alert.starts_at);
        if is_known && self.protocol == Protocol::EventDriven {
            Entered::Needless
        } else if self.has_room() {
            self.push(queued)
        } else {
            Entered::NoRoom
        }
    }

    fn enter_resolve(&mut self, queued: QueuedAlert) -> Entered {
        match (self.protocol, self.known.get(&queued.key)) {
            (_, Some(known)) if queued.alert.starts_at < known.starts_at => Entered::Needless,
            (Protocol::Stateful, None) if !self.has_room() => Entered::NoRoom,
            (Protocol::Stateful, _)
            | (
                Protocol::EventDriven,
                Some(Known {
                    is_notified: true, ..
                }),
            ) => self.push(queued),
            // A receiver that did not get the trigger needs no resolve.
            (Protocol::EventDriven, _) => {
                self.known.remove(&queued.key);
                Entered::Needless
            }
        }
    }

    fn push(&mut self, mut queued: QueuedAlert) -> Entered {
        queued.ticket = self.next_ticket();
        self.waiting.push_back(queued);
        Entered::Queued
    }

    fn replace(&mut self, place: usize, mut queued: QueuedAlert) -> Entered {
        queued.ticket = self.next_ticket();
        queued.tries = self.waiting[place].tries;
        self.waiting[place] = queued;
        Entered::Replaced
    }

    fn next_ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// Drops what a stateful receiver would misunderstand: a firing alert whose end has passed it would take for resolved.
    /// It is repeated in time while it really fires. Says how many there were.
    pub(super) fn expire(&mut self, now: Timestamp) -> usize {
        let before = self.len();
        if self.protocol == Protocol::Stateful {
            let is_true = |alert: &Alert| alert.status == Status::Resolved || alert.ends_at > now;
            self.waiting.retain(|waiting| is_true(&waiting.alert));
        }
        before - self.len()
    }

    /// Holds back the triggers that are muted now, and nothing else: a resolve closes what the receiver shows.
    pub(super) fn hold(&mut self, is_muted: impl Fn(&Alert) -> bool) {
        for waiting in &mut self.waiting {
            waiting.is_held = !waiting.is_under_way && is_muted(&waiting.alert);
        }
    }

    /// Takes the trigger of an alert out that is over, where it waits last and was never sent: nobody needs its resolve.
    /// Says whether it did.
    pub(super) fn withdraw(&mut self, key: &Key) -> bool {
        let of_key = |waiting: &QueuedAlert| waiting.key == *key;
        let Some(place) = self.waiting.iter().rposition(of_key) else {
            return false;
        };
        let last = &self.waiting[place];
        let is_unsent = last.tries == 0 && !last.is_under_way;
        let is_over = is_unsent && last.alert.status == Status::Firing;
        if is_over {
            self.waiting.remove(place);
        }
        is_over
    }

    /// The next message: at most `limit` alerts of one group, no two about the same. Those with the fewest failures come
    /// first, so that one which always fails holds up no other; else the longest waiting.
    pub(super) fn take(&mut self, limit: usize) -> Vec<QueuedAlert> {
        let mut seen = BTreeSet::new();
        let mut places: Vec<usize> = (0..self.len())
            .filter(|place| seen.insert(&self.waiting[*place].key))
            .filter(|place| !self.waiting[*place].is_held)
            .collect();
        places.sort_by_key(|place| self.waiting[*place].tries);
        let Some(&front) = places.first() else {
            return Vec::new();
        };
        let first = &self.waiting[front];
        if first.is_alone {
            places.truncate(1);
        } else {
            let goes_along = |other: &QueuedAlert| !other.is_alone && other.group == first.group;
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

    /// Notes what became of what was taken.
    pub(super) fn settle(&mut self, taken: &[QueuedAlert], outcome: Outcome) {
        for sent in taken {
            if outcome == Outcome::Failed {
                self.requeue(sent);
                continue;
            }
            if let Some(place) = self.place(sent) {
                self.waiting.remove(place);
            }
            match outcome {
                Outcome::Delivered => self.learn(sent, true),
                Outcome::Refused => self.learn(sent, false),
                // The receiver was sent nothing.
                Outcome::Failed | Outcome::Dropped => {}
            }
        }
    }

    /// Notes that the receiver refused a message of several alerts: each will be sent again alone, because one that it
    /// cannot read must not take the others with it.
    pub(super) fn split(&mut self, taken: &[QueuedAlert]) {
        for sent in taken {
            if let Some(waiting) = self.requeue(sent) {
                waiting.is_alone = true;
            }
        }
    }

    /// Makes what was sent in vain wait again.
    fn requeue(&mut self, sent: &QueuedAlert) -> Option<&mut QueuedAlert> {
        let place = self.place(sent)?;
        let waiting = self.waiting.get_mut(place)?;
        waiting.tries += 1;
        waiting.is_under_way = false;
        Some(waiting)
    }

    /// Where the original of what was sent waits; `None` where something newer took its place meanwhile.
    fn place(&self, sent: &QueuedAlert) -> Option<usize> {
        self.waiting
            .iter()
            .position(|waiting| waiting.ticket == sent.ticket)
    }

    /// Whether the receiver is owed another attempt of what it refused: it took the alert, and would show it for ever.
    pub(super) fn is_owed(&self, refused: &QueuedAlert) -> bool {
        let known = self.known.get(&refused.key);
        known.is_some_and(|known| known.is_notified)
            && refused.alert.status == Status::Resolved
            && refused.tries + 1 < RESOLVE_TRIES
    }

    fn learn(&mut self, sent: &QueuedAlert, is_notified: bool) {
        match sent.alert.status {
            Status::Firing => {
                let known = Known {
                    starts_at: sent.alert.starts_at,
                    is_notified,
                };
                self.known.insert(sent.key.clone(), known);
                if !is_notified && self.protocol == Protocol::EventDriven {
                    self.spare_resolve(&sent.key);
                }
            }
            Status::Resolved => {
                self.known.remove(&sent.key);
            }
        }
    }

    /// Takes the next of an alert out where it is the resolve of a trigger that was refused.
    fn spare_resolve(&mut self, key: &Key) {
        let mut waiting = self.waiting.iter();
        let Some(place) = waiting.position(|waiting| waiting.key == *key) else {
            return;
        };
        if self.waiting[place].alert.status == Status::Resolved {
            self.waiting.remove(place);
            self.known.remove(key);
        }
    }
}
