//! `tests/README.md` is the map of the tests, and each of their files is compiled once.

use std::fs;

use super::{assert_none, declared_modules, root, rust_files};

/// What the tests share and what they are; the map has a section of its own for it.
const SHARED: [&str; 2] = ["support", "targets"];

/// How a file is compiled a second time, and how one lives with what is not used there. In halves, so that this file has
/// none.
const TWICE: [&str; 2] = [concat!("#[pa", "th"), concat!("dead_", "code")];

/// The names in the first column of the map's tables, as `alert::play`.
fn mapped(map: &str) -> Vec<&str> {
    let rows = map.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    cells
        .flat_map(|cell| cell.split("`, `"))
        .map(|name| name.trim_end_matches('`'))
        .collect()
}

#[test]
fn the_map_of_the_tests_names_each_module_and_no_other() {
    let tests = root().join("tests/it");
    let text = |path: &str| fs::read_to_string(root().join(path)).expect("the file is readable");
    let (map, main, shared) = (
        text("tests/README.md"),
        text("tests/it/main.rs"),
        text("tests/it/support.rs"),
    );
    let mapped = mapped(&map);
    let (support, shared): (_, Vec<_>) = (tests.join("support"), declared_modules(&shared));
    let is_there = |name: &str| {
        let path = name.replace("::", "/");
        tests.join(&path).with_extension("rs").exists()
            || support.join(&path).with_extension("rs").exists()
    };
    let strange = mapped.iter().filter(|name| !is_there(name));
    let strange = strange.map(|name| format!("`{name}` is no module of tests/it"));

    let is_mapped = |module: &&str| {
        let inner = format!("{module}::");
        mapped
            .iter()
            .any(|name| name == module || name.starts_with(&inner))
    };
    let modules = declared_modules(&main);
    let modules = modules.into_iter().filter(|name| !SHARED.contains(name));
    let missing = modules.chain(shared).filter(|module| !is_mapped(module));
    let missing = missing.map(|module| format!("`{module}` is in no table"));
    assert_none(
        &strange.chain(missing).collect::<Vec<_>>(),
        "tests/README.md is the map of tests/it",
    );
}

#[test]
fn no_file_of_the_tests_is_compiled_twice() {
    let mut wrong = Vec::new();
    for file in rust_files(&["tests", "benches"]) {
        for (line, text) in (1..).zip(file.text.lines()) {
            for word in TWICE.iter().filter(|word| text.contains(*word)) {
                wrong.push(format!("{}:{line}: `{word}`", file.path));
            }
        }
    }
    assert_none(
        &wrong,
        "put what several tests need into a module of tests/it/support",
    );
}
