//! Decides which alerts are active and what to notify receivers of: a pure function of the snapshot, the look-back and the
//! time.
//!
//! It evaluates the same rules as Prometheus and comes to the same alerts. It reads no clock, sends nothing and writes
//! nothing: an evaluation returns what to notify receivers of and why, which rows to write, and when to evaluate again.

mod rule_state;

use std::{collections::HashSet, mem, time::Duration};

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

/// How often receivers are notified again of what fires or was resolved, all of it at once. There is an evaluation at least
/// as often: what only time changes is seen this late at most, as in Prometheus.
const REPEAT: Duration = Duration::from_secs(60);

/// The alerts of all rules that the exporter can evaluate itself.
#[derive(Debug, Default)]
pub struct Engine {
    clock: EngineClock,
    lookback: Lookback,
    /// In the order of the table; rules that are in use no longer come last, until their alerts are over.
    rule_states: Vec<RuleState>,
    /// When receivers were last notified of everything again by this process.
    repeated: Option<EngineInstant>,
    /// Some were never evaluated.
    has_new_rules: bool,
}

/// What an evaluation came to.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// What to notify receivers of, and why now; each fires or is resolved. First what goes on, in the order of clusters,
    /// links and tasks, then what ends, by rule and identity.
    pub to_notify: Vec<(Reason, ActiveAlert)>,
    /// What to write down for the next process.
    pub changes: Changes,
    /// When to evaluate again at the latest; earlier with every new snapshot.
    pub next: Timestamp,
}

impl Engine {
    /// An engine without alerts and without a look-back.
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut engine = Self::default();
        engine.reload(rules);
        engine
    }

    /// An engine that goes on where another one stopped. `rows` are all that its evaluations left, in any order; those of a
    /// rule that is in no table are left out.
    pub fn restored(rules: Vec<Rule>, rows: impl IntoIterator<Item = (Key, Value)>) -> Self {
        let mut engine = Self::new(rules);
        for row in rows {
            match row {
                (Key::Clock, Value::Clock(at)) => engine.clock = EngineClock::resumed(at),
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

    /// Takes other rules. Alerts of a rule that is not among them are resolved in the next evaluation; the others go on.
    pub fn reload(&mut self, rules: Vec<Rule>) {
        self.has_new_rules = true;
        let mut before = mem::take(&mut self.rule_states);
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
        self.alerts()
            .filter(|alert| !matches!(alert.state.phase, Phase::Resolved { .. }))
    }

    /// Every alert, those that were resolved lately included.
    fn alerts(&self) -> impl Iterator<Item = &ActiveAlert> {
        let rule_states = self.rule_states.iter();
        rule_states.flat_map(|rule_state| rule_state.active.values())
    }

    /// Every row of the state.
    pub fn rows(&self) -> impl Iterator<Item = (Key, Value)> {
        let clock = (Key::Clock, Value::Clock(self.clock.now));
        let alerts = self.alerts().map(|alert| (alert.key(), alert.row()));
        std::iter::once(clock)
            .chain(self.lookback.rows())
            .chain(alerts)
    }

    /// Evaluates the rules. `now` is the time of day. Conditions are evaluated on what is new since the evaluation before,
    /// and on everything with each repetition; between two of them the conditions on a cluster of which nothing is new are
    /// taken to hold as they did, and only their alerts' times go on.
    pub fn evaluate(&mut self, snapshot: &Snapshot, now: Timestamp) -> Evaluation {
        self.clock = self.clock.next(now);
        let mut context = self.context(now);
        let unchanged = self.unchanged(snapshot, &context);
        self.lookback
            .observe(snapshot, self.clock, &mut context.changes);
        let input = EvaluationInput {
            snapshot,
            lookback: &self.lookback,
            now: context.now,
            unchanged,
        };
        let conditions = self.rule_states.iter();
        let conditions = conditions.map(|rule_state| rule_state.rule.condition);
        for matched in input.evaluate(conditions) {
            self.rule_states[matched.rule].hold(&matched, &mut context);
        }
        for rule_state in &mut self.rule_states {
            rule_state.end(&input, &mut context);
        }
        self.rule_states.retain(|rule_state| {
            rule_state.rule.condition.is_some() || !rule_state.active.is_empty()
        });
        let EvaluationContext {
            to_notify,
            mut changes,
            ..
        } = context;
        changes.write(Key::Clock, Value::Clock(self.clock.now));
        Evaluation {
            to_notify,
            changes,
            next: self.next(now),
        }
    }

    /// The clusters whose conditions need no evaluation now. What time alone makes fire or end rests on a new evaluation.
    fn unchanged<'a>(
        &mut self,
        snapshot: &'a Snapshot,
        context: &EvaluationContext,
    ) -> HashSet<&'a str> {
        if mem::take(&mut self.has_new_rules) || context.repeat {
            return HashSet::new();
        }
        let due: HashSet<&str> = self
            .rule_states
            .iter()
            .flat_map(|rule_state| rule_state.due(context.now.instant))
            .map(Identity::cluster_name)
            .collect();
        let clusters = snapshot.clusters.iter();
        let unchanged = clusters.filter(|cluster| {
            self.lookback.is_taken(cluster) && !due.contains(cluster.name.as_str())
        });
        unchanged.map(|cluster| cluster.name.as_str()).collect()
    }

    fn context(&mut self, wall: Timestamp) -> EvaluationContext {
        let instant = self.clock.now;
        let repeat = self.repeated.is_none_or(|at| instant.since(at) >= REPEAT);
        if repeat {
            self.repeated = Some(instant);
        }
        EvaluationContext {
            now: Now { instant, wall },
            before: self.clock.before,
            repeat,
            to_notify: Vec::new(),
            changes: Changes::default(),
        }
    }

    fn next(&self, now: Timestamp) -> Timestamp {
        let due = self.rule_states.iter().flat_map(|rule_state| {
            let times = rule_state.rule.times();
            let alerts = rule_state.active.values();
            alerts.filter_map(move |alert| alert.state.due(times))
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
