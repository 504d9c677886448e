//! When a link's settings are read: with its first describe, then every tenth poll, and when its state changes or a task
//! is switched on or off. Pure.
//!
//! They change when somebody changes them, and each reading is a request a link: asked for in every poll they would
//! double what a poll costs. A task that goes to NOT_CONFIGURED, or comes from there, tells that somebody did: settings
//! of before would contradict it for ten polls, and a link that is well would not be ready for a failover.

use std::collections::HashMap;

use crate::model::{Link, LinkName, LinkState, TaskName, TaskState};

/// From one reading to the next, in polls; also how long a refusal is respected.
pub(super) const EVERY: u64 = 10;

/// Which links' settings are due. Polls are counted from 0.
#[derive(Debug, Default)]
pub(super) struct ConfigSchedule(HashMap<LinkName, Entry>);

#[derive(Debug)]
struct Entry {
    /// A link created again under its name is another link.
    cluster_link_id: String,
    state: Option<LinkState>,
    /// Its tasks that are NOT_CONFIGURED, sorted.
    switched_off: Vec<TaskName>,
    /// The next poll that reads them, come what may.
    due: u64,
    /// Readings that failed, one after the other.
    failures: u32,
}

/// How a reading went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The settings came.
    Read,
    /// The server will not let us see them, today and in a minute.
    Refused,
    /// They did not come; they may the next time.
    Failed,
}

impl ConfigSchedule {
    /// Whether this poll, in which the link was described like this, reads the link's settings.
    pub(super) fn is_due(&self, poll: u64, link: &Link) -> bool {
        self.0.get(&link.link_name).is_none_or(|entry| {
            entry.due <= poll
                || entry.cluster_link_id != link.cluster_link_id
                || entry.state != link.link_state
                || entry.switched_off != switched_off(link)
        })
    }

    /// Notes how the reading in this poll went.
    pub(super) fn note(&mut self, poll: u64, link: &Link, reading: Reading) {
        let before = self
            .0
            .get(&link.link_name)
            .map_or(0, |entry| entry.failures);
        let (failures, wait) = match reading {
            Reading::Read | Reading::Refused => (0, EVERY),
            // The first failure may be an accident; a server in trouble is asked less and less.
            Reading::Failed => (before + 1, EVERY.min(1 << before.min(4))),
        };
        let entry = Entry {
            cluster_link_id: link.cluster_link_id.clone(),
            state: link.link_state.clone(),
            switched_off: switched_off(link),
            due: poll + wait,
            failures,
        };
        self.0.insert(link.link_name.clone(), entry);
    }

    /// Of how many links it remembers something.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it remembers something of this one.
    pub(super) fn remembers(&self, link: &LinkName) -> bool {
        self.0.contains_key(link)
    }

    /// Forgets the links that this holds not for.
    pub(super) fn retain(&mut self, is_listed: impl Fn(&LinkName) -> bool) {
        self.0.retain(|name, _| is_listed(name));
    }
}

fn switched_off(link: &Link) -> Vec<TaskName> {
    let tasks = link.tasks.iter().flatten();
    let off = tasks.filter(|task| task.state == TaskState::NotConfigured);
    let mut names: Vec<_> = off.map(|task| task.task_name.clone()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Task;

    fn link(id: &str, state: &str) -> Link {
        Link {
            link_name: "dr".into(),
            cluster_link_id: id.to_owned(),
            remote_cluster_id: None,
            link_state: Some(LinkState::parse(state)),
            link_error: None,
            tasks: None,
            mirror_partitions: None,
        }
    }

    /// The polls that read the settings, when poll number n finds the link like `links(n)` and a reading goes like
    /// `readings(n)`.
    fn read(
        polls: u64,
        links: impl Fn(u64) -> Link,
        readings: impl Fn(u64) -> Reading,
    ) -> Vec<u64> {
        let mut schedule = ConfigSchedule::default();
        let due = (0..polls).filter(|poll| {
            let link = links(*poll);
            let is_due = schedule.is_due(*poll, &link);
            if is_due {
                schedule.note(*poll, &link, readings(*poll));
            }
            is_due
        });
        due.collect()
    }

    #[test]
    fn settings_are_read_at_first_sight_and_every_tenth_poll() {
        let steady = |_| link("id", "ACTIVE");
        assert_eq!(read(31, steady, |_| Reading::Read), [0, 10, 20, 30]);
        assert_eq!(read(31, steady, |_| Reading::Refused), [0, 10, 20, 30]);
    }

    #[test]
    fn a_change_of_state_and_a_link_created_anew_are_reasons_to_read_them() {
        let paused = |poll| {
            link(
                "id",
                if (4..7).contains(&poll) {
                    "PAUSED"
                } else {
                    "ACTIVE"
                },
            )
        };
        assert_eq!(read(20, paused, |_| Reading::Read), [0, 4, 7, 17]);
        let again = |poll| link(if poll < 3 { "one" } else { "two" }, "ACTIVE");
        assert_eq!(read(20, again, |_| Reading::Read), [0, 3, 13]);
    }

    #[test]
    fn a_task_that_is_switched_off_or_on_is_a_reason_and_one_that_fails_is_none() {
        let with_task = |state: &str| {
            let task = Task {
                task_name: "AclSync".into(),
                state: TaskState::parse(state),
                errors: Vec::new(),
            };
            Link {
                tasks: Some(vec![task]),
                ..link("id", "ACTIVE")
            }
        };
        let states = [
            "ACTIVE",
            "IN_ERROR",
            "NOT_CONFIGURED",
            "NOT_CONFIGURED",
            "IN_ERROR",
        ];
        let links = |poll: u64| with_task(states[usize::try_from(poll).expect("few polls")]);
        assert_eq!(read(5, links, |_| Reading::Read), [0, 2, 4]);
    }

    #[test]
    fn what_fails_is_tried_again_soon_and_then_less_and_less() {
        let steady = |_| link("id", "ACTIVE");
        let once = |poll| {
            if poll == 0 {
                Reading::Failed
            } else {
                Reading::Read
            }
        };
        assert_eq!(read(20, steady, once), [0, 1, 11]);
        assert_eq!(
            read(40, steady, |_| Reading::Failed),
            [0, 1, 3, 7, 15, 25, 35]
        );
    }

    #[test]
    fn a_link_that_is_gone_is_forgotten() {
        let mut schedule = ConfigSchedule::default();
        schedule.note(0, &link("id", "ACTIVE"), Reading::Read);
        schedule.retain(|name| name.as_str() != "dr");
        assert!(schedule.0.is_empty());
    }
}
