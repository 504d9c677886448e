//! What is under `deploy`: that others take it, and that what it repeats of the program is what the program has.

mod compose;
mod facts;
mod helm;
mod image;
mod kubernetes;
mod objects;
mod operator;
mod pods;
mod schemas;
mod systemd;

use std::{fs, path::PathBuf};

use serde_json::Value;

/// A file or a folder of the repository.
fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[track_caller]
fn text(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[track_caller]
fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The items of a list; none where there is no list.
fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// A text; empty where there is none.
fn str(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[track_caller]
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
}
