//! The pages of the repository: where their links lead, whether what they name exists, and the reference, which is
//! written from the tables of the code.

mod contents;
mod example;
mod links;
mod reference;
mod rights;
mod schema;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders that hold no page of ours.
const ELSEWHERE: &[&str] = &[".git", "target", "node_modules", "fuzz"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Markdown file of the repository, by its path from the root, in order.
fn pages() -> Vec<String> {
    let mut pages = Vec::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(folder) = waiting.pop() {
        let entries = fs::read_dir(root().join(&folder)).expect("the folder can be listed");
        for entry in entries {
            let entry = entry.expect("the entry can be read");
            let name = entry.file_name();
            let name = name.to_str().expect("the name is UTF-8");
            let path = folder.join(name);
            if entry.file_type().expect("it has a type").is_dir() {
                if !ELSEWHERE.contains(&name) {
                    waiting.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path.to_str().expect("the path is UTF-8").to_owned());
            }
        }
    }
    pages.sort();
    pages
}

#[track_caller]
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
