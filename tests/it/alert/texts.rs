//! The texts of an alert, whole: from Prometheus, which asks by templates, and from the exporter, which knows.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use cluster_link_exporter::{
    alert::{ActiveAlert, Engine, Evaluation, NotificationBuilder, Rule, rules},
    model::{
        Cluster, ErrorCode, Expect, Failure, Intent, Limits, Link, LinkPatterns, LinkReport,
        LinkState, Listing, Reason, Report, ReportedError, Task, TaskState,
    },
    store::Store,
    web_links::{BaseUrl, WebLinks},
};
use jiff::Timestamp;

const SUMMARY: &str = "Task `AclSync` of cluster link `all orders` on cluster `dr` is in error.";
const DESCRIPTION: &str = "\
What this task copies to the destination (offsets, ACLs, topics or their configuration) no longer follows the source; a failover now would miss it.
In its present state since 1970-01-01 00:02:00 +0000 UTC.
Error code AUTHENTICATION_ERROR: Update the link's security configs with credentials that work.
Error code NEVER_HEARD_OF: a code that this exporter has not heard of; read the message that the server sends with it.
Next: `confluent kafka link task list all orders --cluster lkc-1`";
const RUNBOOK: &str = "https://exporter.example.com/runbooks/ClusterLinkTaskInError";
const DASHBOARD: &str = "https://grafana.example.com/d/clusterlink-link?var-cluster_name=dr&var-link_name=all+orders&var-task_name=AclSync";
const LABELS: [(&str, &str); 8] = [
    ("alertname", "ClusterLinkTaskInError"),
    ("severity", "critical"),
    ("component", "cluster-link"),
    ("scope", "task"),
    ("cluster_name", "dr"),
    ("cluster_id", "lkc-1"),
    ("link_name", "all orders"),
    ("task_name", "AclSync"),
];

const VIOLATED: &str = "Cluster link `all orders` on cluster `dr` is not as `expect` says: `task_state` of task `AclSync`.";
const WORD: &str = "Violated: the task is in one of the states that are expected. What to do: read the task's errors with `tasks`, and what they mean with `explain CODE`.";

/// Tests of `promtool test rules`.
pub(crate) fn yaml() -> String {
    in_error() + &violated()
}

/// An expectation of a task, whose texts depend on the labels that there are.
fn violated() -> String {
    let labels =
        r#"cluster_name="dr",cluster_id="lkc-1",link_name="all orders",expectation="task_state""#;
    format!(
        "  - name: words
    interval: 1m
    input_series:
      - {{series: 'clusterlink_expectation_met{{{labels},task_name=\"AclSync\"}}', values: '0x9'}}
      - {{series: 'clusterlink_exporter_info{{external_url=\"\",grafana_url=\"\",runbook_url=\"\"}}', values: '1x9'}}
    alert_rule_test:
      - eval_time: 6m
        alertname: ClusterLinkExpectationViolated
        exp_alerts:
          - exp_labels:
              {{severity: critical, component: cluster-link, scope: task, cluster_name: dr, cluster_id: lkc-1,
              link_name: all orders, task_name: AclSync, expectation: task_state}}
            exp_annotations:
              summary: '{VIOLATED}'
              description: |-
                {}
                {WORD}
                Next: `confluent kafka link list --cluster lkc-1`
              runbook_url: ''
              dashboard_url: ''
",
        meaning("ClusterLinkExpectationViolated")
    )
}

fn meaning(name: &str) -> &'static str {
    let rule = rules().find(|rule| rule.name == name);
    rule.expect("it is in the table").meaning
}

