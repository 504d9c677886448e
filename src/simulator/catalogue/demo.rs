//! The scenario `demo`: what a first look at the exporter should show.

use super::{
    ACL_FILTERS_MISSING, BOOTSTRAP_OUT_OF_REACH, Change, Cluster, Link, MINUTE, Mirror, Mode, Pace,
    Place, Scenario, Task, TaskError, World, failing, half_of_a_pair,
};

const RECOVERY: &str = "lkc-dr0001";
const ANALYTICS: &str = "lkc-an0002";
const MIGRATION: &str = "lkc-mig003";

pub(super) fn demo() -> Scenario {
    let world = World::new([recovery(), analytics(), migration()]);
    Scenario {
        world,
        timeline: vec![
            (MINUTE, group_in_use()),
            (MINUTE / 2, promotion()),
            (MINUTE / 2, burst()),
        ],
        period: Some(2 * MINUTE),
    }
}

/// Disaster recovery: the documentation's case, for ever, beside a link whose offset sync comes and goes.
fn recovery() -> Cluster {
    let orders = Link::new("orders-dr", Mode::Destination, "lkc-prd001")
        .mirror(Mirror::new("orders", &[0, 3, 8, 1]).traffic(120, 60))
        .mirror(Mirror::new("orders.payments", &[2, 0]).traffic(30, 25))
        .mirror(Mirror::new("orders.archive", &[0]).status("STOPPED"));
    let mut both_ways = half_of_a_pair("customers-both-ways", "lkc-prd001")
        .mirror(Mirror::new("customers", &[0, 0]).traffic(15, 10));
    both_ways.category_counts = vec![("ACTIVE".to_owned(), 2), ("IN_ERROR".to_owned(), 0)];
    Cluster::new(RECOVERY, [orders, both_ways])
}

/// Analytics: a link paused on purpose, one whose source is out of reach, one with a feature half switched on.
fn analytics() -> Cluster {
    let (code, message) = BOOTSTRAP_OUT_OF_REACH;
    let paused = Link::new("clickstream", Mode::Destination, "lkc-web004")
        .state("PAUSED")
        .mirror(Mirror::new("clicks", &[18_400, 21_950]).status("LINK_PAUSED"));
    let unavailable = Link::new("warehouse-events", Mode::Destination, "lkc-whs005")
        .state("UNAVAILABLE")
        .error(code, message)
        .mirror(Mirror::new("stock", &[950, 1_204]).status("SOURCE_UNAVAILABLE"));
    let misconfigured = Link::new("partner-feed", Mode::Destination, "lkc-prt006")
        .config("acl.filters", "")
        .task(failing("AclSync", ACL_FILTERS_MISSING))
        .task(Task::new("AutoCreateMirror", "NOT_CONFIGURED"))
        .mirror(Mirror::new("partner.prices", &[4]).traffic(5, 6));
    Cluster::new(ANALYTICS, [paused, unavailable, misconfigured])
}

/// A migration that goes well, seen from the new cluster.
fn migration() -> Cluster {
    let mut ledger = Mirror::new("ledger", &[310, 275, 402]).traffic(800, 500);
    ledger.transition_errors = Some(vec![TaskError::new(
        "CONSUMER_GROUP_IN_USE_ERROR",
        "Group bookkeeping is in use.",
    )]);
    let link = Link::new("datacentre-to-cloud", Mode::Destination, "lkc-onprem7")
        .mirror(ledger)
        .mirror(Mirror::new("invoices", &[0, 0, 0]).traffic(60, 40));
    Cluster::new(MIGRATION, [link])
}

/// The flip: a consumer of the group runs on the recovery cluster every other minute.
fn group_in_use() -> Change {
    Change::Task {
        link: Place::new(RECOVERY, "orders-dr"),
        task: failing(
            "ConsumerOffsetSync",
            ("CONSUMER_GROUP_IN_USE_ERROR", "Group billing is in use."),
        ),
    }
}

/// More is written than the mirror can fetch, until the world begins anew.
fn burst() -> Change {
    Change::MirrorPace {
        link: Place::new(RECOVERY, "orders-dr"),
        topic: "orders.payments".to_owned(),
        pace: Pace {
            written: 90,
            fetched: 30,
        },
    }
}

/// A promote that its consumers hold up.
fn promotion() -> Change {
    Change::MirrorStatus {
        link: Place::new(MIGRATION, "datacentre-to-cloud"),
        topic: "ledger".to_owned(),
        status: "PENDING_STOPPED".to_owned(),
    }
}
