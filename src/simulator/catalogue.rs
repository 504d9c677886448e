//! The scenarios that come with the product, one row each.

use std::time::Duration;

use super::{
    BrokenBody, Change, Cluster, Effect, Fault, Link, LinkRef, Mirror, Mode, OrganisationFault,
    PathKind, Scenario, Task, TaskError, Throughput, World,
};

mod demo;
mod failures;
mod mirrors;
mod pairs;
mod settings;

/// A scenario by name.
#[derive(Debug)]
pub struct Entry {
    /// What to call it on the command line.
    pub name: &'static str,
    /// What happens in it, in one line.
    pub description: &'static str,
    /// Builds it.
    pub build: fn() -> Scenario,
}

/// Every scenario.
#[rustfmt::skip]
pub const SCENARIOS: &[Entry] = &[
    Entry { name: "healthy", build: healthy,
        description: "one link, every task active" },
    Entry { name: "task-flips", build: task_flips,
        description: "AclSync is in error every other minute; its link stays active" },
    Entry { name: "link-unavailable", build: failures::link_unavailable,
        description: "after one minute the remote cluster is out of reach, four minutes later it is back; then again" },
    Entry { name: "link-failed", build: failures::link_failed,
        description: "after one minute the link fails for good: its credentials are not accepted any more" },
    Entry { name: "failover", build: failures::failover,
        description: "after one minute the source is gone for good; from the fifth to the eighth its topics are failed over" },
    Entry { name: "paused", build: paused,
        description: "one link is paused by an operator, another is active" },
    Entry { name: "deleted", build: deleted,
        description: "after one minute one of two links is deleted" },
    Entry { name: "new-state", build: new_state,
        description: "the link and a task report states that nobody has heard of, another task an unknown error" },
    Entry { name: "several-errors", build: several_errors,
        description: "a task has three errors at once, two of them with the same code" },
    Entry { name: "bidirectional", build: pairs::bidirectional,
        description: "a bidirectional link, both halves well" },
    Entry { name: "bidirectional-half", build: pairs::missing_half,
        description: "the other half of a bidirectional link is missing: the link is active, ConsumerOffsetSync fails" },
    Entry { name: "halves-disagree", build: pairs::disagreeing,
        description: "five bidirectional links, each with halves that disagree in another way" },
    Entry { name: "filters-cleared", build: settings::filters_cleared,
        description: "after one minute features are switched off, one later on again, now without filters; the link stays active" },
    Entry { name: "misconfigured", build: settings::misconfigured,
        description: "six links, each with another setting that is accepted and does not work" },
    Entry { name: "remnants", build: remnants,
        description: "two nameless remnants of deleted source-initiated links beside a healthy one" },
    Entry { name: "old-server", build: old_server,
        description: "a server of 2022 that reports neither states nor tasks" },
    Entry { name: "paged", build: paged,
        description: "twenty-five links in lists of ten" },
    Entry { name: "slow", build: slow,
        description: "every answer takes two to five seconds" },
    Entry { name: "throttled", build: throttled,
        description: "429 for every other minute, with `Retry-After`" },
    Entry { name: "broken-bodies", build: broken_bodies,
        description: "seven links, each answered with another kind of broken body; an eighth is whole" },
    Entry { name: "mirrors", build: mirrors::mirrors,
        description: "mirror topics in every condition: one falls behind, one stalls and catches up, one fails, one is promoted" },
    Entry { name: "promote-hangs", build: mirrors::promote_hangs,
        description: "a promote that consumers hold up: PENDING_STOPPED with transition errors, from the second minute on" },
    Entry { name: "mirrors-link-by-link", build: mirrors::link_by_link,
        description: "a server that does not list the mirror topics of all links at once" },
    Entry { name: "details-forbidden", build: mirrors::details_forbidden,
        description: "links and tasks may be seen, settings and mirror topics may not" },
    Entry { name: "rights-missing", build: failures::rights_missing,
        description: "five clusters, each of which refuses another question for want of a right" },
    Entry { name: "says-nothing", build: failures::says_nothing,
        description: "a task and a mirror topic are broken; after two minutes good answers of one of two servers leave out tasks, statuses, lags and settings" },
    Entry { name: "discovery-fails", build: failures::discovery_fails,
        description: "as healthy, but every list of the organisation API breaks off after its first page" },
    Entry { name: "demo", build: demo::demo,
        description: "four lively clusters with one of each trouble" },
    Entry { name: "fleet", build: || fleet(1000, Duration::ZERO),
        description: "one cluster with a thousand links, for benchmarks" },
];

const CLUSTER: &str = "lkc-east01";
const REMOTE: &str = "lkc-west01";
const LINK: &str = "orders-dr";

const MINUTE: Duration = Duration::from_secs(60);

/// The code and the message of the documentation's example: the other half of a bidirectional link does not exist.
const REMOTE_LINK_NOT_FOUND: (&str, &str) = (
    "REMOTE_LINK_NOT_FOUND_ERROR",
    "Failed to get remote link config due to link not being found on the remote cluster.",
);

const ACL_FILTERS_MISSING: (&str, &str) = (
    "MISCONFIGURATION_ERROR",
    "ACL sync is enabled and acl.filters is empty.",
);

const BOOTSTRAP_OUT_OF_REACH: (&str, &str) = (
    "BOOTSTRAP_TCP_CONNECTION_FAILED_ERROR",
    "Could not connect to any of the bootstrap servers of the remote cluster.",
);

impl Scenario {
    /// The scenario of that name in [`SCENARIOS`].
    pub fn named(name: &str) -> Option<Self> {
        let entry = SCENARIOS.iter().find(|entry| entry.name == name)?;
        Some((entry.build)())
    }
}

