//! The row of the last 30 days, asked of what `rules --slo` records.

use std::{fmt::Write as _, fs};

use super::{
    boards::{Board, shipped},
    empty::{EMPTY, NO_OBJECTIVE},
    variables::{Chosen, fill},
};
use crate::alert::play::promtool;

/// Two links, of which one was good for 99.95 % of the time against 99.9 %, a task that used twice its budget, and data. A
/// second rule file has recorded the other link, too, for another objective.
const RECORDED: &str = r#"
      - {series: 'clusterlink:slo:objective', values: '0.999'}
      - {series: 'link:clusterlink_link_good:avg30d{cluster_name="a",cluster_id="1",link_name="l"}', values: '0.9995'}
      - {series: 'link:clusterlink_link_good:avg30d{cluster_name="a",cluster_id="1",link_name="m"}', values: '1'}
      - {series: 'task:clusterlink_task_good:avg30d{cluster_name="a",cluster_id="1",link_name="l",task_name="t"}', values: '0.998'}
      - {series: 'cluster:clusterlink_data_good:avg30d{cluster_name="a",cluster_id="1"}', values: '0.99975'}
      - {series: 'clusterlink:slo:objective{selector="x"}', values: '0.9'}
      - {series: 'link:clusterlink_link_good:avg30d{selector="x",cluster_name="a",cluster_id="1",link_name="m"}', values: '0.98'}
"#;

/// What each query brings: labels, and value in hundred-thousandths.
const SHOWN: [(&str, &[(&str, i64)]); 7] = [
    (
        "Objectives A",
        &[
            (r#"{kind="Links"}"#, 99_900),
            (r#"{kind="Tasks"}"#, 99_900),
            (r#"{kind="Data"}"#, 99_900),
        ],
    ),
    (
        "Objectives B",
        &[
            (r#"{kind="Links"}"#, 98_975),
            (r#"{kind="Tasks"}"#, 99_800),
            (r#"{kind="Data"}"#, 99_975),
        ],
    ),
    (
        "Objectives C",
        &[
            (r#"{kind="Links"}"#, 98_000),
            (r#"{kind="Tasks"}"#, 99_800),
            (r#"{kind="Data"}"#, 99_975),
        ],
    ),
    (
        "Objectives D",
        &[
            (r#"{kind="Links"}"#, 50_000),
            (r#"{kind="Tasks"}"#, -100_000),
            (r#"{kind="Data"}"#, 75_000),
        ],
    ),
    (
        "Objectives E",
        &[
            (r#"{kind="Links"}"#, 0),
            (r#"{kind="Tasks"}"#, 100_000),
            (r#"{kind="Data"}"#, 0),
        ],
    ),
    (
        "Least error budget left A",
        &[
            (
                r#"{cluster_name="a",cluster_id="1",link_name="l",task_name="t"}"#,
                -100_000,
            ),
            (r#"{cluster_name="a",cluster_id="1",link_name="l"}"#, 50_000),
            (r#"{cluster_name="a",cluster_id="1"}"#, 75_000),
            (r#"{cluster_name="a",cluster_id="1",link_name="m"}"#, 80_000),
        ],
    ),
    (
        "Least error budget left B",
        &[
            (
                r#"{cluster_name="a",cluster_id="1",link_name="l",task_name="t"}"#,
                99_800,
            ),
            (r#"{cluster_name="a",cluster_id="1",link_name="l"}"#, 99_950),
            (r#"{cluster_name="a",cluster_id="1"}"#, 99_975),
            (r#"{cluster_name="a",cluster_id="1",link_name="m"}"#, 98_000),
        ],
    ),
];

#[test]
fn the_row_of_the_month_shows_what_is_recorded() {
    let boards = shipped();
    let asked: Vec<_> = boards.iter().flat_map(Board::asked).collect();
    let mut test = format!(
        "evaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:{RECORDED}    promql_expr_test:\n"
    );
    for (place, rows) in SHOWN {
        let place = format!("clusterlink-overview: {place}");
        let listed = EMPTY.iter().find(|(empty, _)| *empty == place);
        assert_eq!(listed, Some(&(place.as_str(), NO_OBJECTIVE)));
        let query = asked.iter().find(|asked| asked.place == place).unwrap();
        let expression = fill(&query.expression, 60, |_| Chosen::All);
        let expression = expression.replace('\n', " ");
        let samples = rows
            .iter()
            .map(|(labels, value)| format!("{{labels: '{labels}', value: {value}}}"));
        let samples = samples.collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            test,
            "      - {{eval_time: 0m, expr: 'round(100000 * ({expression}))', exp_samples: [{samples}]}}"
        );
    }
    let listed = EMPTY.iter().filter(|(_, why)| *why == NO_OBJECTIVE);
    assert_eq!(listed.count(), SHOWN.len());

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("month.yaml"), test).unwrap();
    let test = "the_row_of_the_month_shows_what_is_recorded";
    let arguments = ["test", "rules", "month.yaml"];
    if let Some((content, said)) = promtool(test, folder.path(), &arguments) {
        assert!(content, "{said}");
    }
}
