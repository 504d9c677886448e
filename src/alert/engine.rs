//! Decides which alerts there are and what to tell of them: a pure function of what is known, what is remembered and now.
//!
//! It evaluates the same rules as Prometheus and comes to the same alerts. It reads no clock, sends nothing and writes
//! nothing: a round returns what to tell and why, which rows to keep, and when to ask again.

mod rule_state;

use std::time::Duration;

use jiff::Timestamp;

use super::{
    Reason, Rule,
    alert_state::Phase,
    clock::{EngineClock, EngineInstant, Now},
    condition::EvaluationInput,
    identity::Identity,
    lookback::Lookback,
    row::{AlertRow, Changes, Key, Value},
    rules,
};
use crate::model::Snapshot;
use rule_state::{EvaluationContext, RuleState};

pub use rule_state::ActiveAlert;

/// How often what fires or was resolved is told again, all of it at once. There is a round at least as often: what only
/// time changes is seen this late at most, as in Prometheus.
const REPEAT: Duration = Duration::from_secs(60);

/// The alerts of all rules that the exporter can evaluate itself.
#[derive(Debug, Default)]
pub struct Engine {
    clock: EngineClock,
    lookback: Lookback,
    /// In the order of the table; rules that are in use no longer come last, until their alerts are over.
    rule_states: Vec<RuleState>,
    /// When everything was last told again in this process.
    repeated: Option<EngineInstant>,
}

/// An alert to tell.
#[derive(Clone, Debug)]
pub struct Tell {
    /// Why just now.
    pub reason: Reason,
    /// Of which: it fires or is resolved.
    pub active: ActiveAlert,
}

/// What a round came to.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// What to tell: first what goes on, in the order of clusters, links and tasks, then what ends, by rule and identity.
    pub tell: Vec<Tell>,
    /// What to keep for the next process.
    pub changes: Changes,
    /// When to ask again at the latest; earlier with every new snapshot.
    pub next: Timestamp,
}

impl Engine {
    /// An engine that knows nothing yet.
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut engine = Self::default();
        engine.reload(rules);
        engine
    }

    /// An engine that goes on where another one stopped. `rows` are all that its rounds left, in any order; those of a
    /// rule that is in no table are left out.
    pub fn restored(rules: Vec<Rule>, rows: impl IntoIterator<Item = (Key, Value)>) -> Self {
        let mut engine = Self::new(rules);
        for row in rows {
            match row {
                (Key::Clock, Value::Clock(moment)) => engine.clock = EngineClock::resumed(moment),
                (Key::Polls { cluster_name }, Value::Polls(polls)) => {
                    engine.lookback.restore_polls(cluster_name.into(), polls);
                }
                (Key::Link { cluster_name, .. }, Value::Link(link)) => {
                    engine.lookback.restore_link(cluster_name.into(), link);
                }
                (Key::Alert { rule, identity }, Value::Alert(row)) => {
                    engine.restore_alert(&rule, identity, row);
                }
                (_, _) => {}
            }
        }
        engine
    }

    /// Takes other rules. Alerts of a rule that is not among them are resolved in the next round; the others go on.
    pub fn reload(&mut self, rules: Vec<Rule>) {
        let mut before = std::mem::take(&mut self.rule_states);
        for rule in rules.into_iter().filter(|rule| rule.condition.is_some()) {
            let known = before
                .iter()
                .position(|rule_state| rule_state.rule.name == rule.name);
            let mut rule_state = match known {
                Some(place) => before.swap_remove(place),
                None => RuleState::new(rule),
            };
            rule_state.change(rule);
            self.rule_states.push(rule_state);
        }
        for mut rule_state in before {
            rule_state.change(rule_state.rule.retired());
            self.rule_states.push(rule_state);
        }
    }

    /// The rules that it evaluates, in the order of the table.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let rule_states = self.rule_states.iter().map(|rule_state| &rule_state.rule);
        rule_states.filter(|rule| rule.condition.is_some())
    }

    /// Every alert that is pending or fires, in no order.
    pub fn active(&self) -> impl Iterator<Item = &ActiveAlert> {
        let alerts = self
            .rule_states
            .iter()
            .flat_map(|rule_state| rule_state.alerts.values());
        alerts
            .map(|alarm| &alarm.active)
            .filter(|active| !matches!(active.state.phase, Phase::Resolved { .. }))
    }

    /// Every row of the state.
    pub fn rows(&self) -> impl Iterator<Item = (Key, Value)> {
        let clock = (Key::Clock, Value::Clock(self.clock.now));
        let alarms = self
            .rule_states
            .iter()
            .flat_map(|rule_state| rule_state.alerts.values());
        let alarms = alarms.map(|alarm| (alarm.active.key(), alarm.row()));
        std::iter::once(clock)
            .chain(self.lookback.rows())
            .chain(alarms)
    }

    /// Evaluates every rule. `now` is the time of day.
    pub fn evaluate(&mut self, snapshot: &Snapshot, now: Timestamp) -> Evaluation {
        self.clock = self.clock.next(now);
        let mut context = self.context(now);
        self.lookback
            .observe(snapshot, self.clock, &mut context.changes);
        let input = EvaluationInput {
            snapshot,
            lookback: &self.lookback,
            now: context.now,
        };
        let conditions = self.rule_states.iter();
        let conditions = conditions.map(|rule_state| rule_state.rule.condition);
        for found in input.evaluate(conditions) {
            self.rule_states[found.rule].hold(&found, &mut context);
        }
        for rule_state in &mut self.rule_states {
            rule_state.end(&input, &mut context);
        }
        self.rule_states.retain(|rule_state| {
            rule_state.rule.condition.is_some() || !rule_state.alerts.is_empty()
        });
        let EvaluationContext {
            tell, mut changes, ..
        } = context;
        changes.write(Key::Clock, Value::Clock(self.clock.now));
        Evaluation {
            tell,
            changes,
            next: self.next(now),
        }
    }

    fn context(&mut self, wall: Timestamp) -> EvaluationContext {
        let moment = self.clock.now;
        let repeat = self.repeated.is_none_or(|at| moment.since(at) >= REPEAT);
        if repeat {
            self.repeated = Some(moment);
        }
        EvaluationContext {
            now: Now { moment, wall },
            before: self.clock.before,
            repeat,
            tell: Vec::new(),
            changes: Changes::default(),
        }
    }

    fn next(&self, now: Timestamp) -> Timestamp {
        let due = self.rule_states.iter().flat_map(|rule_state| {
            let times = rule_state.rule.times();
            let alarms = rule_state.alerts.values();
            alarms.filter_map(move |alarm| alarm.active.state.due(times))
        });
        let repeat = self.repeated.map(|at| at.after(REPEAT));
        let pause = due.chain(repeat).min().map(|due| due.since(self.clock.now));
        now + pause.unwrap_or(REPEAT).min(REPEAT)
    }

    fn restore_alert(&mut self, rule: &str, identity: Identity, row: AlertRow) {
        let place = self
            .rule_states
            .iter()
            .position(|rule_state| rule_state.rule.name == rule);
        let place = place.or_else(|| {
            let known = rules().find(|known| known.name == rule)?;
            self.rule_states.push(RuleState::new(known.retired()));
            Some(self.rule_states.len() - 1)
        });
        if let Some(place) = place {
            self.rule_states[place].restore(identity, row);
        }
    }
}

#[cfg(test)]
mod tests;
