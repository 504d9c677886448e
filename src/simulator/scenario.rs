//! A scenario: how a world begins and what happens to it, as data.

use std::{borrow::Cow, time::Duration};

use super::{Fault, Link, LinkConfig, LinkRef, Missing, Task, TaskError, Throughput, World};

/// A world and its timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// How the world begins.
    pub world: World,
    /// What happens when, counted from the start of a period. In any order; simultaneous changes happen as listed.
    pub timeline: Vec<(Duration, Change)>,
    /// After this time the world begins anew; `None` means it stays as its timeline left it.
    pub period: Option<Duration>,
}

/// Something that happens to a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The task of that name becomes this one, or is added.
    Task {
        /// Whose task.
        link: LinkRef,
        /// The task from then on.
        task: Task,
    },
    /// All tasks of the link become these.
    Tasks {
        /// Whose tasks.
        link: LinkRef,
        /// The tasks from then on.
        tasks: Vec<Task>,
    },
    /// A setting of the link gets another value; its tasks stay as they are.
    Setting {
        /// Whose setting.
        link: LinkRef,
        /// Its name.
        name: String,
        /// Its value from then on.
        value: String,
    },
    /// The link itself changes its state; its tasks stay as they are.
    Link {
        /// Which link.
        link: LinkRef,
        /// Its `link_state` from then on.
        state: String,
        /// Its `link_error` from then on.
        error: Option<TaskError>,
    },
    /// A link is created.
    AddLink {
        /// On which cluster.
        cluster_id: String,
        /// The link.
        link: Box<Link>,
    },
    /// A link is deleted.
    RemoveLink {
        /// Which link.
        link: LinkRef,
    },
    /// A mirror topic changes its status.
    MirrorStatus {
        /// Whose mirror topic.
        link: LinkRef,
        /// Its name.
        topic: String,
        /// Its `mirror_status` from then on.
        status: String,
    },
    /// A mirror topic falls behind, stands still or catches up.
    MirrorThroughput {
        /// Whose mirror topic.
        link: LinkRef,
        /// Its name.
        topic: String,
        /// The throughput of every partition from then on.
        throughput: Throughput,
    },
    /// The faults of the cluster become this one, or none.
    Fault {
        /// Which cluster.
        cluster_id: String,
        /// What goes wrong from then on.
        fault: Option<Fault>,
    },
}

impl Scenario {
    /// A world to which nothing happens.
    pub fn still(world: World) -> Self {
        Self {
            world,
            ..Self::default()
        }
    }

    /// The world as it is `elapsed` after the start.
    pub fn world_at(&self, elapsed: Duration) -> Cow<'_, World> {
        let now = self.time_in_period(elapsed);
        let mut due: Vec<_> = self.timeline.iter().filter(|(at, _)| *at <= now).collect();
        if due.is_empty() {
            return Cow::Borrowed(&self.world);
        }
        due.sort_by_key(|(at, _)| *at);
        // Mirrors freeze their lag at a moment of the whole run, not of the period.
        let begun = elapsed.saturating_sub(now);
        let mut world = self.world.clone();
        for (at, change) in due {
            // A test may have taken away what the timeline wants to change: then nothing happens.
            let _ = change.apply(&mut world, begun + *at);
        }
        Cow::Owned(world)
    }

    fn time_in_period(&self, elapsed: Duration) -> Duration {
        match self.period.map(|period| period.as_nanos()) {
            None | Some(0) => elapsed,
            Some(period) => {
                let nanos = elapsed.as_nanos() % period;
                u64::try_from(nanos).map_or(elapsed, Duration::from_nanos)
            }
        }
    }
}

