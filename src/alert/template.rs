//! The texts of an alert in the template language of Prometheus, written from the rule and the catalogue.

mod links;

use std::fmt::Write as _;

use url::form_urlencoded;

use super::{
    KeptLabels, Rule, Selector, Severity, Subject,
    identity::{CLUSTER_ID, CLUSTER_NAME, LINK_NAME, TASK_NAME},
    rule::LabelTable,
};
use crate::catalogue::{self, Scope};

/// The labels that a query of a template looks for, each by the value that the alert has.
const OF_LINK: &[&str] = &[CLUSTER_NAME, CLUSTER_ID, LINK_NAME];
const OF_TASK: &[&str] = &[CLUSTER_NAME, CLUSTER_ID, LINK_NAME, TASK_NAME];

/// What is written in place of a remedy.
pub const NO_REMEDY: &str =
    "a code that this exporter has not heard of; read the message that the server sends with it.";

/// The texts of a rule, for a rule file.
pub(super) struct Texts<'a> {
    pub(super) rule: &'a Rule,
    pub(super) selector: &'a Selector,
    pub(super) kept: &'a KeptLabels,
}

impl Texts<'_> {
    /// The meaning, what the alert's word says, since when, the error codes with their remedies and what to type next, as
    /// far as the subject has them; one line each.
    pub(super) fn description(&self) -> String {
        let rule = self.rule;
        let (since, errors, identity) = match rule.subject {
            Subject::Task => (
                Some("clusterlink_task_state_since_timestamp_seconds"),
                Some("clusterlink_task_errors"),
                OF_TASK,
            ),
            Subject::Link => (
                Some("clusterlink_link_state_since_timestamp_seconds"),
                Some("clusterlink_link_error"),
                OF_LINK,
            ),
            Subject::Mirrors => (None, Some("clusterlink_mirror_topic_errors"), OF_LINK),
            _ => (None, None, OF_LINK),
        };
        let selected = self.of_alert(identity);
        let query = |aggregation: &str, family: &str| {
            let Selected { matchers, values } = &selected;
            format!("query (printf `{aggregation} ({family}{{{matchers})`{values})")
        };
        let mut text = format!("{}\n", rule.meaning);
        if let Some(table) = rule.subject.label_table() {
            text += &word(&table);
        }
        if rule.subject == Subject::Lag {
            let lag = query("max", "clusterlink_mirror_lag_seconds");
            let objective = query("min", "clusterlink_mirror_rpo_objective_seconds");
            text += &lag_of(&lag, &objective);
        }
        if let Some(since) = since {
            text += &since_when(&query("min", since));
        }
        if let Some((errors, scope)) = errors.zip(rule.subject.codes()) {
            text += &codes(rule, &query("max by (error_code)", errors), scope);
        }
        text + next(rule.subject)
    }

    /// Selects the series with these labels of the alert and those that the deployment keeps.
    fn of_alert(&self, identity: &[&'static str]) -> Selected {
        let labels: Vec<_> = identity.iter().copied().chain(self.kept.iter()).collect();
        let matchers: Vec<_> = labels.iter().map(|label| format!("{label}=%q")).collect();
        let values = labels.iter().map(|label| format!(" $labels.{label}"));
        Selected {
            matchers: matchers.join(",") + &self.selected(),
            values: values.collect(),
        }
    }

    /// The end of a selector. The pattern is one of Go's: a per cent sign of the user's selector is no verb.
    fn selected(&self) -> String {
        self.selector.fill("@}").replace('%', "%%")
    }
}

/// What selects the series of an alert in a pattern of `printf`, up to the closing brace, and the values for it, each behind
/// a space.
struct Selected {
    matchers: String,
    values: String,
}

/// The lag beside what is allowed, in the words of the exporter's own judgement.
fn lag_of(lag: &str, objective: &str) -> String {
    let duration = "{{ . | first | value | humanizeDuration }}";
    format!(
        "{{{{ with {lag} }}}}Seen: the lag is {duration}{{{{ else }}}}The lag is not known now{{{{ end }}}}\
         {{{{ with {objective} }}}}, {duration} is allowed{{{{ end }}}}.\n"
    )
}

/// What the alert's word says: there is no map in this language, so it is a chain.
fn word(table: &LabelTable) -> String {
    let label = table.label;
    let mut text = String::new();
    let mut otherwise = "";
    for row in table.table {
        let says = table.say(row);
        let _ = write!(
            text,
            "{{{{ {otherwise}if eq $labels.{label} {:?} }}}}{says}",
            row.name
        );
        otherwise = "else ";
    }
    text + "{{ end }}\n"
}

fn since_when(query: &str) -> String {
    format!(
        "{{{{ with {query} }}}}In its present state since {{{{ . | first | value | humanizeTimestamp }}}}.\
         {{{{ else }}}}Since when is not known now.{{{{ end }}}}\n"
    )
}

/// A line for each code. Those that page have the remedy too, as a chain again.
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
        Subject::Finding => {
            "Next: `confluent kafka link configuration list {{ $labels.link_name }} --cluster {{ $labels.cluster_id }}`"
        }
        Subject::Pair => {
            "Next: `confluent kafka link describe {{ $labels.link_name }} --cluster {{ $labels.remote_cluster_id }}`"
        }
        Subject::Mirrors | Subject::Transitions | Subject::Lag => {
            "Next: `confluent kafka mirror list --link {{ $labels.link_name }} --cluster {{ $labels.cluster_id }}`"
        }
        // What is expected may be that there is such a link.
        Subject::Expectation | Subject::Cluster => {
            "Next: `confluent kafka link list --cluster {{ $labels.cluster_id }}`"
        }
        Subject::Discovery => "Next: `cluster-link-exporter discover --config.file <config>`",
        Subject::Job | Subject::Everything => "",
    }
}

/// The value of label `scope`, in quotes where it depends on the alert.
pub(super) fn scope(subject: Subject) -> String {
    match subject.scopes() {
        [of_link, of_task] => {
            format!("'{{{{ if $labels.task_name }}}}{of_task}{{{{ else }}}}{of_link}{{{{ end }}}}'")
        }
        scopes => scopes[0].to_owned(),
    }
}

/// The path in Grafana of the board of a link.
pub fn dashboard_of_link(cluster_name: &str, link_name: &str) -> String {
    let labels = [("cluster_name", cluster_name), ("link_name", link_name)];
    let path = dashboard_path(Subject::Link);
    labels.iter().fold(path, |path, (label, value)| {
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        path.replace(&format!("{{{{ $labels.{label} | urlquery }}}}"), &encoded)
    })
}

/// The dashboard's path in Grafana.
pub(super) fn dashboard_path(subject: Subject) -> String {
    let cluster = "var-cluster_name={{ $labels.cluster_name | urlquery }}";
    let link = "var-link_name={{ $labels.link_name | urlquery }}";
    let path = match subject {
        Subject::Task => format!(
            "clusterlink-link?{cluster}&{link}&var-task_name={{{{ $labels.task_name | urlquery }}}}"
        ),
        Subject::Link
        | Subject::Expectation
        | Subject::Finding
        | Subject::Pair
        | Subject::Mirrors
        | Subject::Transitions
        | Subject::Lag => format!("clusterlink-link?{cluster}&{link}"),
        Subject::Cluster => format!("clusterlink-exporter?{cluster}"),
        Subject::Discovery => "clusterlink-exporter".to_owned(),
        Subject::Job => "clusterlink-exporter?var-job={{ $labels.job | urlquery }}".to_owned(),
        Subject::Everything => "clusterlink-overview".to_owned(),
    };
    format!("/d/{path}")
}
