//! Names that would steer a terminal, break a line or turn a text around, in what receivers show.

use std::time::Duration;

use cluster_link_exporter::{
    alert::{Alert, Engine, NotificationBuilder, Rule, Subject, rules},
    model::ReportedError,
    text::is_unprintable,
    web_links::WebLinks,
};
use jiff::Timestamp;

use super::texts::{base, store_of};

/// As the API may send it.
const NAME: &str = "or\u{202e}ders\u{2066}\u{1b}[2J\r\n\u{9b}\u{7f}all";
const SHOWN: &str = "or�ders��[2J����all";
const MEANT: &str = "or%E2%80%AEders%E2%81%A6%1B%5B2J%0D%0A%C2%9B%7Fall";

/// Every rule's alert about a link and a task of that name.
fn alerts() -> impl Iterator<Item = (&'static Rule, Alert)> {
    let since = Timestamp::from_second(120).unwrap();
    let errors = vec![ReportedError {
        error_code: NAME.into(),
        error_message: NAME.to_owned(),
    }];
    let snapshot = store_of(NAME, NAME, since, errors).snapshot();
    let eager = rules().map(|rule| Rule {
        hold_duration: Duration::ZERO,
        ..*rule
    });
    let mut engine = Engine::new(eager.collect());
    let evaluation = engine.evaluate(&snapshot, since);
    let mut to_notify = evaluation.to_notify.into_iter();
    let of_task = to_notify.find(|(_, active)| active.rule.name == "ClusterLinkTaskInError");
    let (_, mut active) = of_task.expect("it fires");
    rules().map(move |rule| {
        active.rule = *rule;
        let builder = NotificationBuilder {
            links: WebLinks {
                grafana_url: Some(base("https://grafana.example.com")),
                ..WebLinks::default()
            },
            ..NotificationBuilder::default()
        };
        let alert = builder.alert(&active, &snapshot, since);
        (rule, alert)
    })
}

#[test]
fn texts_are_tamed_and_labels_and_links_stay_exact() {
    for (rule, alert) in alerts() {
        assert_eq!(alert.labels["link_name"], NAME);
        assert_eq!(alert.labels["task_name"], NAME);
        for (name, text) in &alert.annotations {
            let steers = text.contains(|c| c != '\n' && is_unprintable(c));
            assert!(!steers, "{name} of {}: {text:?}", rule.name);
        }
        let summary = &alert.annotations["summary"];
        assert!(!summary.contains('\n'), "{summary:?}");
        if let Subject::Task | Subject::Link = rule.subject {
            let description = &alert.annotations["description"];
            let next = format!("\nNext: `confluent kafka link task list {SHOWN} --cluster lkc-1`");
            assert!(description.ends_with(&next), "{description}");
            assert!(summary.contains(SHOWN), "{summary}");
            let link = format!("&var-link_name={MEANT}");
            let dashboard = &alert.annotations["dashboard_url"];
            assert!(dashboard.contains(&link), "{dashboard}");
        }
    }
}
