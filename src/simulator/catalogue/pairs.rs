//! Scenarios about the halves of bidirectional links.

use super::{
    BOOTSTRAP_OUT_OF_REACH, CLUSTER, Cluster, Link, Mirror, Mode, REMOTE, REMOTE_LINK_NOT_FOUND,
    Scenario, Task, World, failing,
};

pub(super) const BOTH_WAYS: &str = "orders-both-ways";

/// Every task of it runs.
fn half(link_name: &str, remote_cluster_id: &str) -> Link {
    Link::new(link_name, Mode::Bidirectional, remote_cluster_id)
}

/// Both halves.
pub(super) fn pair(link_name: &str) -> [Link; 2] {
    [half(link_name, REMOTE), half(link_name, CLUSTER)]
}

/// The documentation's example, its four tasks in its order.
pub(super) fn lonely_half(link_name: &str, remote_cluster_id: &str) -> Link {
    half(link_name, remote_cluster_id)
        .task(failing("ConsumerOffsetSync", REMOTE_LINK_NOT_FOUND))
        .task(Task::new("AclSync", "NOT_CONFIGURED"))
        .task(Task::new("TopicConfigsSync", "ACTIVE"))
        .task(Task::new("AutoCreateMirror", "NOT_CONFIGURED"))
}

fn world(pairs: impl IntoIterator<Item = [Link; 2]>) -> Scenario {
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for [here, there] in pairs {
        near.push(here);
        far.push(there);
    }
    let clusters = [Cluster::new(CLUSTER, near), Cluster::new(REMOTE, far)];
    Scenario::still(World::new(clusters))
}

/// Each half with a prefix, so that what comes is not taken for what goes.
pub(super) fn bidirectional() -> Scenario {
    let with_orders = |half: Link, prefix: &str| {
        let topic = Mirror::new(&format!("{prefix}orders"), &[0, 2]).traffic(30, 15);
        half.config("cluster.link.prefix", prefix).mirror(topic)
    };
    let [near, far] = pair(BOTH_WAYS);
    world([[with_orders(near, "west."), with_orders(far, "east.")]])
}

pub(super) fn missing_half() -> Scenario {
    Scenario::still(World::new([
        Cluster::new(CLUSTER, [lonely_half(BOTH_WAYS, REMOTE)]),
        Cluster::new(REMOTE, []),
    ]))
}

/// One pair for each way in which halves can disagree, named after it.
pub(super) fn disagreeing() -> Scenario {
    let [near, far] = pair("paused-on-one-side");
    let paused = [near, far.state("PAUSED")];

    let (code, message) = BOOTSTRAP_OUT_OF_REACH;
    let waits = |half: Link| {
        half.config("connection.mode", "INBOUND")
            .state("UNAVAILABLE")
            .error(code, message)
    };
    let waiting = pair("inbound-on-both-sides").map(waits);

    let [near, far] = pair("offsets-one-way");
    let off = Task::new("ConsumerOffsetSync", "NOT_CONFIGURED");
    let offsets = [near, far.task(off)];

    let [near, far] = pair("filters-on-one-side");
    let filters = [near, far.config("consumer.offset.group.filters", "")];

    let elsewhere = "leads-elsewhere";
    let elsewhere = [half(elsewhere, REMOTE), half(elsewhere, "lkc-north1")];
    world([paused, waiting, offsets, filters, elsewhere])
}
