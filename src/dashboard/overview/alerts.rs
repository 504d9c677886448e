//! The table of alerts, and where it leads.

use crate::{
    dashboard::{
        panel::{NONE_KNOWN, Panel},
        table::{Column, table},
    },
    web_links::{BaseUrl, RUNBOOKS},
};

/// Pending and firing alerts in Prometheus.
const IN_PROMETHEUS: &str = r#"ALERTS{component="cluster-link",alertname!="ClusterLinkWatchdog"}"#;
/// Those that the exporters see themselves.
const IN_EXPORTER: &str = r#"once(clusterlink_alerts{job,alertname!="ClusterLinkWatchdog"}) > 0"#;

/// `runbook_url` is where copies of the runbooks are.
pub(super) fn table_of(runbook_url: Option<&BaseUrl>) -> Panel {
    let by = "alertstate, alertname, severity, cluster_name, link_name, task_name";
    let all = format!(
        "count by ({by}) ({IN_PROMETHEUS})\nor on (alertname) (sum by (alertname, alertstate) ({IN_EXPORTER}))"
    );
    let alert = Column::label("alertname", "Alert").width(250);
    let (alert, runbook) = if let Some(base) = runbook_url {
        let url = format!("{base}/${{__data.fields.alertname}}.md");
        (alert.link(OPEN, &url), None)
    } else {
        let runbook = Column::label("runbook", "Runbook").of(&runbooks());
        (alert, Some(runbook.width(200).link(OPEN, "${__value.raw}")))
    };
    let columns = [
        Some(Column::label("alertstate", "State").width(80).ascending()),
        Some(alert),
        Some(Column::label("severity", "Severity").width(80)),
        Some(Column::label("cluster_name", "Cluster").width(110)),
        Some(Column::label("link_name", "Link").width(170)),
        Some(Column::label("task_name", "Task").width(170)),
        Some(Column::value("Count", &all).width(60)),
        runbook,
    ];
    table(
        "Alerts",
        "Pending and firing alerts: from Prometheus with what they are about, where its rules are loaded; otherwise how many \
         there are of each kind in the exporter's own evaluation. Each leads to its runbook, where the configuration of an \
         exporter says by `alerting.external_url` or `alerting.runbook_url` where those are.",
        columns.into_iter().flatten().collect(),
    )
    .no_value(NONE_KNOWN)
}

const OPEN: &str = "Open the runbook";

/// The runbook of each alert: pages that an exporter serves, or copies, which are files. The field is there only where an
/// exporter says where they are, and with it the link.
fn runbooks() -> String {
    let served = format!(
        r#"label_join(label_replace(clusterlink_exporter_info{{job,external_url!=""}}, "runbooks", "{RUNBOOKS}", "", ""), "runbook_url", "", "external_url", "runbooks")"#
    );
    let base = r#"clusterlink_exporter_info{job,runbook_url!=""}"#;
    let is_served = format!("on (job, instance, runbook_url) {served}");
    format!(
        "max by (alertname, runbook) (label_join(label_join(\n  \
         (max by (alertname) ({IN_PROMETHEUS}) or max by (alertname) ({IN_EXPORTER}))\n  \
         * on () group_left (runbook_url, extension) topk(1, max by (runbook_url, extension) (\n    \
         {base} and {is_served}\n    \
         or label_replace({base} unless {is_served}, \"extension\", \".md\", \"\", \"\")\n  )),\n\
         \"file\", \"\", \"alertname\", \"extension\"), \"runbook\", \"/\", \"runbook_url\", \"file\"))"
    )
}
