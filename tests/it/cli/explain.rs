//! `explain`: the list, an explanation, the document and what is not known.

use std::{fmt::Write as _, path::Path};

use serde_json::Value;

use super::{assert_says, run};
use crate::support::{golden::golden, program::program};

#[test]
fn what_is_explained_is_as_it_was_read_last() {
    let mut text = String::new();
    let asked: [&[&str]; 5] = [
        &["explain"],
        &["explain", "REMOTE_LINK_NOT_FOUND_ERROR"],
        &["explain", "consumer_group_in_use_error"],
        &["explain", "TIMEOUT_ERROR"],
        &["explain", "UNEXPECTED_TRUNCATION", "--output", "json"],
    ];
    for arguments in asked {
        let (status, stdout, stderr) = run(program(arguments));
        assert_eq!((status, stderr.as_str()), (0, ""), "{arguments:?}");
        let command = arguments.join(" ");
        let _ = writeln!(text, "$ cluster-link-exporter {command}\n{stdout}");
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli/explain.txt");
    golden(&file, &text);
}

#[test]
fn a_code_that_is_not_known_is_one_line_and_status_2() {
    let cases = [
        (
            "topic_exist_error",
            "code `TOPIC_EXIST_ERROR` is not known; similar: `TOPIC_EXISTS_ERROR`; ",
        ),
        (
            "made\u{1b}up",
            "code `MADE\\u{1b}UP` is not known; `explain` lists those that are; ",
        ),
    ];
    for (code, line) in cases {
        let open =
            "the sets of codes are open, so if a server sent it, read the error message beside it";
        let line = format!("{line}{open}\n");
        assert_says(program(&["explain", code]), 2, "", &line);
        assert_says(
            program(&["explain", code, "--output", "json"]),
            2,
            "",
            &line,
        );
    }
}

#[test]
fn the_document_of_all_codes_has_every_row() {
    let (status, stdout, _) = run(program(&["explain", "--output", "json"]));
    let document: Value = serde_json::from_str(&stdout).unwrap();
    let rows = document["codes"].as_array().unwrap();
    let scopes: Vec<_> = rows
        .iter()
        .filter(|row| row["code"] == "AUTHENTICATION_ERROR")
        .map(|row| row["scope"].as_str().unwrap())
        .collect();
    assert_eq!((status, scopes), (0, vec!["link", "task", "transition"]));
    assert!(rows.iter().all(|row| row["remedy"].is_string()), "{rows:?}");
}
