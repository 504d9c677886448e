//! The tiles: what is wrong now.

use crate::{
    alert::{Severity, rules},
    dashboard::{
        mapping::{self, BLUE_GREY, GREEN, Mappings, ORANGE, RED, YELLOW},
        panel::{self, Panel, stat},
        promql::{self, states},
        shared, unknown,
    },
    model::{Check, Expectation, Health, LinkState, MirrorStatus},
};

pub(super) fn oldest_data() -> Panel {
    let fresh = Mappings::default()
        .range((None, Some(2.0)), "FRESH", GREEN)
        .range((Some(2.0), Some(5.0)), "LATE", YELLOW)
        .range((Some(5.0), None), "BLIND", RED)
        .nothing(mapping::NO_DATA, RED);
    stat(
        "Oldest data",
        "How long ago the cluster that was heard of least recently was polled with success, and whether that is late: BLIND \
         is five poll intervals and more, when ClusterLinkBlind pages. While it is not FRESH every other panel may be out of \
         date. Next: board Exporter, poll failures by reason.",
    )
    .now(
        "max(time() - once(clusterlink_poll_last_success_timestamp_seconds{cluster}))",
        "age",
    )
    .now(&format!("max({})", promql::AGE_IN_INTERVALS), "verdict")
    .mappings(shared::no_data())
    .thresholds(&[(None, BLUE_GREY)])
    .unit("s")
    .of_query('B', &[("mappings", fresh.json())])
}

pub(super) fn links_down() -> Panel {
    panel::count(
        "Links down",
        "Links that are FAILED, UNAVAILABLE or UNKNOWN. Nothing is mirrored over them. A paused link does not count. Next: the \
         table below names them, worst first.",
        &format!(
            r#"sum(once(clusterlink_link_state{{link,state=~"{}"}}))"#,
            states(LinkState::TABLE, Health::needs_attention)
        ),
        &unknown::no_state(),
    )
    .mappings(mapping::tile("NO LINKS"))
}

pub(super) fn tasks_in_error() -> Panel {
    shared::tasks_in_error(
        "link",
        "Tasks that are IN_ERROR while their link may look healthy: offsets, ACLs or topics no longer follow the source. Next: \
         the table below has the error codes and what to do.",
    )
}

pub(super) fn worst_lag() -> Panel {
    shared::worst_lag(
        "Worst lag against RPO",
        "The age of the newest record that the worst mirror topic has, which is what a failover now would lose, and how much of \
         its link's `rpo` that is. From 100 % on more is lost than the configuration allows. NO RPO: no `expect` names one. \
         Next: board Failover.",
    )
}

pub(super) fn wrong_offsets() -> Panel {
    shared::wrong_offsets(
        "Offset sync",
        "Links whose consumers would start at wrong offsets after a failover: ConsumerOffsetSync is in error, or wanted and not \
         at work. Next: column Offset sync of the table below, then board Failover.",
    )
}

pub(super) fn pair_checks_failed() -> Panel {
    panel::count(
        "Pair checks",
        "Checks that do not hold between the two halves of bidirectional links. Each half is a link of its own and both must \
         work. Next: board Failover, Both ends of each pair.",
        "sum(1 - least(clusterlink_pair_consistent{link}))",
        &unknown::unknown(Check::TABLE),
    )
    .mappings(mapping::tile("NO PAIRS"))
}

pub(super) fn expectations_violated() -> Panel {
    panel::count(
        "Expectations",
        "Expectations of the configuration that are violated. Next: open the link from the table below, section Intent.",
        "sum(1 - least(clusterlink_expectation_met{link}))",
        &unknown::unknown(Expectation::TABLE),
    )
    .mappings(mapping::tile("NONE SET"))
}

pub(super) fn topics_not_mirroring() -> Panel {
    panel::count(
        "Not mirroring",
        "Mirror topics that are failed, paused or cut off from their source; they fall behind until somebody acts. Topics that \
         were promoted do not count. Next: Topics by status below.",
        &format!(
            r#"sum(once(clusterlink_mirror_topics{{link,mirror_status=~"{}"}}))"#,
            states(MirrorStatus::TABLE, |health| health >= Health::Paused)
        ),
        &unknown::unknown_statuses(),
    )
    .mappings(mapping::tile("NOT READ"))
    .thresholds(&[(None, GREEN), (Some(1.0), ORANGE)])
}

pub(super) fn firing_alerts() -> Panel {
    let critical = rules().filter(|rule| rule.severity == Severity::Critical);
    let critical: Vec<_> = critical.map(|rule| rule.name).collect();
    let critical = critical.join("|");
    stat(
        "Firing alerts",
        "Alerts that fire now in the exporter's own evaluation, which sees the same as Prometheus and says zero where there is \
         none; Prometheus' ALERTS is empty also where nobody loaded the rules. Left those that page, by the \
         severities as shipped, right the others. Next: table Alerts below.",
    )
    .now(
        &format!(r#"sum(once(clusterlink_alerts{{job,alertstate="firing",alertname=~"{critical}"}}))"#),
        "page",
    )
    .now(
        &format!(
            r#"sum(once(clusterlink_alerts{{job,alertstate="firing",alertname!~"{critical}|ClusterLinkWatchdog"}}))"#
        ),
        "other",
    )
    .mappings(shared::no_data())
    .set("decimals", 0)
    .thresholds(&[(None, GREEN), (Some(1.0), RED)])
    .of_query(
        'B',
        &[(
            "thresholds",
            panel::steps(&[(None, GREEN), (Some(1.0), YELLOW)]),
        )],
    )
}
