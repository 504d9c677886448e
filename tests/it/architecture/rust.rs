//! The Rust that builds this is named where people, the container and the fuzzer look for it: always the same one.

use std::fs;

use regex::Regex;

use super::root;

/// What the one group of a pattern matches in a file.
fn found(file: &str, pattern: &str) -> String {
    let text = fs::read_to_string(root().join(file)).expect("the file is readable");
    let pattern = Regex::new(pattern).expect("the pattern is one");
    let found = pattern.captures(&text);
    let found = found.unwrap_or_else(|| panic!("{file} has no line like `{pattern}`"));
    found[1].to_owned()
}

#[test]
fn the_image_is_built_with_the_rust_that_people_build_with() {
    let image = found("Dockerfile", r"(?m)^FROM rust:([0-9.]+)-");
    let people = found("rust-toolchain.toml", r#"(?m)^channel = "([0-9.]+)""#);
    assert!(
        people == image || people.starts_with(&format!("{image}.")),
        "Dockerfile builds with Rust {image} and rust-toolchain.toml with {people}; write the same"
    );
}

#[test]
fn the_fuzzer_asks_for_no_other_rust_than_the_program() {
    let [program, fuzzer] = ["Cargo.toml", "fuzz/Cargo.toml"]
        .map(|file| found(file, r#"(?m)^rust-version = "([0-9.]+)"$"#));
    assert_eq!(
        program, fuzzer,
        "`rust-version` of Cargo.toml and of fuzz/Cargo.toml"
    );
}

#[test]
fn every_action_is_pinned_by_the_hash_of_a_commit() {
    let pinned = Regex::new("@[0-9a-f]{40} # v[0-9]+").expect("the pattern is one");
    let folder = root().join(".github/workflows");
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the entry is readable").path();
        let text = fs::read_to_string(&path).expect("a workflow is readable");
        let uses = text.lines().filter(|line| line.contains("uses: "));
        let loose = uses.filter(|line| !pinned.is_match(line));
        wrong.extend(loose.map(|line| format!("{}: {}", path.display(), line.trim())));
    }
    super::assert_none(
        &wrong,
        "write the hash of the commit behind the `@`, and the version as a comment",
    );
}
