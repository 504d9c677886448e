//! A rule with its alerts, as Prometheus' `AlertingRule` has them in `active`.

use std::{collections::HashMap, mem};

use crate::alert::{
    Condition, Reason, Rule,
    alert_state::{AlertState, RuleTimes, Transition},
    clock::{EngineInstant, Now},
    condition::{EvaluationInput, Match},
    details::Details,
    identity::Identity,
    lookback::HOUR,
    row::{AlertRow, Changes, Key, Value},
    view::Basis,
};

/// A rule and its alerts.
#[derive(Debug)]
pub(super) struct RuleState {
    pub(super) rule: Rule,
    pub(super) active: HashMap<Identity, ActiveAlert>,
}

/// What one evaluation writes while it goes through the alerts.
pub(super) struct EvaluationContext {
    pub(super) now: Now,
    /// When the evaluation before was.
    pub(super) before: EngineInstant,
    /// Whether receivers are notified of every alert again.
    pub(super) repeat: bool,
    pub(super) to_notify: Vec<(Reason, ActiveAlert)>,
    pub(super) changes: Changes,
}

/// An alert, as far as the engine knows it: its rule's templates are not filled in.
#[derive(Clone, Debug)]
pub struct ActiveAlert {
    /// Its rule, as this deployment has it.
    pub rule: Rule,
    /// Its labels, besides the rule's static ones and those of the deployment.
    pub identity: Identity,
    /// Whether it is pending, firing or resolved, and since when.
    pub state: AlertState,
    /// Its condition rests on what was shown last, because nothing is known now.
    pub is_last_known: bool,
    /// For its description.
    pub details: Details,
    /// What the last evaluation of its condition came to.
    holds: Holds,
    /// When its condition was last seen to hold, where the alert stays active though nothing is known.
    last_seen: Option<EngineInstant>,
    /// Whether it has no row yet, or one that is out of date.
    changed: bool,
}

/// Whether the condition of an alert holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// In this evaluation.
    Now,
    /// When it was evaluated last, which was before.
    Before,
    No,
}

impl RuleState {
    pub(super) fn new(rule: Rule) -> Self {
        Self {
            rule,
            active: HashMap::new(),
        }
    }

    pub(super) fn change(&mut self, rule: Rule) {
        self.rule = rule;
        for alert in self.active.values_mut() {
            alert.rule = rule;
        }
    }

    pub(super) fn restore(&mut self, identity: Identity, row: AlertRow) {
        let AlertRow {
            state,
            is_last_known,
            last_seen,
            details,
        } = row;
        let alert = ActiveAlert {
            is_last_known,
            details,
            last_seen,
            ..ActiveAlert::new(self.rule, identity.clone(), state)
        };
        self.active.insert(identity, alert);
    }

    /// The alerts that the rule's times change now, where their conditions still hold or still do not.
    pub(super) fn due(&self, now: EngineInstant) -> impl Iterator<Item = &Identity> {
        let times = self.rule.times();
        let alerts = self.active.iter();
        alerts.filter_map(move |(identity, alert)| {
            let due = alert.state.due(times)?;
            (due <= now).then_some(identity)
        })
    }

    /// Moves the alert of a match on, or begins it.
    pub(super) fn hold(&mut self, matched: &Match, context: &mut EvaluationContext) {
        let times = self.rule.times();
        if let Some(alert) = self.active.get_mut(&matched.identity) {
            alert.hold(matched, times, context);
            return;
        }
        let identity = matched.identity.clone();
        let state = AlertState::begin(context.now);
        let mut alert = ActiveAlert::new(self.rule, identity.clone(), state);
        alert.changed = true;
        alert.hold(matched, times, context);
        self.active.insert(identity, alert);
    }

