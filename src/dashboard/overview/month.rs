//! The row of the last 30 days: what `rules --slo` records of links, tasks and data, and what is left of their budgets.

use crate::{
    alert::OBJECTIVE,
    dashboard::{
        mapping::{GREEN, ORANGE, RED},
        panel::Panel,
        promql::{CLUSTER, LINK, TASK},
        table::{Column, table},
    },
};

/// What an objective is about: its word, the labels that tell its subjects apart, and the share of a month.
const KINDS: [(&str, &str, &str); 3] = [
    (
        "Links",
        LINK,
        "link:clusterlink_link_good:avg30d{recorded_link}",
    ),
    (
        "Tasks",
        TASK,
        "task:clusterlink_task_good:avg30d{recorded_link}",
    ),
    (
        "Data",
        CLUSTER,
        "cluster:clusterlink_data_good:avg30d{recorded_cluster}",
    ),
];

/// What stands where nothing is recorded; most have not asked for it.
const NOT_RECORDED: &str = "Not recorded: load the rules that `cluster-link-exporter rules --slo 99.9` writes into \
     Prometheus, and wait for up to six hours";

/// From which part of a budget on it is nearly spent, and not.
const OF_BUDGET: [(Option<f64>, &str); 3] = [(None, RED), (Some(0.0), ORANGE), (Some(0.25), GREEN)];

/// How many rows the table of the worst has.
const WORST: usize = 20;

pub(super) fn objectives() -> Panel {
    let of_kinds = |expression: &dyn Fn(&str, &str) -> String| {
        let kinds = KINDS.map(|(word, key, share)| {
            let expression = expression(key, share);
            format!(r#"label_replace({expression}, "kind", "{word}", "", "")"#)
        });
        kinds.join("\nor ")
    };
    let objective = of_kinds(&|_, _| format!("max({OBJECTIVE})"));
    let good = of_kinds(&|key, share| format!("avg({})", least(key, share)));
    let worst = of_kinds(&|key, share| format!("min({})", least(key, share)));
    let budget = of_kinds(&|key, share| format!("min({})", left(key, share)));
    let overdrawn = of_kinds(&|key, share| {
        let left = left(key, share);
        format!("(count({left} < 0) or 0 * count({left}))")
    });
    table(
        "Objectives",
        "The share of the last 30 days in which links, tasks and the data of clusters were good, as far as it is known, the \
         average of all and the worst, against the objective; and what is left of the worst one's error budget, where less \
         than 0 % is more than the objective allows. Links and tasks that are gone count until their 30 days are over. A \
         share of 30 days is there after up to six hours, and until then a cell is empty.",
        vec![
            Column::label("kind", "What").width(80),
            share("Objective", &objective),
            share("Good", &good),
            share("Worst", &worst),
            budget_left(&budget),
            Column::value("Overdrawn", &overdrawn)
                .width(95)
                .coloured(&[(None, "text"), (Some(1.0), RED)]),
        ],
    )
    .no_value(NOT_RECORDED)
}

pub(super) fn least_budget() -> Panel {
    let of_all = |expression: fn(&str, &str) -> String| {
        KINDS
            .map(|(_, key, share)| expression(key, share))
            .join("\nor ")
    };
    let worst = format!("bottomk({WORST}, {})", of_all(left));
    let good = format!("({})\nand on ({TASK}) {worst}", of_all(least));
    table(
        "Least error budget left",
        "Which links, tasks and clusters have the least left of the error budget of the last 30 days; a row without a task is \
         the link itself, and one without a link the data of the cluster. Next: click a name for the link's board, and choose \
         30 days there.",
        vec![
            budget_left(&worst).ascending(),
            share("Good", &good),
            Column::label("cluster_name", "Cluster").width(110),
            Column::label("link_name", "Link").width(200).opens_its_link(),
            Column::label("task_name", "Task"),
        ],
    )
    .no_value(NOT_RECORDED)
}

/// A share of time as a column.
fn share(title: &'static str, query: &str) -> Column {
    Column::value(title, query)
        .unit("percentunit")
        .decimals(3)
        .width(100)
}

/// What is left of budgets, as a column.
fn budget_left(query: &str) -> Column {
    Column::value("Budget left", query)
        .unit("percentunit")
        .decimals(0)
        .width(100)
        .coloured(&OF_BUDGET)
}

/// One share for each subject: of several rule files that record it, the smallest.
fn least(key: &str, share: &str) -> String {
    format!("min by ({key}) ({share})")
}

/// Which part of its error budget each subject has left, by the objective of the file that recorded it.
fn left(key: &str, share: &str) -> String {
    format!(
        "min by ({key}) (1 - (1 - min by ({key}, selector) ({share})) / on (selector) group_left () \
         (1 - max by (selector) ({OBJECTIVE})))"
    )
}
