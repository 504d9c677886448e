//! The alert rules.

use std::time::Duration;

use cluster_link_exporter::alert::{Rule, rules};
use humantime::format_duration;

use super::{page, table};

const INTRODUCTION: &str = "\
Every alert with its runbook. `after` is how long its condition must hold before it fires, and `stays` how long it fires on
after its condition has ended; both, and the severity, can be changed under `alerting.rules` of the
[configuration](configuration.md#alerting). How the rules are used is in [Alerting](../alerting.md).";

#[test]
fn the_page_has_every_alert() {
    let table = table(
        ["alert", "severity", "scope", "after", "stays", "meaning"],
        rules().map(row),
    );
    page("alerts.md", "Alerts", &format!("{INTRODUCTION}\n\n{table}"));
}

fn row(rule: &Rule) -> [String; 6] {
    let Rule {
        name,
        meaning,
        severity,
        subject,
        hold_duration,
        keep_firing_for,
        ..
    } = rule;
    let or = |duration: Duration, none: &str| match duration {
        Duration::ZERO => none.to_owned(),
        some => format_duration(some).to_string(),
    };
    [
        format!("[`{name}`](../../alerts/runbooks/{name}.md)"),
        severity.label().to_owned(),
        subject.scopes().join(" or "),
        or(*hold_duration, "at once"),
        or(*keep_firing_for, ""),
        (*meaning).to_owned(),
    ]
}
