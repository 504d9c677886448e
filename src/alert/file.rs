//! The rule file: every rule as Prometheus 2.42 and later read it.

use std::{fmt::Write as _, time::Duration};

use super::{Rule, Selector, Subject, rules};

/// A link's identity in a query of a template; the arguments follow the pattern.
const OF_LINK: (&str, &str) = (
    "cluster_name=%q,cluster_id=%q,link_name=%q",
    "$labels.cluster_name $labels.cluster_id $labels.link_name",
);

/// All rules in YAML, for the exporters that `selector` selects.
pub fn rule_file(selector: &Selector) -> String {
    let mut file =
        "# Written by `cluster-link-exporter rules`; needs Prometheus 2.42 or later.\ngroups:\n"
            .to_owned();
    let mut group = "";
    for rule in rules() {
        let scope = rule.subject.scope();
        if scope != group {
            let _ = write!(file, "  - name: cluster-link-{scope}\n    rules:\n");
            group = scope;
        }
        write_rule(&mut file, rule, selector);
    }
    file
}

fn write_rule(file: &mut String, rule: &Rule, selector: &Selector) {
    let _ = write!(file, "      - alert: {}\n        expr: |-\n", rule.name);
    for line in selector.fill(&(rule.expression)()).lines() {
        let _ = writeln!(file, "          {line}");
    }
    for (key, duration) in [("for", rule.wait), ("keep_firing_for", rule.keep_firing)] {
        if duration > Duration::ZERO {
            let _ = writeln!(
                file,
                "        {key}: {}",
                humantime::format_duration(duration)
            );
        }
    }
    let _ = write!(
        file,
        "        labels:\n          severity: {}\n          component: cluster-link\n          scope: {}\n",
        quoted(rule.severity.label()),
        rule.subject.scope(),
    );
    let annotations = [
        ("summary", rule.summary.to_owned()),
        ("description", description(rule, selector)),
        ("dashboard_url", dashboard(rule.subject)),
    ];
    file.push_str("        annotations:\n");
    for (key, text) in annotations {
        let _ = writeln!(file, "          {key}: {}", quoted(&text));
    }
}

/// One line of YAML that no character of the text can end.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The meaning, since when, the error codes and what to type next, as far as the subject has them.
fn description(rule: &Rule, selector: &Selector) -> String {
    let (link, link_values) = OF_LINK;
    let (task, task_values) = (
        format!("{link},task_name=%q"),
        format!("{link_values} $labels.task_name"),
    );
    let query = |aggregation: &str, family: &str, matchers: &str, values: &str| {
        // The pattern is one of Go's: a per cent sign of the user's selector is no verb.
        let selected = Selector::fill(selector, "@}").replace('%', "%%");
        format!("query (printf `{aggregation} ({family}{{{matchers}{selected})` {values})")
    };
    let by_code = "max by (error_code)";
    let parts = match rule.subject {
        Subject::Task => vec![
            since(&query("min", "clusterlink_task_state_since_timestamp_seconds", &task, &task_values)),
            codes(&query(by_code, "clusterlink_task_errors", &task, &task_values)),
            "Next: `confluent kafka link task list {{ $labels.link_name }} --cluster {{ $labels.cluster_id }}`".to_owned(),
        ],
        Subject::Link => vec![
            since(&query("min", "clusterlink_link_state_since_timestamp_seconds", link, link_values)),
            codes(&query(by_code, "clusterlink_link_error", link, link_values)),
            "Next: `confluent kafka link task list {{ $labels.link_name }} --cluster {{ $labels.cluster_id }}`".to_owned(),
        ],
        Subject::Cluster => vec![
            "Next: `confluent kafka link list --cluster {{ $labels.cluster_id }}`".to_owned(),
        ],
        Subject::Job | Subject::Everything => Vec::new(),
    };
    let parts: Vec<_> = [rule.meaning.to_owned()].into_iter().chain(parts).collect();
    parts.join(" ")
}

fn since(query: &str) -> String {
    format!(
        "{{{{ with {query} }}}}In its present state since {{{{ . | first | value | humanizeTimestamp }}}}.\
         {{{{ else }}}}Since when is not known now.{{{{ end }}}}"
    )
}

fn codes(query: &str) -> String {
    format!(
        "{{{{ with {query} }}}}Error codes:{{{{ range . }}}} {{{{ .Labels.error_code }}}}{{{{ end }}}}.\
         {{{{ else }}}}No error code is known now.{{{{ end }}}}"
    )
}

/// The dashboard with its variables preset: absolute where Prometheus has an external label `grafana_url`.
fn dashboard(subject: Subject) -> String {
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
    format!("{{{{ with $externalLabels.grafana_url }}}}{{{{ . }}}}{{{{ end }}}}/d/{path}")
}
