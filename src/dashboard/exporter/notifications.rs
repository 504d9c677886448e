//! Alerts and what becomes of notifications.

use crate::{
    dashboard::{
        panel::{Panel, lines},
        queries,
    },
    telemetry::Outcome,
};

pub(super) fn alerts() -> Panel {
    lines(
        "Alerts by the exporter's own evaluation",
        "How many alerts each rule has now, pending or firing; the Watchdog always fires.",
        "short",
    )
    .set("decimals", 0)
    .over_time(
        "sum by (alertname, alertstate) (once(clusterlink_alerts{process})) > 0",
        "{{alertname}} {{alertstate}}",
    )
}

pub(super) fn notifications() -> Panel {
    lines(
        "Notifications by outcome",
        "What became of notifications. Everything but delivered is trouble: failed is tried again, refused and dropped are lost. \
         Empty without receivers.",
        "short",
    )
    .no_value("No receivers, or nothing is known")
    .over_time(
        "sum by (receiver, outcome) (increase(clusterlink_notifications_total{process}[$__rate_interval]))",
        "{{receiver}} {{outcome}}",
    )
}

pub(super) fn queue_length() -> Panel {
    lines(
        "Queues of notifications",
        "Notifications that wait, those under way included. Growing: the receiver does not take them; \
         `cluster-link-exporter test-alert` shows its answers. Each holds 1,000.",
        "short",
    )
    .no_value("No receivers, or nothing is known")
    .over_time("clusterlink_notifications_queue_length{process}", "{{receiver}} ({{instance}})")
}

pub(super) fn notification_latency() -> Panel {
    let of = |quantile| {
        let histogram = "clusterlink_notification_duration_seconds";
        queries::quantile(quantile, histogram, "receiver", "process")
    };
    lines(
        "Latency of receivers, p50 and p99",
        "How long attempts to send take, failed ones included.",
        "s",
    )
    .no_value("No receivers, or nothing is known")
    .over_time(&of(0.5), "p50 {{receiver}}")
    .over_time(&of(0.99), "p99 {{receiver}}")
}

pub(super) fn refused() -> Panel {
    let bad = Outcome::ALL
        .iter()
        .filter(|outcome| !matches!(outcome, Outcome::Delivered));
    let bad: Vec<_> = bad.map(|outcome| outcome.label()).collect();
    lines(
        "Share of notifications that failed",
        "Which part of the notifications to each receiver did not arrive; above 1 % is ClusterLinkNotificationsFailing.",
        "percentunit",
    )
    .set("max", 1)
    .no_value("No notifications, or nothing is known")
    .over_time(
        &format!(
            r#"sum by (receiver) (rate(clusterlink_notifications_total{{process,outcome=~"{}"}}[$__rate_interval])) / (sum by (receiver) (rate(clusterlink_notifications_total{{process}}[$__rate_interval])) > 0)"#,
            bad.join("|")
        ),
        "{{receiver}}",
    )
}
