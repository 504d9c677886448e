//! What an alert's texts ask of Prometheus: its template language, written from the rule and the catalogue.

use std::fmt::Write as _;

use super::{Rule, Selector, Severity, Subject};
use crate::catalogue::{self, Scope};

/// A link's identity in a query of a template; the arguments follow the pattern.
const OF_LINK: (&str, &str) = (
    "cluster_name=%q,cluster_id=%q,link_name=%q",
    "$labels.cluster_name $labels.cluster_id $labels.link_name",
);

/// The external label whose value begins the links to dashboards.
pub(super) const GRAFANA_URL: &str = "grafana_url";

/// What stands where a remedy would.
pub(super) const NO_REMEDY: &str =
    "a code that this exporter has not heard of; read the message that the server sends with it.";

/// The meaning, since when, the error codes with their remedies and what to type next, as far as the subject has them;
/// one line each.
pub(super) fn description(rule: &Rule, selector: &Selector) -> String {
    let (link, link_values) = OF_LINK;
    let (task, task_values) = (
        format!("{link},task_name=%q"),
        format!("{link_values} $labels.task_name"),
    );
    let query = |aggregation: &str, family: &str, matchers: &str, values: &str| {
        // The pattern is one of Go's: a per cent sign of the user's selector is no verb.
        let selected = selector.fill("@}").replace('%', "%%");
        format!("query (printf `{aggregation} ({family}{{{matchers}{selected})` {values})")
    };
    let by_code = "max by (error_code)";
    let mut text = format!("{}\n", rule.meaning);
    match rule.subject {
        Subject::Task => {
            let since = "clusterlink_task_state_since_timestamp_seconds";
            text += &since_when(&query("min", since, &task, &task_values));
            let errors = query(by_code, "clusterlink_task_errors", &task, &task_values);
            text += &codes(rule, &errors, Scope::Task);
        }
        Subject::Link => {
            let since = "clusterlink_link_state_since_timestamp_seconds";
            text += &since_when(&query("min", since, link, link_values));
            let errors = query(by_code, "clusterlink_link_error", link, link_values);
            text += &codes(rule, &errors, Scope::Link);
        }
        Subject::Cluster | Subject::Job | Subject::Everything => {}
    }
    text + next(rule.subject)
}

fn since_when(query: &str) -> String {
    format!(
        "{{{{ with {query} }}}}In its present state since {{{{ . | first | value | humanizeTimestamp }}}}.\
         {{{{ else }}}}Since when is not known now.{{{{ end }}}}\n"
    )
}

/// A line for each code. Those that page have the remedy too; there is no map in this language, so it is a chain.
fn codes(rule: &Rule, query: &str, scope: Scope) -> String {
    // Results come in any order, and a text that changes would be news.
    let mut text = format!("{{{{ range {query} | sortByLabel \"error_code\" -}}}}\n");
    if rule.severity == Severity::Critical {
        text += "Error code {{ .Labels.error_code }}:\n{{- with .Labels.error_code }}\n";
        let mut otherwise = "";
        for entry in catalogue::ENTRIES.iter().filter(|row| row.scope == scope) {
            let code = &entry.code;
            let Some(hint) = catalogue::hint(&code.as_str().into(), scope) else {
                continue;
            };
            let _ = writeln!(text, "{{{{- {otherwise}if eq . {code:?} }}}} {hint}");
            otherwise = "else ";
        }
        let _ = writeln!(text, "{{{{- else }}}} {NO_REMEDY}");
        text += "{{- end }}\n{{- end }}\n";
    } else {
        text +=
            "Error code {{ .Labels.error_code }}; `cluster-link-exporter explain` knows more.\n";
    }
    text + "{{ else -}}\nNo error code is known now.\n{{ end -}}\n"
}

/// What to type next.
pub(super) fn next(subject: Subject) -> &'static str {
    match subject {
        Subject::Task | Subject::Link => {
            "Next: `confluent kafka link task list {{ $labels.link_name }} --cluster {{ $labels.cluster_id }}`"
        }
        Subject::Cluster => "Next: `confluent kafka link list --cluster {{ $labels.cluster_id }}`",
        Subject::Job | Subject::Everything => "",
    }
}

/// The dashboard with its variables preset: absolute where Prometheus has an external label `grafana_url`.
pub(super) fn dashboard(subject: Subject) -> String {
    let path = dashboard_path(subject);
    format!("{{{{ with $externalLabels.{GRAFANA_URL} }}}}{{{{ . }}}}{{{{ end }}}}{path}")
}

/// The dashboard's path in Grafana.
pub(super) fn dashboard_path(subject: Subject) -> String {
    let cluster = "var-cluster_name={{ $labels.cluster_name | urlquery }}";
    let link = "var-link_name={{ $labels.link_name | urlquery }}";
    let path = match subject {
        Subject::Task => format!(
            "clusterlink-link?{cluster}&{link}&var-task_name={{{{ $labels.task_name | urlquery }}}}"
        ),
        Subject::Link => format!("clusterlink-link?{cluster}&{link}"),
        Subject::Cluster => format!("clusterlink-exporter?{cluster}"),
        Subject::Job => "clusterlink-exporter?var-job={{ $labels.job | urlquery }}".to_owned(),
        Subject::Everything => "clusterlink-overview".to_owned(),
    };
    format!("/d/{path}")
}
