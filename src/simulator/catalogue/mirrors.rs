//! Scenarios about mirror topics and settings.

use super::{
    CLUSTER, Change, Cluster, Effect, Fault, LINK, Link, MINUTE, Mirror, Mode, PathKind, REMOTE,
    Scenario, Throughput, World, link_ref, orders,
};

/// Every condition a mirror topic can be in, beside one that is well.
pub(super) fn mirrors() -> Scenario {
    let written = |written, fetched| Throughput { written, fetched };
    let mut link = Link::new(LINK, Mode::Destination, REMOTE)
        .config("cluster.link.prefix", "west-")
        .mirror(Mirror::new("west-healthy", &[0, 0]).throughput(written(50, 50)))
        .mirror(Mirror::new("west-falls-behind", &[0, 0]).throughput(written(50, 40)))
        .mirror(Mirror::new("west-stalls", &[0]).throughput(written(20, 20)))
        .mirror(
            Mirror::new("west-failed", &[70])
                .status("FAILED")
                .error("SOURCE_TOPIC_MAY_BE_DELETED"),
        )
        .mirror(Mirror::new("west-unreadable", &[4]).status("SOURCE_UNAVAILABLE"))
        .mirror(Mirror::new("west-promoted", &[3]).status("STOPPED"))
        .mirror(Mirror::new("west-paused", &[900]).status("PAUSED"));
    let mut fresh = Mirror::new("west-not-yet-fetched", &[5]);
    fresh.partitions[0].last_source_fetch_offset = -1;
    link = link.mirror(fresh).partitions(&[
        ("ACTIVE", 6),
        ("PAUSED", 1),
        ("IN_ERROR", 2),
        ("NOT_APPLICABLE", 1),
    ]);
    let throughput = |written, fetched| Change::MirrorThroughput {
        link: link_ref(),
        topic: "west-stalls".to_owned(),
        throughput: Throughput { written, fetched },
    };
    Scenario {
        world: World::new([Cluster::new(CLUSTER, [link])]),
        timeline: vec![
            (MINUTE, throughput(20, 0)),
            (25 * MINUTE, throughput(20, 200)),
        ],
        period: None,
    }
}

/// Somebody promotes a topic whose consumer groups are still in use at the destination.
pub(super) fn promote_hangs() -> Scenario {
    let group_in_use = Mirror::new("orders", &[0, 0]).transition_error(
        "CONSUMER_GROUP_IN_USE_ERROR",
        "Group billing is in use on the destination cluster.",
    );
    let link = Link::new(LINK, Mode::Destination, REMOTE).mirror(group_in_use);
    let promote = Change::MirrorStatus {
        link: link_ref(),
        topic: "orders".to_owned(),
        status: "PENDING_STOPPED".to_owned(),
    };
    Scenario {
        world: World::new([Cluster::new(CLUSTER, [link])]),
        timeline: vec![(MINUTE, promote)],
        period: None,
    }
}

/// A server that reads `-` as the name of a link, or refuses it.
pub(super) fn link_by_link() -> Scenario {
    let sales = Link::new("sales-dr", Mode::Destination, REMOTE)
        .mirror(Mirror::new("sales", &[4]).traffic(10, 3));
    let fault = Fault::new(Effect::Unsupported)
        .on(PathKind::Mirrors)
        .of_link("-");
    Scenario::still(World::new([
        Cluster::new(CLUSTER, [orders(), sales]).fault(fault)
    ]))
}

/// A key whose owner may DESCRIBE the cluster and nothing else.
pub(super) fn details_forbidden() -> Scenario {
    let forbidden = |path| Fault::new(Effect::Forbidden).on(path);
    let cluster = Cluster::new(CLUSTER, [orders()])
        .fault(forbidden(PathKind::Configs))
        .fault(forbidden(PathKind::Mirrors))
        .fault(forbidden(PathKind::Mirror));
    Scenario::still(World::new([cluster]))
}
