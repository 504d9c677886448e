//! A rule with its alerts.

use std::collections::HashMap;

use super::Tell;
use crate::alert::{
    Condition, Reason, Rule,
    condition::{Found, Scene},
    course::{Course, Now, Step, Times},
    details::Details,
    identity::Identity,
    memory::{HOUR, Moment},
    row::{AlertRow, Changes, Key, Value},
    sight::Basis,
};

/// A rule and its alerts.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) rule: Rule,
    pub(super) alerts: HashMap<Identity, Alarm>,
}

/// An alert, and what only the running process needs to know of it.
#[derive(Debug)]
pub(super) struct Alarm {
    pub(super) active: Active,
    /// Whether its condition holds in this round.
    holds: bool,
    /// When its condition was last seen to hold, where it stands though nothing is known.
    unseen: Option<Moment>,
    /// Whether it has no row yet, or one that is out of date.
    changed: bool,
}

/// A round while it goes through the alerts.
pub(super) struct Pass {
    pub(super) now: Now,
    /// When the round before was.
    pub(super) before: Moment,
    /// Whether everything is told again.
    pub(super) repeat: bool,
    pub(super) tell: Vec<Tell>,
    pub(super) changes: Changes,
}

/// An alert, as far as the engine knows it: its rule's templates are not filled in.
#[derive(Clone, Debug)]
pub struct Active {
    /// Its rule, as this deployment has it.
    pub rule: Rule,
    /// Its labels, besides the rule's static ones and those of the deployment.
    pub identity: Identity,
    /// How far it has come, and when.
    pub course: Course,
    /// Its condition rests on what was shown last, because nothing is known now.
    pub held: bool,
    /// For its description.
    pub details: Details,
}

impl Watch {
    pub(super) fn new(rule: Rule) -> Self {
        Self {
            rule,
            alerts: HashMap::new(),
        }
    }

    pub(super) fn change(&mut self, rule: Rule) {
        self.rule = rule;
        for alarm in self.alerts.values_mut() {
            alarm.active.rule = rule;
        }
    }

    pub(super) fn restore(&mut self, identity: Identity, row: AlertRow) {
        let AlertRow {
            course,
            held,
            unseen,
            details,
        } = row;
        let active = Active {
            rule: self.rule,
            identity: identity.clone(),
            course,
            held,
            details,
        };
        let mut alarm = Alarm::new(active);
        alarm.unseen = unseen;
        self.alerts.insert(identity, alarm);
    }

    /// Takes in that the condition holds.
    pub(super) fn hold(&mut self, found: &Found, pass: &mut Pass) {
        let times = Times::of(&self.rule);
        if let Some(alarm) = self.alerts.get_mut(&found.identity) {
            alarm.hold(found, times, pass);
            return;
        }
        let identity = found.identity.clone();
        let mut alarm = Alarm::new(Active {
            rule: self.rule,
            identity: identity.clone(),
            course: Course::begin(pass.now),
            held: false,
            details: Details::default(),
        });
        alarm.changed = true;
        alarm.hold(found, times, pass);
        self.alerts.insert(identity, alarm);
    }

    /// Takes in that the condition is seen to hold of nothing else.
    pub(super) fn end(&mut self, scene: &Scene, pass: &mut Pass) {
        let (times, before) = (Times::of(&self.rule), pass.tell.len());
        let standing = match self.rule.daemon {
            Some(Condition::Standing(standing)) => Some(standing),
            _ => None,
        };
        self.alerts.retain(|identity, alarm| {
            if std::mem::take(&mut alarm.holds) {
                return true;
            }
            let stands = |standing| !scene.is_over(&standing, identity);
            if standing.is_some_and(stands) && alarm.hold_on(times, pass) {
                return true;
            }
            let times = if scene.memory.knows(identity) {
                times
            } else {
                times.without_keep()
            };
            alarm.end(times, pass)
        });
        pass.tell[before..].sort_by(|a, b| a.active.identity.cmp(&b.active.identity));
    }
}

impl Alarm {
    fn new(active: Active) -> Self {
        Self {
            active,
            holds: false,
            unseen: None,
            changed: false,
        }
    }

    fn hold(&mut self, found: &Found, times: Times, pass: &mut Pass) {
        self.holds = true;
        self.changed |= self.unseen.take().is_some();
        self.set_held(found.basis == Basis::Remembered);
        self.changed |= self.active.details.renew(&found.details);
        self.step(true, times, pass);
    }

    /// Nothing is known of what was seen before: it stands for up to an hour. Says whether it does.
    fn hold_on(&mut self, times: Times, pass: &mut Pass) -> bool {
        if !self.active.course.is_open() {
            return false;
        }
        self.changed |= self.unseen.is_none();
        let unseen = *self.unseen.get_or_insert(pass.before);
        if !unseen.is_within(HOUR, pass.now.moment) {
            return false;
        }
        self.set_held(true);
        self.step(true, times, pass)
    }

    fn end(&mut self, times: Times, pass: &mut Pass) -> bool {
        self.changed |= self.unseen.take().is_some();
        self.set_held(false);
        self.step(false, times, pass)
    }

    fn set_held(&mut self, held: bool) {
        self.changed |= held != self.active.held;
        self.active.held = held;
    }

    /// Says whether the alert goes on.
    fn step(&mut self, holds: bool, times: Times, pass: &mut Pass) -> bool {
        let before = self.active.course;
        let Step::On(news) = self.active.course.step(holds, times, pass.now) else {
            pass.changes.remove(self.active.key());
            return false;
        };
        if std::mem::take(&mut self.changed) || before != self.active.course {
            pass.changes.write(self.active.key(), self.row());
        }
        let repeats = pass.repeat && self.active.course.was_told();
        if let Some(reason) = news.or(repeats.then_some(Reason::Repeat)) {
            let active = self.active.clone();
            pass.tell.push(Tell { reason, active });
        }
        true
    }

    pub(super) fn row(&self) -> Value {
        Value::Alert(AlertRow {
            course: self.active.course,
            held: self.active.held,
            unseen: self.unseen,
            details: self.active.details.clone(),
        })
    }
}

impl Active {
    /// What is expected, was found or does not hold, in the word of its table.
    pub fn word(&self) -> Option<&str> {
        let table = self.rule.subject.label_table()?;
        Some(self.identity.label(table.label))
    }

    pub(super) fn key(&self) -> Key {
        Key::alert(self.rule.name, &self.identity)
    }
}
