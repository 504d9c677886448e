//! The shape of a recording rule, and the patterns that all of them follow.
//!
//! Alerts must know what was last known, within an hour, of everything that was bad. To look for that in the exporter's own
//! series would go through an hour of every healthy task and link at each evaluation. So the rule file records what is not
//! healthy, and alerts look back over that: in a healthy fleet there is nothing to record.
//!
//! There are two kinds of recordings. One has series only while something holds, with the time of the evaluation as their
//! value: [`now`] reads it. The other is latched ([`latch`]): its value is a time, or 0 once it is over. That 0 is written
//! because a look-back would find the last time again if the series merely ended; and because it is written, its series can
//! be read without asking how old they are.

use super::{
    expression::{by, hour},
    lookback::HOUR,
};

/// The label that says of a task that is not ACTIVE whether it was so within the hour, by `1` or `0`.
pub(super) const WAS_ACTIVE: &str = "was_active";

/// The recording of links of which no tasks are named.
pub(super) const TASKS_UNREPORTED: &str = "clusterlink:link_tasks_unreported:last_seen";

/// A recording rule: a series that alerts look back on.
#[derive(Clone, Copy, Debug)]
pub struct Recording {
    /// The name of the series.
    pub name: &'static str,
    /// Writes it in PromQL, with the marks of a [`super::Rule`], of the name: what is latched reads itself.
    pub(super) of_name: fn(&str) -> String,
}

impl Recording {
    /// What is recorded, in PromQL with the marks of a [`super::Rule`].
    pub fn expression(&self) -> String {
        (self.of_name)(self.name)
    }
}

/// An hour in the times of recordings, in seconds.
pub(super) const AN_HOUR: u64 = 3_600;
/// A day in them.
pub(super) const A_DAY: u64 = 86_400;

/// A latched recording.
pub(super) struct Latched<'a> {
    /// Its own name.
    pub(super) name: &'a str,
    pub(super) labels: &'a str,
    /// Where it holds now, whatever the value.
    pub(super) now: String,
    /// What narrows the subjects of which it held last within the hour down to those of which nobody knows whether it still
    /// does: operators and what follows them.
    pub(super) kept: String,
}

/// Series whose value is the time of the evaluation, as recordings have it that [`now`] reads.
pub(super) fn stamped(series: &str) -> String {
    format!("0 * {series} + time()")
}

/// The series that are recorded in this evaluation. Prometheus marks the end of a recorded series, but not of those from
/// before its restart.
pub(super) fn now(series: &str) -> String {
    format!("({series} == time())")
}

/// The value that a recording had last, one for each subject.
pub(super) fn before(name: &str, labels: &str) -> String {
    by(labels, &format!("last_over_time({name}{{@:}}[{}])", hour()))
}

/// When something was last seen to hold, for up to an hour while nobody knows, then 0.
pub(super) fn latch(latched: &Latched) -> String {
    let Latched {
        name,
        labels,
        now,
        kept,
    } = latched;
    let before = before(name, labels);
    let hour = HOUR.as_secs();
    let kept = kept.replace("{before}", &format!("{before} > 0 > time() - {hour}"));
    format!("{}\nor (\n  {kept}\n)\nor 0 * ({before} > 0)", stamped(now))
}

/// Since when something holds, for as long as it does, then 0.
pub(super) fn since(name: &str, labels: &str, now: &str) -> String {
    let before = before(name, labels);
    format!(
        "{before} > 0 and on ({labels}) {now}\nor {}\nor 0 * ({before} > 0)",
        stamped(now)
    )
}

/// Since when something is so that needed one more fact to be noticed, as long as it is; then 0. `since` has the time since
/// when it can be noticed, `noticed` narrows that to what is: operators and what follows them.
pub(super) fn noticed(name: &str, labels: &str, since: &str, noticed: &str) -> String {
    let before = before(name, labels);
    let since = by(labels, since);
    format!("{since} > 0 {noticed}\nor ({since} > 0) == {before}\nor 0 * ({before} > 0)")
}
