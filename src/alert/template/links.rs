//! The links of an alert in a rule file. Where the file does not say where they lead, the alert asks the running exporter,
//! by `clusterlink_exporter_info`, when it fires.

use super::{Selected, Texts, dashboard_path};
use crate::{
    alert::{
        Subject,
        expression::hour,
        identity::{CLUSTER_ID, CLUSTER_NAME},
    },
    web_links::{RUNBOOKS, WebLinks},
};

/// What says of each exporter where people find it and what it links to; the values are empty where it does not know.
const INFO: &str = "clusterlink_exporter_info";
/// What tells exporters apart where several are scraped: each may lead elsewhere.
const EXPORTER: &str = "on (job, instance)";

impl Texts<'_> {
    /// The runbook: absolute, or empty.
    pub(in crate::alert) fn runbook_url(&self, links: &WebLinks) -> String {
        let name = self.rule.name;
        links.runbook(name).unwrap_or_else(|| {
            // What the exporter serves are pages, copies are files.
            let file = format!(
                "{{{{ if ne .Labels.runbook_url (printf `%s{RUNBOOKS}` .Labels.external_url) }}}}.md{{{{ end }}}}"
            );
            self.asked("runbook_url", &format!("/{name}{file}"))
        })
    }

    /// The dashboard with its variables preset: absolute, or empty.
    pub(in crate::alert) fn dashboard_url(&self, links: &WebLinks) -> String {
        let path = dashboard_path(self.rule.subject);
        let literal = links.dashboard(&path);
        literal.unwrap_or_else(|| self.asked("grafana_url", &path))
    }

    /// The label's value and what follows it; nothing where no exporter has a value.
    ///
    /// Results come in any order, and a link that changes would be news: of several it is the first by its value.
    fn asked(&self, label: &str, rest: &str) -> String {
        let query = self.query(label);
        format!(
            "{{{{ with {query} }}}}{{{{ with . | sortByLabel \"{label}\" | first }}}}{{{{ .Labels.{label} }}}}{rest}\
             {{{{ end }}}}{{{{ end }}}}"
        )
    }

    /// Asks the exporters that see the cluster, or are of the job, for a label that has a value. Those that are there go
    /// before those that were there within the hour: alerts outlive the exporter, and some are about its end.
    fn query(&self, label: &str) -> String {
        let (hour, selected) = (hour(), self.selected());
        let (of_info, sees, values) = match self.rule.subject {
            Subject::Discovery | Subject::Everything => {
                (selected.clone(), String::new(), String::new())
            }
            Subject::Job => {
                let Selected { matchers, values } = self.of_alert(&["job"]);
                (format!(",{matchers}"), String::new(), values)
            }
            _ => {
                let Selected { matchers, values } = self.of_alert(&[CLUSTER_NAME, CLUSTER_ID]);
                let polls = format!("last_over_time(clusterlink_poll_success{{{matchers}[{hour}])");
                (selected.clone(), format!(" and {EXPORTER} {polls}"), values)
            }
        };
        let info = format!("{INFO}{{{label}!=\"\"{of_info}");
        let every = format!("{INFO}{{{}", selected.trim_start_matches(','));
        // Each half has the values.
        format!(
            "query (printf `({info}{sees}) or on () (last_over_time({info}[{hour}]) unless {EXPORTER} {every}{sees})`{values}{values})"
        )
    }
}
