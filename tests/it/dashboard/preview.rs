//! The dashboards beside the running demo, as a browser sees them: each panel of each board draws something, and what
//! the documentation breaks is on the first screen.
//!
//! The pictures of a run lie in `target/tmp/dashboards`.

mod browser;

use browser::{Board, Cell, Panel, Preview};

use super::empty::EMPTY;
use crate::support::{
    self,
    program::{Running, program, until_ready},
};

/// The half link that Confluent's documentation shows: all of this stands in one row of a table.
const DOCUMENTED: [&str; 3] = [
    "customers-both-ways",
    "ConsumerOffsetSync",
    "REMOTE_LINK_NOT_FOUND_ERROR",
];
const FIRST_BOARD: &str = "clusterlink-overview";

#[tokio::test(flavor = "multi_thread")]
async fn every_panel_draws_the_demo_and_the_documented_error_is_on_the_first_screen() {
    let mut demo = Running::start(program(&["demo", "--web.listen-address=127.0.0.1:0"]));
    let exporter = demo.address();
    until_ready(&exporter).await;
    let looked = async {
        let preview = Preview::beside(&exporter)?;
        preview.until_there_is_history().await;
        let boards = preview.seen_by_a_browser();
        let stopped = preview.stop();
        assert!(
            stopped.status.is_some_and(|status| status.success()),
            "the preview does not stop well:\n{}{}",
            stopped.stdout,
            stopped.stderr
        );
        boards
    };
    let boards = match looked.await {
        Ok(boards) => boards,
        Err(why) => {
            let test = "every_panel_draws_the_demo_and_the_documented_error_is_on_the_first_screen";
            return support::skip(test, &why);
        }
    };
    let mut wrong: Vec<String> = boards.iter().flat_map(objections).collect();
    if !boards.iter().any(shows_the_documented_error) {
        let [link, task, code] = DOCUMENTED;
        wrong.push(format!(
            "{FIRST_BOARD}: no row with `{link}`, `{task}` and `{code}` is seen whole without scrolling at 1920×1080; \
             move its table up, or give its columns width"
        ));
    }
    assert!(
        wrong.is_empty(),
        "look at target/tmp/dashboards/*.png:\n  {}",
        wrong.join("\n  ")
    );
}

/// What is not as it should be on a board, each with what to do.
fn objections(board: &Board) -> Vec<String> {
    let uid = &board.uid;
    let mut wrong = Vec::new();
    if let Some(message) = &board.message {
        wrong.push(format!(
            "{uid}: {message}; mend the board's variables or annotations"
        ));
    }
    for error in &board.errors {
        wrong.push(format!(
            "{uid}: the browser's console says: {error}; mend tools/preview/page"
        ));
    }
    if board.panels.is_empty() {
        wrong.push(format!("{uid}: no panel is there; mend tools/preview/page"));
    }
    for panel in &board.panels {
        if let Some(objection) = objection(panel, reason(uid, panel)) {
            let Panel { id, title, .. } = panel;
            wrong.push(format!("{uid}: panel {id} `{title}`: {objection}"));
        }
    }
    wrong
}

/// Why a panel is rightly empty: none of its queries brings anything.
fn reason(uid: &str, panel: &Panel) -> Option<&'static str> {
    let listed = |query: &String| {
        let place = format!("{uid}: {} {query}", panel.title);
        let entry = EMPTY.iter().find(|(listed, _)| *listed == place);
        entry.map(|(_, reason)| *reason)
    };
    let reasons: Option<Vec<_>> = panel.queries.iter().map(listed).collect();
    reasons?.first().copied()
}

/// What is wrong with a panel that is empty for this reason, or should not be.
fn objection(panel: &Panel, empty: Option<&str>) -> Option<String> {
    let notes = panel.notes.replace('\n', "; ");
    let count = panel.count;
    match (panel.state.as_str(), empty) {
        ("error", _) => Some(format!("{notes}; mend the panel, or tools/preview/page")),
        _ if !notes.is_empty() => Some(format!("{notes}; do without, or teach tools/preview/page")),
        ("drawn", None) if count > 0 => None,
        ("empty", Some(_)) => None,
        ("drawn", Some(reason)) => Some(format!(
            "it draws {count}, and `EMPTY` lists it because {reason}; take it off"
        )),
        ("empty", None) => Some(format!(
            "it says only `{}`; mend its query, let the demo show it, or list it in `EMPTY` with a reason",
            panel.text
        )),
        (state, _) => Some(format!("it is `{state}`; mend tools/preview/page")),
    }
}

fn shows_the_documented_error(board: &Board) -> bool {
    let mut rows = board.panels.iter().flat_map(|panel| &panel.rows);
    let has = |row: &[Cell], part: &str| row.iter().any(|cell| cell.seen && cell.text == part);
    board.uid == FIRST_BOARD && rows.any(|row| DOCUMENTED.iter().all(|part| has(row, part)))
}

#[test]
fn a_panel_that_is_not_as_it_should_be_is_named_with_what_to_do() {
    let cases = [
        ("drawn", 3, "", None, None),
        ("empty", 0, "", Some("it rests"), None),
        (
            "empty",
            0,
            "",
            None,
            Some(
                "it says only `No data`; mend its query, let the demo show it, or list it in `EMPTY` with a reason",
            ),
        ),
        (
            "drawn",
            3,
            "",
            Some("it rests"),
            Some("it draws 3, and `EMPTY` lists it because it rests; take it off"),
        ),
        (
            "error",
            0,
            "no unit `x`",
            None,
            Some("no unit `x`; mend the panel, or tools/preview/page"),
        ),
        (
            "drawn",
            3,
            "no footer",
            None,
            Some("no footer; do without, or teach tools/preview/page"),
        ),
        (
            "loading",
            0,
            "",
            None,
            Some("it is `loading`; mend tools/preview/page"),
        ),
    ];
    for (state, count, notes, empty, expected) in cases {
        let panel = Panel {
            state: state.to_owned(),
            count,
            notes: notes.to_owned(),
            text: "No data".to_owned(),
            ..Panel::default()
        };
        assert_eq!(objection(&panel, empty).as_deref(), expected, "{state}");
    }
}
