//! A rule with its alerts.

use std::collections::HashMap;

use super::Tell;
use crate::alert::{
    Condition, Reason, Rule,
    alert_state::{AlertState, RuleTimes, Transition},
    clock::{EngineInstant, Now},
    condition::{EvaluationInput, Match},
    details::Details,
    identity::Identity,
    latched::Latched,
    lookback::HOUR,
    row::{AlertRow, Changes, Key, Value},
    view::Basis,
};

/// A rule and its alerts.
#[derive(Debug)]
pub(super) struct RuleState {
    pub(super) rule: Rule,
    pub(super) alerts: HashMap<Identity, Alarm>,
}

/// An alert, and what only the running process needs to know of it.
#[derive(Debug)]
pub(super) struct Alarm {
    pub(super) active: ActiveAlert,
    /// Whether its condition holds in this round.
    holds: bool,
    /// When its condition was last seen to hold, where it stands though nothing is known.
    last_seen: Option<EngineInstant>,
    /// Whether it has no row yet, or one that is out of date.
    changed: bool,
}

/// A round while it goes through the alerts.
pub(super) struct EvaluationContext {
    pub(super) now: Now,
    /// When the round before was.
    pub(super) before: EngineInstant,
    /// Whether everything is told again.
    pub(super) repeat: bool,
    pub(super) tell: Vec<Tell>,
    pub(super) changes: Changes,
}

/// An alert, as far as the engine knows it: its rule's templates are not filled in.
#[derive(Clone, Debug)]
pub struct ActiveAlert {
    /// Its rule, as this deployment has it.
    pub rule: Rule,
    /// Its labels, besides the rule's static ones and those of the deployment.
    pub identity: Identity,
    /// How far it has come, and when.
    pub state: AlertState,
    /// Its condition rests on what was shown last, because nothing is known now.
    pub is_last_known: bool,
    /// For its description.
    pub details: Details,
}

impl RuleState {
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
            state,
            is_last_known,
            last_seen,
            details,
        } = row;
        let active = ActiveAlert {
            rule: self.rule,
            identity: identity.clone(),
            state,
            is_last_known,
            details,
        };
        let mut alarm = Alarm::new(active);
        alarm.last_seen = last_seen;
        self.alerts.insert(identity, alarm);
    }

    /// Takes in that the condition holds.
    pub(super) fn hold(&mut self, found: &Match, context: &mut EvaluationContext) {
        let times = self.rule.times();
        if let Some(alarm) = self.alerts.get_mut(&found.identity) {
            alarm.hold(found, times, context);
            return;
        }
        let identity = found.identity.clone();
        let mut alarm = Alarm::new(ActiveAlert {
            rule: self.rule,
            identity: identity.clone(),
            state: AlertState::begin(context.now),
            is_last_known: false,
            details: Details::default(),
        });
        alarm.changed = true;
        alarm.hold(found, times, context);
        self.alerts.insert(identity, alarm);
    }

    /// Takes in that the condition is seen to hold of nothing else.
    pub(super) fn end(&mut self, input: &EvaluationInput, context: &mut EvaluationContext) {
        let (times, before) = (self.rule.times(), context.tell.len());
        let latched = match self.rule.condition {
            Some(Condition::Latched(latched)) => Some(latched),
            _ => None,
        };
        self.alerts.retain(|identity, alarm| {
            if std::mem::take(&mut alarm.holds) {
                return true;
            }
            let stands =
                |latched: Latched| !latched.is_over(input.snapshot, input.lookback, identity);
            if latched.is_some_and(stands) && alarm.hold_on(times, context) {
                return true;
            }
            let times = if input.lookback.knows(identity) {
                times
            } else {
                times.without_keep()
            };
            alarm.end(times, context)
        });
        context.tell[before..].sort_by(|a, b| a.active.identity.cmp(&b.active.identity));
    }
}

impl Alarm {
    fn new(active: ActiveAlert) -> Self {
        Self {
            active,
            holds: false,
            last_seen: None,
            changed: false,
        }
    }

    fn hold(&mut self, found: &Match, times: RuleTimes, context: &mut EvaluationContext) {
        self.holds = true;
        self.changed |= self.last_seen.take().is_some();
        self.set_held(found.basis == Basis::LastKnown);
        self.changed |= self.active.details.renew(&found.details);
        self.step(true, times, context);
    }

    /// Nothing is known of what was seen before: it stands for up to an hour. Says whether it does.
    fn hold_on(&mut self, times: RuleTimes, context: &mut EvaluationContext) -> bool {
        if !self.active.state.is_open() {
            return false;
        }
        self.changed |= self.last_seen.is_none();
        let last_seen = *self.last_seen.get_or_insert(context.before);
        if !last_seen.is_within(HOUR, context.now.moment) {
            return false;
        }
        self.set_held(true);
        self.step(true, times, context)
    }

    fn end(&mut self, times: RuleTimes, context: &mut EvaluationContext) -> bool {
        self.changed |= self.last_seen.take().is_some();
        self.set_held(false);
        self.step(false, times, context)
    }

    fn set_held(&mut self, is_last_known: bool) {
        self.changed |= is_last_known != self.active.is_last_known;
        self.active.is_last_known = is_last_known;
    }

    /// Says whether the alert goes on.
    fn step(&mut self, holds: bool, times: RuleTimes, context: &mut EvaluationContext) -> bool {
        let before = self.active.state;
        let Transition::On(news) = self.active.state.step(holds, times, context.now) else {
            context.changes.remove(self.active.key());
            return false;
        };
        if std::mem::take(&mut self.changed) || before != self.active.state {
            context.changes.write(self.active.key(), self.row());
        }
        let repeats = context.repeat && self.active.state.was_told();
        if let Some(reason) = news.or(repeats.then_some(Reason::Repeat)) {
            let active = self.active.clone();
            context.tell.push(Tell { reason, active });
        }
        true
    }

    pub(super) fn row(&self) -> Value {
        Value::Alert(AlertRow {
            state: self.active.state,
            is_last_known: self.active.is_last_known,
            last_seen: self.last_seen,
            details: self.active.details.clone(),
        })
    }
}

impl ActiveAlert {
    /// What is expected, was found or does not hold, in the word of its table.
    pub fn word(&self) -> Option<&str> {
        let table = self.rule.subject.label_table()?;
        Some(self.identity.label(table.label))
    }

    pub(super) fn key(&self) -> Key {
        Key::alert(self.rule.name, &self.identity)
    }
}