/// One cluster, `lkc-fleet1`, with that many healthy links of four tasks each; every answer takes `latency`.
pub fn fleet(links: usize, latency: Duration) -> Scenario {
    let links: Vec<_> = (0..links)
        .map(|number| {
            let remote = format!("lkc-src{:03}", number % 100);
            Link::new(&format!("link-{number:05}"), Mode::Destination, &remote)
        })
        .collect();
    let fault = Fault::new(Effect::latency(latency));
    let cluster = Cluster::new("lkc-fleet1", links).fault(fault);
    Scenario::still(World::new([cluster]))
}

/// The usual link: one mirror topic with a little lag.
fn orders() -> Link {
    let topic = Mirror::new("orders", &[0, 12, 3]).traffic(40, 20);
    Link::new(LINK, Mode::Destination, REMOTE).mirror(topic)
}

fn one_link(link: Link) -> World {
    World::new([Cluster::new(CLUSTER, [link])])
}

fn link_ref() -> LinkRef {
    LinkRef::new(CLUSTER, LINK)
}

fn failing(task: &str, (code, message): (&str, &str)) -> Task {
    Task::new(task, "IN_ERROR").error(code, message)
}

fn healthy() -> Scenario {
    Scenario::still(one_link(orders()))
}

fn task_flips() -> Scenario {
    Scenario {
        world: one_link(orders()),
        timeline: vec![(
            MINUTE,
            Change::Task {
                link: link_ref(),
                task: failing("AclSync", ACL_FILTERS_MISSING),
            },
        )],
        period: Some(2 * MINUTE),
    }
}

fn paused() -> Scenario {
    let paused = Link::new("sales-dr", Mode::Destination, REMOTE)
        .state("PAUSED")
        .mirror(Mirror::new("sales", &[0, 0]).status("LINK_PAUSED"));
    Scenario::still(World::new([Cluster::new(CLUSTER, [orders(), paused])]))
}

fn deleted() -> Scenario {
    let other = Link::new("sales-dr", Mode::Destination, REMOTE);
    Scenario {
        world: World::new([Cluster::new(CLUSTER, [orders(), other])]),
        timeline: vec![(MINUTE, Change::RemoveLink { link: link_ref() })],
        period: None,
    }
}

fn new_state() -> Scenario {
    let link = orders()
        .state("HIBERNATING")
        .task(Task::new("AclSync", "REHEARSING"))
        .task(failing(
            "AutoCreateMirror",
            ("MOON_PHASE_ERROR", "The moon is in the wrong phase."),
        ))
        .task(Task::new("SchemaSync", "ACTIVE"));
    Scenario::still(one_link(link))
}

fn several_errors() -> Scenario {
    let task = failing("ConsumerOffsetSync", REMOTE_LINK_NOT_FOUND)
        .error("CONSUMER_GROUP_IN_USE_ERROR", "Group billing is in use.")
        .error("CONSUMER_GROUP_IN_USE_ERROR", "Group shipping is in use.");
    Scenario::still(one_link(orders().task(task)))
}

fn remnants() -> Scenario {
    let links = [
        Link::remnant(REMOTE, 1),
        orders(),
        Link::remnant("lkc-north1", 2),
    ];
    Scenario::still(World::new([Cluster::new(CLUSTER, links)]))
}

fn old_server() -> Scenario {
    let mut world = one_link(orders());
    world.clusters[0].dialect.old_server = true;
    Scenario::still(world)
}

fn paged() -> Scenario {
    let mut scenario = fleet(25, Duration::ZERO);
    let cluster = &mut scenario.world.clusters[0];
    CLUSTER.clone_into(&mut cluster.cluster_id);
    cluster.dialect.page_size = Some(10);
    scenario
}

fn slow() -> Scenario {
    let mut world = one_link(orders());
    world.clusters[0].faults.push(Fault::new(Effect::Slow {
        latency: Duration::from_secs(2),
        jitter: Duration::from_secs(3),
    }));
    Scenario::still(world)
}

fn throttled() -> Scenario {
    let retry_after = Some("5".to_owned());
    let throttle = Change::Fault {
        cluster_id: CLUSTER.to_owned(),
        fault: Some(Fault::new(Effect::Throttled { retry_after })),
    };
    Scenario {
        world: one_link(orders()),
        timeline: vec![(MINUTE, throttle)],
        period: Some(2 * MINUTE),
    }
}

fn broken_bodies() -> Scenario {
    let mut cluster = Cluster::new(CLUSTER, [orders()]);
    for broken in BrokenBody::ALL {
        let name = broken.name();
        let link = Link::new(name, Mode::Destination, REMOTE);
        cluster.links.push(link);
        let fault = Fault::new(Effect::Broken(*broken))
            .on(PathKind::Link)
            .of_link(name);
        cluster.faults.push(fault);
    }
    Scenario::still(World::new([cluster]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_found_by_its_name_and_only_once() {
        for entry in SCENARIOS {
            assert_eq!(Scenario::named(entry.name), Some((entry.build)()));
            let same = SCENARIOS.iter().filter(|other| other.name == entry.name);
            assert_eq!(same.count(), 1, "{}", entry.name);
        }
        assert_eq!(Scenario::named("nonsense"), None);
    }

    #[test]
    fn no_timeline_changes_what_its_world_does_not_hold() {
        for entry in SCENARIOS {
            let Scenario {
                mut world,
                timeline,
                ..
            } = (entry.build)();
            for (at, change) in timeline {
                assert_eq!(change.apply(&mut world, at), Ok(()), "{}", entry.name);
            }
        }
    }
}
