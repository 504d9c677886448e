//! Runs every file of the fuzz targets' corpora as a plain test: no fuzzer, no nightly compiler.
//!
//! A crash that fuzzing found becomes a file of `fuzz/corpus/<target>`, named after what is odd about it, and stays fixed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::targets::{config, labels, wire};

/// A file larger than this shows its point to nobody.
const LARGE: usize = 16 * 1024;

#[test]
fn any_answer_is_refused_or_becomes_sound_series() {
    run("wire", wire::check);
}

#[test]
fn any_file_is_settings_or_problems_of_one_line_each() {
    run("config", config::check);
}

#[test]
fn any_name_survives_as_a_label_value() {
    run("labels", labels::check);
}

#[test]
fn each_target_has_a_corpus_and_a_test() {
    let names = |folder: &str| -> Vec<String> {
        let stem = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
        entries(folder).iter().map(stem).collect()
    };
    let tested = ["config", "labels", "wire"];
    assert_eq!(names("fuzz_targets"), tested, "add a test here");
    assert_eq!(
        names("corpus"),
        tested,
        "remove the folder, or add its target"
    );
}

fn run(target: &str, check: fn(&[u8])) {
    let files = entries(&format!("corpus/{target}"));
    assert!(!files.is_empty(), "put examples into fuzz/corpus/{target}");
    for path in files {
        let data = fs::read(&path).unwrap();
        let path = path.display();
        assert!(data.len() <= LARGE, "{path}: shorten it to {LARGE} bytes");
        // Shown where the check panics, above its message.
        println!("checking {path}");
        check(&data);
    }
}

/// What a folder of `fuzz` holds, in order of path.
fn entries(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(folder);
    let entries = fs::read_dir(folder).expect("the folder is part of the repository");
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