    /// Moves the alerts on that nothing matched in this evaluation.
    pub(super) fn end(&mut self, input: &EvaluationInput, context: &mut EvaluationContext) {
        let (times, before) = (self.rule.times(), context.to_notify.len());
        let latched = match self.rule.condition {
            Some(Condition::Latched(latched)) => Some(latched),
            _ => None,
        };
        self.active.retain(|identity, alert| {
            if alert.holds == Holds::Now {
                alert.holds = Holds::Before;
                return true;
            }
            let is_unchanged = input.unchanged.contains(identity.cluster_name());
            let goes_on = is_unchanged && alert.rule.condition.is_some();
            if goes_on && alert.holds == Holds::Before {
                return alert.step(true, times, context);
            }
            alert.holds = Holds::No;
            if input.is_awaited(identity) && alert.rule.condition.is_some() {
                return alert.wait(times, context);
            }
            let is_latched = latched
                .is_some_and(|latched| !latched.is_over(input.snapshot, input.lookback, identity));
            if is_latched && alert.hold_last_known(times, context) {
                return true;
            }
            let times = if input.lookback.knows(identity) {
                times
            } else {
                times.without_keep_firing()
            };
            alert.end(times, context)
        });
        context.to_notify[before..].sort_by(|(_, a), (_, b)| a.identity.cmp(&b.identity));
    }
}

impl ActiveAlert {
    fn new(rule: Rule, identity: Identity, state: AlertState) -> Self {
        Self {
            rule,
            identity,
            state,
            is_last_known: false,
            details: Details::default(),
            holds: Holds::No,
            last_seen: None,
            changed: false,
        }
    }

    /// What is expected, was found or does not hold, in the word of its table.
    pub fn word(&self) -> Option<&str> {
        let table = self.rule.subject.label_table()?;
        Some(self.identity.label(table.label))
    }

    fn hold(&mut self, matched: &Match, times: RuleTimes, context: &mut EvaluationContext) {
        self.holds = Holds::Now;
        self.changed |= self.last_seen.take().is_some();
        self.set_last_known(matched.basis == Basis::LastKnown);
        self.changed |= self.details.renew(&matched.details);
        self.step(true, times, context);
    }

    /// Nothing new is known of a latched condition: it counts as holding for up to an hour. Says whether it does.
    fn hold_last_known(&mut self, times: RuleTimes, context: &mut EvaluationContext) -> bool {
        if !self.state.is_open() {
            return false;
        }
        self.changed |= self.last_seen.is_none();
        let last_seen = *self.last_seen.get_or_insert(context.before);
        if !last_seen.is_within(HOUR, context.now.instant) {
            return false;
        }
        self.set_last_known(true);
        self.step(true, times, context)
    }

    /// Its cluster is not discovered yet: what was firing or pending goes on as it is. Says whether the alert goes on.
    fn wait(&mut self, times: RuleTimes, context: &mut EvaluationContext) -> bool {
        if !self.state.is_open() {
            return self.step(false, times, context);
        }
        self.set_last_known(true);
        self.step(true, times, context)
    }

    fn end(&mut self, times: RuleTimes, context: &mut EvaluationContext) -> bool {
        self.changed |= self.last_seen.take().is_some();
        self.set_last_known(false);
        self.step(false, times, context)
    }

    fn set_last_known(&mut self, is_last_known: bool) {
        self.changed |= is_last_known != self.is_last_known;
        self.is_last_known = is_last_known;
    }

    /// Says whether the alert goes on.
    fn step(&mut self, holds: bool, times: RuleTimes, context: &mut EvaluationContext) -> bool {
        let before = self.state;
        let Transition::On(news) = self.state.step(holds, times, context.now) else {
            context.changes.remove(self.key());
            return false;
        };
        if mem::take(&mut self.changed) || before != self.state {
            context.changes.write(self.key(), self.row());
        }
        let repeats = context.repeat && self.state.was_notified();
        if let Some(reason) = news.or(repeats.then_some(Reason::Repeat)) {
            context.to_notify.push((reason, self.clone()));
        }
        true
    }

    pub(super) fn key(&self) -> Key {
        Key::alert(self.rule.name, &self.identity)
    }

    pub(super) fn row(&self) -> Value {
        Value::Alert(AlertRow {
            state: self.state,
            is_last_known: self.is_last_known,
            last_seen: self.last_seen,
            details: self.details.clone(),
        })
    }
}
