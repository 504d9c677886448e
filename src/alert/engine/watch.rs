//! A rule with its alerts.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::alert::{
    Rule,
    condition::Found,
    course::{Course, Now, Step, Times},
    details::Details,
    identity::Identity,
    memory::Moment,
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
    /// What this round found, until it is taken in.
    found: Option<Found>,
    /// Whether its row is out of date.
    changed: bool,
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
            details,
        } = row;
        let active = Active {
            rule: self.rule,
            identity: identity.clone(),
            course,
            held,
            details,
        };
        self.alerts.insert(identity, Alarm::new(active));
    }

    pub(super) fn find(&mut self, found: Found, moment: Moment, wall: Timestamp) {
        if !self.alerts.contains_key(&found.identity) {
            let active = Active {
                rule: self.rule,
                identity: found.identity.clone(),
                course: Course::begin(Now { moment, wall }),
                held: false,
                details: Details::default(),
            };
            let alarm = Alarm {
                changed: true,
                ..Alarm::new(active)
            };
            self.alerts.insert(found.identity.clone(), alarm);
        }
        if let Some(alarm) = self.alerts.get_mut(&found.identity) {
            alarm.found = Some(found);
        }
    }
}

impl Alarm {
    fn new(active: Active) -> Self {
        Self {
            active,
            found: None,
            changed: false,
        }
    }

    /// Takes in what was found; what became of the alert, as far as it must be told.
    pub(super) fn step(&mut self, times: Times, now: Now) -> Step {
        let found = self.found.take();
        let before = self.active.course;
        let step = self.active.course.step(found.is_some(), times, now);
        let held = found
            .as_ref()
            .is_some_and(|found| found.basis == Basis::Remembered);
        self.changed |= before != self.active.course || held != self.active.held;
        self.active.held = held;
        if let Some(details) = found.and_then(|found| found.details)
            && details != self.active.details
        {
            self.active.details = details;
            self.changed = true;
        }
        step
    }

    pub(super) fn save(&mut self, goes_on: bool, changes: &mut Changes) {
        if !goes_on {
            changes.remove(self.active.key());
        } else if std::mem::take(&mut self.changed) {
            changes.write(self.active.key(), self.active.row());
        }
    }
}

impl Active {
    pub(super) fn key(&self) -> Key {
        Key::alert(self.rule.name, &self.identity)
    }

    pub(super) fn row(&self) -> Value {
        Value::Alert(AlertRow {
            course: self.course,
            held: self.held,
            details: self.details.clone(),
        })
    }
}
