//! The scenario `demo`: what a first look at the exporter should show.

use super::{
    ACL_FILTERS_MISSING, BOOTSTRAP_OUT_OF_REACH, Change, Cluster, Link, LinkRef, MINUTE, Mirror,
    Mode, Scenario, Task, Throughput, World, failing, pairs,
};

const RECOVERY: &str = "lkc-dr0001";
const PRODUCTION: &str = "lkc-prd001";
const ANALYTICS: &str = "lkc-an0002";
const MIGRATION: &str = "lkc-mig003";

pub(super) fn demo() -> Scenario {
    let mut world = World::new([recovery(), production(), analytics(), migration()]);
    // Of the four it alone is not listed by hand.
    let name = (MIGRATION.to_owned(), "migration".to_owned());
    world.organisation.names.extend([name]);
    Scenario {
        world,
        timeline: vec![
            (MINUTE, group_in_use()),
            (MINUTE / 2, payments(60, 20)),
            (MINUTE, payments(15, 35)),
        ],
        period: Some(2 * MINUTE),
    }
}

/// Disaster recovery: the documentation's case, for ever, beside a link whose offset sync comes and goes, and half of a
/// pair that is well.
fn recovery() -> Cluster {
    let orders = Link::new("orders-dr", Mode::Destination, PRODUCTION)
        .mirror(Mirror::new("orders", &[0, 3, 8, 1]).traffic(120, 60))
        .mirror(Mirror::new("orders.payments", &[0, 0]).traffic(30, 25))
        .mirror(Mirror::new("orders.archive", &[0]).status("STOPPED"))
        .partitions(&[("ACTIVE", 6), ("NOT_APPLICABLE", 1)]);
    let broken = pairs::lonely_half("customers-both-ways", PRODUCTION)
        .mirror(Mirror::new("customers", &[0, 0]).traffic(15, 10))
        .partitions(&[("ACTIVE", 2)]);
    Cluster::new(RECOVERY, [orders, broken, inventory(PRODUCTION, "prd.")])
}

/// Production has its half of one pair, and lacks that of the other. A link to a cluster that is no more left a trace.
fn production() -> Cluster {
    let remnant = Link::remnant("lkc-old009", 1);
    Cluster::new(PRODUCTION, [inventory(RECOVERY, "dr."), remnant])
}

/// A half of the pair that is well. The prefix keeps the topics that come apart from those that go.
fn inventory(remote_cluster_id: &str, prefix: &str) -> Link {
    let stock = format!("{prefix}inventory");
    Link::new(
        "inventory-both-ways",
        Mode::Bidirectional,
        remote_cluster_id,
    )
    .config("cluster.link.prefix", prefix)
    .mirror(Mirror::new(&stock, &[0, 1]).traffic(20, 10))
    .partitions(&[("ACTIVE", 2)])
}

/// Analytics: a link paused on purpose, one whose source is out of reach, and one that lags by a minute and a half while
/// a feature of it was switched off and on again.
fn analytics() -> Cluster {
    let (code, message) = BOOTSTRAP_OUT_OF_REACH;
    let paused = Link::new("clickstream", Mode::Destination, "lkc-web004")
        .state("PAUSED")
        .mirror(Mirror::new("clicks", &[18_400, 21_950]).status("LINK_PAUSED"))
        .partitions(&[("PAUSED", 2)]);
    let unavailable = Link::new("warehouse-events", Mode::Destination, "lkc-whs005")
        .state("UNAVAILABLE")
        .error(code, message)
        .mirror(Mirror::new("stock", &[950, 1_204]).status("SOURCE_UNAVAILABLE"))
        .partitions(&[("IN_ERROR", 2)]);
    let late = Link::new("partner-feed", Mode::Destination, "lkc-prt006")
        .config("acl.filters", "")
        .task(failing("AclSync", ACL_FILTERS_MISSING))
        .task(Task::new("AutoCreateMirror", "NOT_CONFIGURED"))
        .mirror(Mirror::new("partner.prices", &[5400]).traffic(60, 90))
        .partitions(&[("ACTIVE", 1)]);
    Cluster::new(ANALYTICS, [paused, unavailable, late])
}

/// A migration, seen from the new cluster: a promote that its consumers hold up, a topic that is gone at the source, one
/// that stands still; and a link that says of itself that it is well while it copies the offsets of no group.
fn migration() -> Cluster {
    let ledger = Mirror::new("ledger", &[0, 0, 0])
        .status("PENDING_STOPPED")
        .transition_error(
            "CONSUMER_GROUP_IN_USE_ERROR",
            "Group bookkeeping is in use.",
        );
    let payroll = Mirror::new("payroll", &[40, 12])
        .status("FAILED")
        .error("SOURCE_TOPIC_MAY_BE_DELETED");
    let stands_still = Throughput {
        written: 20,
        fetched: 0,
    };
    let datacentre = Link::new("datacentre-to-cloud", Mode::Destination, "lkc-onprem7")
        .mirror(ledger)
        .mirror(Mirror::new("invoices", &[0, 0, 0]).traffic(60, 40))
        .mirror(payroll)
        .mirror(Mirror::new("shipments", &[0]).throughput(stands_still))
        .partitions(&[("ACTIVE", 4), ("PENDING", 3), ("IN_ERROR", 2)]);
    let branches = Link::new("branches-to-cloud", Mode::Destination, "lkc-brn008")
        .config("consumer.offset.group.filters", "")
        .mirror(Mirror::new("sales", &[0, 2]).traffic(25, 15))
        .partitions(&[("ACTIVE", 2)]);
    Cluster::new(MIGRATION, [datacentre, branches])
}

/// The flip: a consumer of the group runs on the recovery cluster every other minute.
fn group_in_use() -> Change {
    Change::Task {
        link: LinkRef::new(RECOVERY, "orders-dr"),
        task: failing(
            "ConsumerOffsetSync",
            ("CONSUMER_GROUP_IN_USE_ERROR", "Group billing is in use."),
        ),
    }
}

/// More is written than the mirror can fetch, then less. Together with the first half minute that makes as much as the
/// topic's throughput at the beginning, so that the world that begins anew finds its offsets where it left them.
fn payments(written: u32, fetched: u32) -> Change {
    Change::MirrorThroughput {
        link: LinkRef::new(RECOVERY, "orders-dr"),
        topic: "orders.payments".to_owned(),
        throughput: Throughput { written, fetched },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Positions and lag of a partition of the payments, without swing.
    fn partition(world: &World, elapsed: Duration) -> (i64, i64) {
        let mut partition = world.clusters[0].links[0].mirrors[1].partitions[0].clone();
        partition.swing = 0;
        (
            partition.offset_at(elapsed),
            partition.lag_at("", 0, elapsed),
        )
    }

    #[test]
    fn the_world_that_begins_anew_finds_the_offsets_where_it_left_them() {
        let demo = demo();
        for minute in [2, 20] {
            let after = Duration::from_secs(60 * minute);
            let before = Duration::from_millis(60_000 * minute - 1);
            let (offset, lag) = partition(&demo.world_at(before), before);
            let (next, _) = partition(&demo.world_at(after), after);
            assert!(
                (0..=1).contains(&(next - offset)) && lag <= 2,
                "{offset} {next} {lag}"
            );
        }
    }
}