fn in_error() -> String {
    let task = r#"cluster_name="dr",cluster_id="lkc-1",link_name="all orders",task_name="AclSync""#;
    let series = [
        (
            "state",
            r#",instance="a",env="prod",state="IN_ERROR""#,
            "1x9",
        ),
        (
            "errors",
            r#",instance="a",error_code="AUTHENTICATION_ERROR""#,
            "1x9",
        ),
        (
            "errors",
            r#",instance="b",error_code="AUTHENTICATION_ERROR""#,
            "1x9",
        ),
        (
            "errors",
            r#",instance="b",error_code="NEVER_HEARD_OF""#,
            "1x9",
        ),
        ("state_since_timestamp_seconds", r#",instance="a""#, "120x9"),
    ];
    let series = series.map(|(family, labels, values)| {
        format!("      - {{series: 'clusterlink_task_{family}{{job=\"j\",{task}{labels}}}', values: '{values}'}}\n")
    });
    let series = series.concat() + &exporters();
    let labels = LABELS[1..]
        .iter()
        .map(|(name, value)| format!("{name}: {value}"));
    let labels = labels.collect::<Vec<_>>().join(", ");
    let description = DESCRIPTION.replace('\n', "\n                ");
    format!(
        "  - name: texts
    interval: 1m
    input_series:
{series}    alert_rule_test:
      - eval_time: 6m
        alertname: ClusterLinkTaskInError
        exp_alerts:
          - exp_labels: {{{labels}}}
            exp_annotations:
              summary: '{SUMMARY}'
              description: |-
                {description}
              runbook_url: {RUNBOOK}
              dashboard_url: '{DASHBOARD}'
"
    )
}

/// Two that see the cluster, and another one that does not, whose places come first by name.
fn exporters() -> String {
    let info = |instance: &str, external: &str, grafana: &str| {
        let runbooks = match external {
            "" => String::new(),
            external => format!("{external}/runbooks"),
        };
        format!(
            "      - {{series: 'clusterlink_exporter_info{{job=\"j\",instance=\"{instance}\",external_url=\"{external}\",\
             grafana_url=\"{grafana}\",runbook_url=\"{runbooks}\"}}', values: '1x9'}}\n"
        )
    };
    let polls = |instance: &str, cluster: &str| {
        format!(
            "      - {{series: 'clusterlink_poll_success{{job=\"j\",instance=\"{instance}\",{cluster}}}', values: '1x9'}}\n"
        )
    };
    let (ours, other) = (
        r#"cluster_name="dr",cluster_id="lkc-1""#,
        r#"cluster_name="other",cluster_id="lkc-2""#,
    );
    [
        info("a", "", "https://grafana.example.com"),
        info("b", "https://exporter.example.com", ""),
        info("c", "https://a.example.com", "https://a.example.com"),
        polls("a", ours),
        polls("b", ours),
        polls("c", other),
    ]
    .concat()
}

fn error(code: &str) -> ReportedError {
    ReportedError {
        error_code: ErrorCode::from(code),
        error_message: String::new(),
    }
}

/// A cluster whose link `all orders` has a task in error.
fn store(since: Timestamp, errors: Vec<ReportedError>) -> Store {
    store_of("all orders", "AclSync", since, errors)
}

/// A cluster of a link of this name, with this task in error.
pub(crate) fn store_of(
    link_name: &str,
    task_name: &str,
    since: Timestamp,
    errors: Vec<ReportedError>,
) -> Store {
    let limits = Limits {
        poll_interval: Duration::from_secs(120),
        stale_after: Duration::from_secs(900),
    };
    let mut cluster = Cluster::unpolled("dr".into(), None, limits, &[]);
    let expect = Expect {
        links: LinkPatterns::new(&["all .*".to_owned()]).unwrap(),
        states: Vec::new(),
        tasks: [("AclSync".into(), vec![TaskState::Active])].into(),
        rpo: None,
    };
    cluster.intent = Arc::new(Intent {
        expect: vec![expect],
        ..Intent::default()
    });
    let store = Store::new([cluster]);
    let link = Link {
        link_name: link_name.into(),
        cluster_link_id: "an id".into(),
        link_state: Some(LinkState::Active),
        tasks: Some(vec![Task {
            task_name: task_name.into(),
            state: TaskState::InError,
            errors,
        }]),
        ..Link::named("all orders")
    };
    let listing = Listing::of(vec![LinkReport::described(link)]);
    let report = Report {
        cluster_id: Some("lkc-1".into()),
        ..Report::new(since, limits.poll_interval, Ok(listing))
    };
    store.report(&"dr".into(), report);
    store
}

#[test]
fn the_exporter_says_what_prometheus_says() {
    let since = Timestamp::from_second(120).unwrap();
    let errors = vec![
        error("AUTHENTICATION_ERROR"),
        error("AUTHENTICATION_ERROR"),
        error("NEVER_HEARD_OF"),
    ];
    let snapshot = store(since, errors).snapshot();
    let notification_builder = NotificationBuilder {
        external_labels: BTreeMap::from([
            ("env".to_owned(), "prod".to_owned()),
            ("severity".to_owned(), "never this one".to_owned()),
        ]),
        links: WebLinks {
            external_url: Some(base("https://exporter.example.com")),
            grafana_url: Some(base("https://grafana.example.com")),
            runbook_url: None,
        },
    };
    let mut engine = Engine::new(rules().copied().collect());
    engine.evaluate(&snapshot, since);
    let fires = since + Duration::from_secs(300);
    let evaluation = engine.evaluate(&snapshot, fires);
    let active = firing(&evaluation, LABELS[0].1);
    let alert = notification_builder.alert(active, &snapshot, fires);

    let mut labels =
        BTreeMap::from(LABELS.map(|(name, value)| (name.to_owned(), value.to_owned())));
    labels.insert("env".into(), "prod".into());
    assert_eq!(alert.labels, labels);
    let annotations = [
        ("summary", SUMMARY),
        ("description", DESCRIPTION),
        ("runbook_url", RUNBOOK),
        ("dashboard_url", DASHBOARD),
    ];
    let annotations = annotations.map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(alert.annotations, BTreeMap::from(annotations));
    let four_intervals = Duration::from_secs(480);
    assert_eq!(
        (alert.starts_at, alert.ends_at),
        (fires, fires + four_intervals)
    );
}

#[test]
fn messages_of_the_server_and_our_blindness_are_in_the_text() {
    let since = Timestamp::from_second(120).unwrap();
    let said = ReportedError {
        error_message: "the principal\nis gone".to_owned(),
        ..error("AUTHENTICATION_ERROR")
    };
    let without_a_code = ReportedError {
        error_message: "oh".to_owned(),
        ..error("")
    };
    let store = store(since, vec![said, without_a_code]);
    let mut engine = Engine::new(rules().copied().collect());
    engine.evaluate(&store.snapshot(), since);
    let later = since + Duration::from_secs(1200);
    store.expire(later);
    store.report(&"dr".into(), failed(later));
    let evaluation = engine.evaluate(&store.snapshot(), later);
    let active = firing(&evaluation, LABELS[0].1);
    let alert = NotificationBuilder::default().alert(active, &store.snapshot(), later);
    let description: Vec<&str> = alert.annotations["description"].lines().skip(1).collect();
    assert_eq!(
        description,
        [
            "Nothing new is known at the moment: this is what was seen last.",
            "In its present state since 1970-01-01 00:02:00 +0000 UTC.",
            "Error code AUTHENTICATION_ERROR: Update the link's security configs with credentials that work. The server \
             says: the principal is gone",
            "An error without a code. The server says: oh",
            "Next: `confluent kafka link task list all orders --cluster lkc-1`",
        ]
    );
}

#[test]
fn the_word_in_a_label_is_explained_and_so_is_what_was_seen() {
    let since = Timestamp::from_second(120).unwrap();
    let snapshot = store(since, Vec::new()).snapshot();
    let mut engine = Engine::new(rules().copied().collect());
    engine.evaluate(&snapshot, since);
    let fires = since + Duration::from_secs(300);
    let evaluation = engine.evaluate(&snapshot, fires);
    let name = "ClusterLinkExpectationViolated";
    let active = firing(&evaluation, name);
    let alert = NotificationBuilder::default().alert(active, &snapshot, fires);
    let said = |annotation: &str| alert.annotations[annotation].as_str();
    let description = [
        meaning(name),
        WORD,
        "Seen: expected ACTIVE, found IN_ERROR.",
        "Next: `confluent kafka link list --cluster lkc-1`",
    ];
    assert_eq!(said("summary"), VIOLATED);
    assert_eq!(said("description"), description.join("\n"));
    assert_eq!(
        [&alert.labels["scope"], &alert.labels["expectation"]],
        ["task", "task_state"]
    );
}

pub(crate) fn base(url: &str) -> BaseUrl {
    BaseUrl::new(&url.parse().unwrap())
}

#[test]
fn a_link_that_cannot_be_absolute_is_left_out() {
    let since = Timestamp::from_second(120).unwrap();
    let snapshot = store(since, Vec::new()).snapshot();
    let mut engine = Engine::new(rules().copied().collect());
    engine.evaluate(&snapshot, since);
    let fires = since + Duration::from_secs(300);
    let evaluation = engine.evaluate(&snapshot, fires);
    let active = firing(&evaluation, LABELS[0].1);
    let links = |links: WebLinks| {
        let builder = NotificationBuilder {
            links,
            ..NotificationBuilder::default()
        };
        let mut alert = builder.alert(active, &snapshot, fires);
        ["runbook_url", "dashboard_url"].map(|name| alert.annotations.remove(name))
    };
    assert_eq!(links(WebLinks::default()), [None, None]);
    let external_url = Some(base("https://exporter.example.com"));
    let only_exporter = WebLinks {
        external_url,
        ..WebLinks::default()
    };
    assert_eq!(links(only_exporter), [Some(RUNBOOK.to_owned()), None]);
}

/// The alert of a rule that receivers are notified of.
fn firing<'a>(evaluation: &'a Evaluation, rule: &str) -> &'a ActiveAlert {
    let mut to_notify = evaluation.to_notify.iter();
    let alert = to_notify.find(|(_, active)| active.rule.name == rule);
    &alert.expect("it fires").1
}

fn failed(at: Timestamp) -> Report {
    let failure = Failure {
        reason: Reason::Timeout,
        message: "too slow".into(),
    };
    Report::new(at, Duration::from_secs(120), Err(failure))
}

/// Prometheus fills in what it knows, and our own filling must leave no phrase of its language behind.
#[test]
fn no_template_is_left_in_any_text() {
    let since = Timestamp::from_second(120).unwrap();
    let store = store(since, Vec::new());
    let eager = rules().map(|rule| Rule {
        hold_duration: Duration::ZERO,
        ..*rule
    });
    let mut engine = Engine::new(eager.collect());
    let evaluation = engine.evaluate(&store.snapshot(), since);
    let (_, mut active) = evaluation.to_notify[0].clone();
    for rule in rules().filter(|rule| rule.condition.is_some()) {
        active.rule = *rule;
        let alert = NotificationBuilder::default().alert(&active, &store.snapshot(), since);
        for (name, text) in alert.annotations {
            assert!(!text.contains("{{"), "{name} of {}: {text}", rule.name);
        }
    }
}
