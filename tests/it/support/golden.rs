//! Compares a text with the file that holds what it should be.

use std::{env, fs, path::Path};

/// Fails where `text` is not what the file holds. With `UPDATE=1` writes the file instead.
pub(crate) fn golden(file: &Path, text: &str) {
    if env::var_os("UPDATE").is_some() {
        fs::write(file, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    let shown = file
        .strip_prefix(env!("CARGO_MANIFEST_DIR"))
        .unwrap_or(file)
        .display();
    assert!(
        text == expected,
        "{shown} differs; if the new text is right, run `UPDATE=1 cargo test` and read the difference\n{}",
        difference(&expected, text)
    );
}

/// The lines that are in one of the two only.
fn difference(expected: &str, found: &str) -> String {
    let only = |mark: &str, these: &str, others: &str| {
        let others: Vec<_> = others.lines().collect();
        let lines = these.lines().filter(|line| !others.contains(line));
        lines
            .flat_map(|line| [mark, line, "\n"].map(str::to_owned))
            .collect::<String>()
    };
    only("- ", expected, found) + &only("+ ", found, expected)
}
