//! Discovery: whether the list of clusters is known, and what it comes to.

use crate::dashboard::panel::{Panel, lines};

const NOTHING: &str = "Nothing is discovered, or nothing is known";

pub(super) fn list_age() -> Panel {
    lines(
        "Age of the list of clusters",
        "How long ago the whole list of each discovery was read, of the replica that read it last; half an hour of failures is \
         ClusterLinkDiscoveryFailing. Nothing is drawn before the first.",
        "s",
    )
    .no_value(NOTHING)
    .over_time(
        "time() - max by (discovery) (clusterlink_discovery_last_success_timestamp_seconds{process} > 0)",
        "{{discovery}}",
    )
}

pub(super) fn refreshes() -> Panel {
    lines(
        "Discovery works",
        "1 while the last refresh of a discovery read the whole list, 0 while it did not: clusters that are new since then are \
         watched by nobody. Of several replicas the one that works counts.",
        "short",
    )
    .set("max", 1)
    .set("decimals", 0)
    .no_value(NOTHING)
    .over_time(
        "max by (discovery) (clusterlink_discovery_success{process})",
        "{{discovery}}",
    )
}

pub(super) fn listed_clusters() -> Panel {
    lines(
        "Clusters of the list",
        "What became of them: polled; excluded by the configuration; no_endpoint at any of `access_points`; not_provisioned yet; \
         overridden by a cluster that is listed by hand.",
        "short",
    )
    .set("decimals", 0)
    .no_value(NOTHING)
    .over_time(
        "max by (discovery, status) (clusterlink_discovery_clusters{process})",
        "{{status}} ({{discovery}})",
    )
}
