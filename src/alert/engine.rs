//! Decides which alerts there are and what to tell of them: a pure function of what is known, what is remembered and now.
//!
//! It evaluates the same rules as Prometheus and comes to the same alerts. It reads no clock, sends nothing and writes
//! nothing: a round returns what to tell and why, which rows to keep, and when to ask again.

mod watch;

use std::time::Duration;

use jiff::Timestamp;

use super::{
    Reason, Rule,
    condition::Scene,
    course::{Now, Stage, Times},
    identity::Identity,
    memory::{Memory, Moment, Tick},
    row::{AlertRow, Changes, Key, Value},
    rules,
};
use crate::model::Snapshot;
use watch::{Pass, Watch};

pub use watch::Active;

/// How often what fires or was resolved is told again, all of it at once. There is a round at least as often: what only
/// time changes is seen this late at most, as in Prometheus.
const REPEAT: Duration = Duration::from_secs(60);

/// The alerts of all rules that the exporter can evaluate itself.
#[derive(Debug, Default)]
pub struct Engine {
    tick: Tick,
    memory: Memory,
    /// In the order of the table; rules that are in use no longer come last, until their alerts are over.
    watches: Vec<Watch>,
    /// When everything was last told again in this process.
    repeated: Option<Moment>,
}

/// An alert to tell.
#[derive(Clone, Debug)]
pub struct Tell {
    /// Why just now.
    pub reason: Reason,
    /// Of which: it fires or is resolved.
    pub active: Active,
}

/// What a round came to.
#[derive(Clone, Debug)]
pub struct Round {
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
                (Key::Clock, Value::Clock(moment)) => engine.tick = Tick::resumed(moment),
                (Key::Polls { cluster_name }, Value::Polls(polls)) => {
                    engine.memory.restore_polls(cluster_name.into(), polls);
                }
                (Key::Link { cluster_name, .. }, Value::Link(link)) => {
                    engine.memory.restore_link(cluster_name.into(), link);
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
        let mut before = std::mem::take(&mut self.watches);
        for rule in rules.into_iter().filter(|rule| rule.daemon.is_some()) {
            let known = before.iter().position(|watch| watch.rule.name == rule.name);
            let mut watch = match known {
                Some(place) => before.swap_remove(place),
                None => Watch::new(rule),
            };
            watch.change(rule);
            self.watches.push(watch);
        }
        for mut watch in before {
            watch.change(watch.rule.retired());
            self.watches.push(watch);
        }
    }

    /// The rules that it evaluates, in the order of the table.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let watches = self.watches.iter().map(|watch| &watch.rule);
        watches.filter(|rule| rule.daemon.is_some())
    }

    /// Every alert that is pending or fires, in no order.
    pub fn active(&self) -> impl Iterator<Item = &Active> {
        let alerts = self.watches.iter().flat_map(|watch| watch.alerts.values());
        alerts
            .map(|alarm| &alarm.active)
            .filter(|active| !matches!(active.course.stage, Stage::Resolved { .. }))
    }

    /// Every row of the state.
    pub fn rows(&self) -> impl Iterator<Item = (Key, Value)> {
        let clock = (Key::Clock, Value::Clock(self.tick.now));
        let alarms = self.watches.iter().flat_map(|watch| watch.alerts.values());
        let alarms = alarms.map(|alarm| (alarm.active.key(), alarm.row()));
        std::iter::once(clock)
            .chain(self.memory.rows())
            .chain(alarms)
    }

    /// Evaluates every rule. `now` is the time of day.
    pub fn round(&mut self, snapshot: &Snapshot, now: Timestamp) -> Round {
        self.tick = self.tick.next(now);
        let mut pass = self.pass(now);
        self.memory.observe(snapshot, self.tick, &mut pass.changes);
        let scene = Scene {
            snapshot,
            memory: &self.memory,
            now: pass.now,
        };
        for found in scene.evaluate(self.watches.iter().map(|watch| &watch.rule)) {
            self.watches[found.rule].hold(&found, &mut pass);
        }
        for watch in &mut self.watches {
            watch.end(&scene, &mut pass);
        }
        self.watches
            .retain(|watch| watch.rule.daemon.is_some() || !watch.alerts.is_empty());
        let Pass {
            tell, mut changes, ..
        } = pass;
        changes.write(Key::Clock, Value::Clock(self.tick.now));
        Round {
            tell,
            changes,
            next: self.next(now),
        }
    }

    fn pass(&mut self, wall: Timestamp) -> Pass {
        let moment = self.tick.now;
        let repeat = self.repeated.is_none_or(|at| moment.since(at) >= REPEAT);
        if repeat {
            self.repeated = Some(moment);
        }
        Pass {
            now: Now { moment, wall },
            before: self.tick.before,
            repeat,
            tell: Vec::new(),
            changes: Changes::default(),
        }
    }

    fn next(&self, now: Timestamp) -> Timestamp {
        let due = self.watches.iter().flat_map(|watch| {
            let times = Times::of(&watch.rule);
            let alarms = watch.alerts.values();
            alarms.filter_map(move |alarm| alarm.active.course.due(times))
        });
        let repeat = self.repeated.map(|at| at.after(REPEAT));
        let pause = due.chain(repeat).min().map(|due| due.since(self.tick.now));
        now + pause.unwrap_or(REPEAT).min(REPEAT)
    }

    fn restore_alert(&mut self, rule: &str, identity: Identity, row: AlertRow) {
        let place = self
            .watches
            .iter()
            .position(|watch| watch.rule.name == rule);
        let place = place.or_else(|| {
            let known = rules().find(|known| known.name == rule)?;
            self.watches.push(Watch::new(known.retired()));
            Some(self.watches.len() - 1)
        });
        if let Some(place) = place {
            self.watches[place].restore(identity, row);
        }
    }
}

#[cfg(test)]
mod tests;
