//! Rules about error budgets: how fast what may be bad within a month is used up. `rules --slo` writes them.

use crate::alert::{
    recordings::slo::{Kind, OBJECTIVE, OF_DATA, OF_LINKS, OF_TASKS},
    rule::{Rule, Severity, Subject, minutes},
};

pub(in crate::alert) const RULES: &[Rule] = &[
    Rule {
        name: "ClusterLinkTaskErrorBudgetBurn",
        expression: || burning(&OF_TASKS),
        hold_duration: minutes(2),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Task,
        summary: "Task `{{ $labels.task_name }}` of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` uses up its error budget.",
        meaning: "The task was bad for so long that, at this pace, its objective for 30 days will be missed.",
        condition: None,
    },
    Rule {
        name: "ClusterLinkErrorBudgetBurn",
        expression: || burning(&OF_LINKS),
        hold_duration: minutes(2),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` uses up its error budget.",
        meaning: "The link was bad for so long that, at this pace, its objective for 30 days will be missed.",
        condition: None,
    },
    Rule {
        name: "ClusterLinkDataErrorBudgetBurn",
        expression: || burning(&OF_DATA),
        hold_duration: minutes(2),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Cluster,
        summary: "What is known of cluster `{{ $labels.cluster_name }}` is too old too often.",
        meaning: "Nobody knew how the links of the cluster were for so long that, at this pace, the objective of the data for 30 days will be missed.",
        condition: None,
    },
];

/// How many times as fast as evenly over 30 days the budget is used up, over a long window and still over a short one: those
/// of the Site Reliability Workbook, with the windows that are recorded. The first uses 2 % of the budget within an hour,
/// the second 5 % within 6 hours, the third 10 % within a day.
const BURN_RATES: [(&str, usize, usize); 3] = [("14.4", 1, 0), ("6", 2, 1), ("3", 3, 2)];

/// Where the budget is used up too fast by any of the rates.
fn burning(kind: &Kind) -> String {
    let Kind { labels, shares, .. } = kind;
    let is_below = |rate: &str, window: usize| {
        format!(
            "max by ({labels}) ({}{{@:}}) < 1 - {rate} * (1 - scalar({OBJECTIVE}{{@:}}))",
            shares[window]
        )
    };
    let rates = BURN_RATES.map(|(rate, long, short)| {
        format!(
            "({}\nand on ({labels}) {})",
            is_below(rate, long),
            is_below(rate, short)
        )
    });
    rates.join("\nor ")
}
