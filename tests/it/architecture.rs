//! The rules of the house that no compiler checks: who may use whom, sizes and names of files, no loose ends.

mod circles;
mod functions;
mod imports;
mod map;
mod rust;

use std::{
    fs,
    path::{Path, PathBuf},
};

use imports::{Use, declared_modules, uses};

/// The rooms, top to bottom. A room may use itself and those above it.
const ROOMS: &[&str] = &[
    "text",
    "anchor",
    "web_links",
    "model",
    "catalogue",
    "clock",
    "document",
    "file",
    "secret",
    "state_file",
    "telemetry",
    "rights",
    "client",
    "api",
    "discovery",
    "poll",
    "intent",
    "store",
    "journal",
    "metrics",
    "alert",
    "notify",
    "runbook",
    "dashboard",
    "status",
    "http",
    "simulator",
    "config",
    // The composition root stands above the command line: `app` starts and joins the parts, a command calls it.
    "app",
    "cli",
];

/// Rooms that use no other. The simulator is independent evidence of the API: what it shared with the client, both
/// would have wrong together.
const ALONE: &[&str] = &["simulator"];

/// All that `main.rs` may use of the library.
const FOR_MAIN: &[&str] = &["cli"];

/// A file that reaches this many lines wants to be two.
const TOO_MANY_LINES: usize = 400;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &[
    "common", "helper", "helpers", "manager", "types", "util", "utils",
];

/// Marks of unfinished work, in two halves each so that this file has none.
const LOOSE_ENDS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
];

#[test]
fn imports_go_one_way() {
    let mut wrong = Vec::new();
    for file in rust_files(&["src"]) {
        let module = module_of(&file.path);
        let module: Vec<&str> = module.iter().map(String::as_str).collect();
        // lib.rs is the map of all rooms and may use each.
        let Some(room) = module.first() else { continue };
        if *room != "main" && !ROOMS.contains(room) {
            let path = &file.path;
            wrong.push(format!("{path}: `{room}` is no room; add it to `ROOMS`"));
            continue;
        }
        for Use { line, room: used } in uses(&file.text, &module) {
            if let Some(why) = objection(room, used) {
                wrong.push(format!("{}:{line}: uses `{used}`; {why}", file.path));
            }
        }
    }
    assert_none(&wrong, "a room uses only itself and the rooms above it");
}

/// How the standard library and tokio read a file, or look at one.
const READS: &[&str] = &[
    "fs::read",
    "fs::read_to_string",
    "fs::metadata",
    "fs::File",
    "fs::OpenOptions",
    "File::open",
    "File::options",
    "OpenOptions",
    "read_to_string",
    "read_to_end",
    "tokio::fs",
    "from_pem_file",
    "pem_file_iter",
];

/// Macros that panic where they cannot print.
const PRINTS: &[&str] = &["println!", "eprintln!", "print!", "eprint!"];

#[test]
fn the_map_lists_the_rooms_in_order() {
    let map = fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs is readable");
    let declared = declared_modules(&map);
    let ordered: Vec<&str> = ROOMS
        .iter()
        .copied()
        .filter(|room| declared.contains(room))
        .collect();
    assert_eq!(
        declared, ordered,
        "src/lib.rs declares its modules (left) in another order than `ROOMS` (right), or some that are no room; \
         a blank line between two of them keeps rustfmt from sorting them"
    );
}

#[test]
fn files_are_small() {
    let wrong: Vec<String> = rust_files(&["src", "tests", "benches"])
        .iter()
        .map(|file| (&file.path, file.text.lines().count()))
        .filter(|(_, lines)| *lines >= TOO_MANY_LINES)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert_none(&wrong, "split each file of 400 lines or more");
}

#[test]
fn names_say_what_is_inside() {
    let mut wrong = Vec::new();
    for file in rust_files(&["src", "tests", "benches"]) {
        let path = &file.path;
        if path.starts_with("src/") && path.ends_with("/mod.rs") {
            wrong.push(format!("{path}: write `x.rs` beside `x/`, not `x/mod.rs`"));
        }
        let parts = path.trim_end_matches(".rs").split('/');
        for name in parts.chain(declared_modules(&file.text)) {
            if EMPTY_NAMES.contains(&name) {
                wrong.push(format!("{path}: `{name}` says nothing; name what it is"));
            }
        }
    }
    assert_none(&wrong, "rename");
}

#[test]
fn files_are_read_where_none_can_hang() {
    let mut wrong = Vec::new();
    for file in rust_files(&["src"]) {
        // The one reads, the other writes what a command was asked to write, while nothing else goes on.
        if !["src/file.rs", "src/cli/output.rs"].contains(&file.path.as_str()) {
            wrong.extend(words_outside_tests(&file, READS));
        }
    }
    assert_none(
        &wrong,
        "a file that somebody names may hang or have no end: read it with `crate::file`",
    );
}

