//! The pages of `docs/reference`, each written whole from the tables of the code, and from the example file. `UPDATE=1 cargo test docs::` writes
//! them anew.

mod alerts;
mod configuration;
mod error_codes;
mod judgements;
mod metrics;

use super::root;
use crate::support::golden::golden;

/// What is on every page, so that nobody writes into it by hand.
const WRITTEN: &str = "<!-- Written by `UPDATE=1 cargo test docs::`; do not edit. -->";

/// Fails where the page is not this text below its title.
fn page(name: &str, title: &str, text: &str) {
    let file = root().join("docs/reference").join(name);
    golden(&file, &format!("{WRITTEN}\n\n# {title}\n\n{text}"));
}

/// A table in Markdown. A cell cannot end it.
fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let head = line(&head.map(str::to_owned));
    let rule = format!("|{}\n", "---|".repeat(N));
    let rows: String = rows.into_iter().map(|row| line(&row)).collect();
    head + &rule + &rows
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
