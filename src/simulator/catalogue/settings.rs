//! Scenarios about settings that are accepted and do not work.

use super::{
    ACL_FILTERS_MISSING, CLUSTER, Change, Cluster, Link, MINUTE, Mode, REMOTE, Scenario, Task,
    World, failing, link_ref, one_link, orders,
};

const TOPIC_FILTERS_MISSING: (&str, &str) = (
    "MISCONFIGURATION_ERROR",
    "Auto create mirror topics is enabled and auto.create.mirror.topics.filters is empty.",
);

/// Somebody switches three features off and on again, and does not know that this clears their filters.
pub(super) fn filters_cleared() -> Scenario {
    let task = |task| Change::Task {
        link: link_ref(),
        task,
    };
    let off = |name| task(Task::new(name, "NOT_CONFIGURED"));
    let on = |switch: &str| Change::Setting {
        link: link_ref(),
        name: switch.to_owned(),
        value: "true".to_owned(),
    };
    let offs = ["ConsumerOffsetSync", "AclSync", "AutoCreateMirror"].map(off);
    let ons = [
        on("consumer.offset.sync.enable"),
        on("acl.sync.enable"),
        on("auto.create.mirror.topics.enable"),
        task(Task::new("ConsumerOffsetSync", "ACTIVE")),
        task(failing("AclSync", ACL_FILTERS_MISSING)),
        task(failing("AutoCreateMirror", TOPIC_FILTERS_MISSING)),
    ];
    let offs = offs.into_iter().map(|change| (MINUTE, change));
    let ons = ons.into_iter().map(|change| (2 * MINUTE, change));
    Scenario {
        world: one_link(orders()),
        timeline: offs.chain(ons).collect(),
        period: None,
    }
}

/// One link for each mistake, named after it. The remote cluster has the other half of the only bidirectional one.
pub(super) fn misconfigured() -> Scenario {
    let link = |name: &str| Link::new(name, Mode::Destination, REMOTE);
    let half = |remote| Link::new("group-prefix-both-ways", Mode::Bidirectional, remote);

    // Not by `Link::task`, which would switch the feature off with its task.
    let mut idle = link("acls-not-running");
    let mut tasks = idle.tasks.iter_mut().flatten();
    let acl_sync = tasks.find(|task| task.task_name == "AclSync");
    let acl_sync = acl_sync.expect("every link has AclSync");
    "NOT_CONFIGURED".clone_into(&mut acl_sync.state);

    let links = [
        idle,
        link("offsets-not-enabled").config("consumer.offset.sync.enable", "false"),
        link("group-prefix-without-prefix").config("consumer.group.prefix.enable", "true"),
        half(REMOTE)
            .config("consumer.group.prefix.enable", "true")
            .config("cluster.link.prefix", "west."),
        link("acls-too-often").config("acl.sync.ms", "500"),
        link("nobody-connects").config("connection.mode", "INBOUND"),
    ];
    Scenario::still(World::new([
        Cluster::new(CLUSTER, links),
        Cluster::new(REMOTE, [half(CLUSTER)]),
    ]))
}
