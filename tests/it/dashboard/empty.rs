//! The queries that rightly bring nothing beside the demo.

/// Each with its board, its panel and its letter; and why.
pub(crate) const EMPTY: [(&str, &str); 7] = [
    (
        "clusterlink-exporter: Notifications by outcome A",
        NO_RECEIVERS,
    ),
    (
        "clusterlink-exporter: Queues of notifications A",
        NO_RECEIVERS,
    ),
    (
        "clusterlink-exporter: Latency of receivers, p50 and p99 A",
        NO_RECEIVERS,
    ),
    (
        "clusterlink-exporter: Latency of receivers, p50 and p99 B",
        NO_RECEIVERS,
    ),
    (
        "clusterlink-exporter: Share of notifications that failed A",
        NO_RECEIVERS,
    ),
    (
        "clusterlink-link: Changes of state per hour B",
        "no link of the demo changes its state",
    ),
    (
        "clusterlink-overview: Links over time A",
        "no link of the demo has failed",
    ),
];

/// `blind.rs` asks these of an exporter that has one.
pub(crate) const NO_RECEIVERS: &str = "the demo has no receivers";