#[test]
fn what_cannot_be_printed_is_told() {
    let files = rust_files(&["src"]);
    let wrong: Vec<_> = files
        .iter()
        .flat_map(|file| words_outside_tests(file, PRINTS))
        .collect();
    assert_none(
        &wrong,
        "these panic where a disk is full: print with `cli::output::say` and `complain`",
    );
}

#[test]
fn no_other_program_is_started() {
    let files = rust_files(&["src"]);
    let wrong: Vec<_> = files
        .iter()
        .flat_map(|file| words_outside_tests(file, &["Command::new", "process::Command"]))
        .collect();
    assert_none(
        &wrong,
        "it would inherit the credentials of the environment, and systemd's socket and watchdog",
    );
}

/// Where the words stand in a file's text. Its tests stand last, and may do as they like.
fn words_outside_tests(file: &File, words: &[&str]) -> Vec<String> {
    if file.path.ends_with("tests.rs") {
        return Vec::new();
    }
    let text = file.text.split("#[cfg(test)]\nmod tests {").next();
    let lines = (1..).zip(text.unwrap_or_default().lines());
    let found = lines.flat_map(|(line, text)| {
        let words = words.iter().filter(move |word| has_word(text, word));
        words.map(move |word| format!("{}:{line}: `{word}`", file.path))
    });
    found.collect()
}

#[test]
fn nothing_is_left_for_later() {
    let mut wrong = Vec::new();
    for file in rust_files(&["src", "tests", "benches"]) {
        for (line, text) in (1..).zip(file.text.lines()) {
            for mark in LOOSE_ENDS.iter().filter(|mark| has_word(text, mark)) {
                wrong.push(format!("{}:{line}: `{mark}`", file.path));
            }
        }
    }
    assert_none(&wrong, "finish it, or open an issue and remove the mark");
}

/// Why `room` may not use `used`; `None` when it may.
fn objection(room: &str, used: &str) -> Option<String> {
    let place = |name| ROOMS.iter().position(|room| *room == name);
    let allowed = match room {
        "main" => FOR_MAIN,
        room if ALONE.contains(&room) => &[],
        room => &ROOMS[..place(room)?],
    };
    if used == room || allowed.contains(&used) {
        None
    } else if place(used).is_none() {
        Some("that is no room; name the room it lives in, or add it to `ROOMS`".into())
    } else if allowed.is_empty() {
        Some(format!("`{room}` may use only itself"))
    } else {
        let allowed = allowed.join(", ");
        Some(format!("`{room}` may use only itself and: {allowed}"))
    }
}

#[test]
fn a_room_uses_itself_and_those_above_it() {
    let cases = [
        ("api", "api", None),
        ("api", "model", None),
        (
            "secret",
            "api",
            Some(
                "`secret` may use only itself and: text, anchor, web_links, model, catalogue, clock, document, file",
            ),
        ),
        (
            "model",
            "secret",
            Some("`model` may use only itself and: text, anchor, web_links"),
        ),
        (
            "simulator",
            "model",
            Some("`simulator` may use only itself"),
        ),
        ("config", "simulator", None),
        ("main", "cli", None),
        ("main", "app", Some("`main` may use only itself and: cli")),
        (
            "api",
            "Client",
            Some("that is no room; name the room it lives in, or add it to `ROOMS`"),
        ),
    ];
    for (room, used, expected) in cases {
        assert_eq!(
            objection(room, used).as_deref(),
            expected,
            "{room} uses {used}"
        );
    }
}

fn assert_none(wrong: &[String], rule: &str) {
    assert!(wrong.is_empty(), "{rule}:\n  {}", wrong.join("\n  "));
}

struct File {
    /// From the root of the repository, with `/`.
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below these folders, in order of path.
fn rust_files(folders: &[&str]) -> Vec<File> {
    let mut files = Vec::new();
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("the folder is readable");
            waiting.extend(entries.map(|entry| entry.expect("the entry is readable").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a Rust file is UTF-8");
            let path = path.strip_prefix(root()).expect("it lies below the root");
            let path = path.to_string_lossy().replace('\\', "/");
            files.push(File { path, text });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// `src/api/wire.rs` is `["api", "wire"]`, `src/lib.rs` is `[]`.
fn module_of(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    path.split('/')
        .filter(|part| *part != "lib")
        .map(str::to_owned)
        .collect()
}

/// Whether `text` has `word` with no letter, digit or underscore beside it.
fn has_word(text: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(start, found)| {
        !text[..start].ends_with(part_of_word)
            && !text[start + found.len()..].starts_with(part_of_word)
    })
}
