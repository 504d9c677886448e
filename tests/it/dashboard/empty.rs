//! The queries that rightly bring nothing beside the demo.

/// Each with its board, its panel and its letter; and why.
pub(crate) const EMPTY: [(&str, &str); 14] = [
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
    ("clusterlink-overview: Objectives A", NO_OBJECTIVE),
    ("clusterlink-overview: Objectives B", NO_OBJECTIVE),
    ("clusterlink-overview: Objectives C", NO_OBJECTIVE),
    ("clusterlink-overview: Objectives D", NO_OBJECTIVE),
    ("clusterlink-overview: Objectives E", NO_OBJECTIVE),
    (
        "clusterlink-overview: Least error budget left A",
        NO_OBJECTIVE,
    ),
    (
        "clusterlink-overview: Least error budget left B",
        NO_OBJECTIVE,
    ),
];

/// `blind.rs` asks these of an exporter that has one.
pub(crate) const NO_RECEIVERS: &str = "the demo has no receivers";

/// `month.rs` asks these of a Prometheus that has.
pub(crate) const NO_OBJECTIVE: &str = "nobody has recorded a month of the demo";