impl Change {
    /// Makes the change in the world. It happens `at` this time after the start.
    pub fn apply(&self, world: &mut World, at: Duration) -> Result<(), Missing> {
        let seed = world.seed;
        match self {
            Self::Task { link, task } => world.link_mut(link)?.set_task(task.clone()),
            Self::Tasks { link, tasks } => world.link_mut(link)?.tasks = Some(tasks.clone()),
            Self::Setting { link, name, value } => {
                let config = LinkConfig::new(name, Some(value), false);
                world.link_mut(link)?.set_config(config);
            }
            Self::Link { link, state, error } => {
                let link = world.link_mut(link)?;
                link.link_state = Some(state.clone());
                link.link_error.clone_from(error);
            }
            Self::AddLink { cluster_id, link } => {
                world.cluster_mut(cluster_id)?.links.push((**link).clone());
            }
            Self::RemoveLink { link } => {
                world.link_mut(link)?;
                world
                    .cluster_mut(&link.cluster_id)?
                    .links
                    .retain(|kept| kept.link_name != link.link_name);
            }
            Self::MirrorStatus {
                link,
                topic,
                status,
            } => world.mirror_mut(link, topic)?.turn(status, seed, at),
            Self::MirrorThroughput {
                link,
                topic,
                throughput,
            } => {
                world
                    .mirror_mut(link, topic)?
                    .change_throughput(*throughput, at);
            }
            Self::Fault { cluster_id, fault } => {
                world.cluster_mut(cluster_id)?.faults = fault.iter().cloned().collect();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::{Cluster, Mode};

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    fn flips(period: Option<Duration>) -> Scenario {
        let link = LinkRef::new("lkc-near01", "orders");
        let change = |state: &str| Change::Task {
            link: link.clone(),
            task: Task::new("AclSync", state),
        };
        Scenario {
            world: World::new([Cluster::new(
                "lkc-near01",
                [Link::new("orders", Mode::Destination, "lkc-far001")],
            )]),
            timeline: vec![
                (minutes(2), change("UNKNOWN")),
                (minutes(1), change("IN_ERROR")),
            ],
            period,
        }
    }

    fn acl_sync(scenario: &Scenario, elapsed: Duration) -> String {
        let world = scenario.world_at(elapsed);
        let tasks = world.clusters[0].links[0].tasks.as_ref().unwrap();
        tasks[1].state.clone()
    }

    #[test]
    fn a_timeline_depends_on_nothing_but_the_elapsed_time() {
        let scenario = flips(None);
        // Backwards on purpose: no request leaves a trace.
        let states = [99, 2, 1, 0].map(|minute| acl_sync(&scenario, minutes(minute)));
        assert_eq!(states, ["UNKNOWN", "UNKNOWN", "IN_ERROR", "ACTIVE"]);
    }

    #[test]
    fn a_period_begins_the_world_anew() {
        let scenario = flips(Some(minutes(3)));
        let states = [2, 3, 4, 5, 6].map(|minute| acl_sync(&scenario, minutes(minute)));
        assert_eq!(
            states,
            ["UNKNOWN", "ACTIVE", "IN_ERROR", "UNKNOWN", "ACTIVE"]
        );
    }

    #[test]
    fn a_change_of_what_a_test_took_away_is_no_accident() {
        let mut scenario = flips(None);
        scenario.world.clusters.clear();
        assert_eq!(scenario.world_at(minutes(9)).clusters, []);
    }

    #[test]
    fn a_change_of_what_is_not_there_says_what_is_missing() {
        let link = Link::new("orders", Mode::Destination, "lkc-far001");
        let mut world = World::new([Cluster::new("lkc-near01", [link])]);
        let mut missing = |cluster: &str, link: &str| {
            let change = Change::Task {
                link: LinkRef::new(cluster, link),
                task: Task::new("AclSync", "ACTIVE"),
            };
            let missing = change.apply(&mut world, Duration::ZERO).unwrap_err();
            missing.to_string()
        };
        assert_eq!(
            missing("lkc-nobody", "orders"),
            "the simulated world has no such cluster: `lkc-nobody`"
        );
        assert_eq!(
            missing("lkc-near01", "sales"),
            "the simulated world has no such link: `sales`"
        );
    }
}
