//! The timelines show the states that were played, in their order, by their names.

use std::time::Duration;

use cluster_link_exporter::{
    model::{LinkState, StateRow, TaskState},
    simulator::{Change, LinkRef, Scenario, Simulator, Task},
};

use super::{
    asking::{Shown, ask},
    boards::{Board, shipped, text},
    mappings::mapped,
    variables::Chosen,
};
use crate::support::{
    self,
    exporter::Exporter,
    prometheus::{Prometheus, scraping},
};

const CLUSTER: &str = "lkc-east01";
const LINK: &str = "orders-dr";
const TASK: &str = "AclSync";

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_names_the_states_that_were_played() {
    let simulator = Simulator::new(Scenario::named("healthy").unwrap(), None);
    let exporter = Exporter::watching(&simulator).await;
    let Some(prometheus) = Prometheus::start(&scraping(&exporter.url)) else {
        return support::skip(
            "a_timeline_names_the_states_that_were_played",
            "`prometheus` is not on PATH; install the Debian package prometheus",
        );
    };
    let tasks = play(
        &prometheus,
        "task",
        TaskState::TABLE,
        |state| Change::Task {
            link: LinkRef::new(CLUSTER, LINK),
            task: Task::new(TASK, state),
        },
        &simulator,
    )
    .await;
    let links = play(
        &prometheus,
        "link",
        LinkState::TABLE,
        |state| Change::Link {
            link: LinkRef::new(CLUSTER, LINK),
            state: state.to_owned(),
            error: None,
        },
        &simulator,
    )
    .await;

    let boards = shipped();
    let board = |uid: &str| boards.iter().find(|board| board.stem == uid).unwrap();
    let shown = Shown::last(100, &prometheus).await;
    let overview = board("clusterlink-overview");
    for (board, title, played) in [
        (overview, "Links over time", &links),
        (overview, "Tasks over time", &tasks),
        (board("clusterlink-link"), "Tasks over time", &tasks),
    ] {
        assert_eq!(
            drawn(&prometheus, board, title, shown).await,
            *played,
            "{title}"
        );
    }
}

/// Plays the states of a table from the last to the first, each until Prometheus has seen it; the states in their order.
async fn play(
    prometheus: &Prometheus,
    noun: &str,
    table: &[StateRow],
    change: impl Fn(&str) -> Change,
    simulator: &Simulator,
) -> String {
    let named = if noun == "task" {
        format!(",task_name=\"{TASK}\"")
    } else {
        String::new()
    };
    let mut played = vec!["ACTIVE"];
    let state = |state: &str| format!("sum(clusterlink_{noun}_state{{state=\"{state}\"{named}}})");
    prometheus.until(&state("ACTIVE"), "1").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    for row in table.iter().rev() {
        simulator.apply(&change(row.name)).unwrap();
        prometheus.until(&state(row.name), "1").await;
        // A step of the timeline falls into each state.
        tokio::time::sleep(Duration::from_secs(2)).await;
        played.push(row.name);
    }
    played.join(" ")
}

/// What the timeline's row of the task or link shows, each state once, from left to right.
async fn drawn(prometheus: &Prometheus, board: &Board, title: &str, shown: Shown) -> String {
    let place = format!("{}: {title}", board.stem);
    let panel = board.shown().find(|panel| panel["title"] == title).unwrap();
    let mapped = mapped(panel);
    let mut rows = Vec::new();
    for asked in board
        .asked()
        .iter()
        .filter(|asked| asked.place.starts_with(&place))
    {
        let series = ask(prometheus, asked, shown, |_| Chosen::All)
            .await
            .unwrap();
        rows.extend(series.into_iter().filter(|series| {
            let task = text(&series["metric"]["task_name"]);
            task.is_empty() || task == TASK
        }));
    }
    assert_eq!(rows.len(), 1, "{title} has one row: {rows:?}");
    let samples = rows[0]["values"].as_array().unwrap();
    let mut names: Vec<&str> = samples
        .iter()
        .map(|sample| mapped[&text(&sample[1]).parse().unwrap()].0)
        .collect();
    names.dedup();
    names.join(" ")
}
