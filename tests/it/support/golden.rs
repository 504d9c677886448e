//! Compares a text with the file, or the part of a file, that holds what it should be.

use std::{
    env,
    fs::{self, File},
    path::Path,
};

use similar::TextDiff;

/// Where forges learn which files are generated, so that they fold them in differences.
const ATTRIBUTES: &str = include_str!("../../../.gitattributes");

/// Fails where `text` is not what the file holds. With `UPDATE=1` writes the file instead.
#[track_caller]
pub(crate) fn golden(file: &Path, text: &str) {
    let from_root = file.strip_prefix(env!("CARGO_MANIFEST_DIR"));
    let shown = from_root.unwrap_or(file).display().to_string();
    assert!(
        is_marked(&shown),
        "{shown} is written by a test; add the line `/{shown} linguist-generated` to .gitattributes"
    );
    compare(file, text);
}

/// Whether a line of `.gitattributes` marks the file as generated.
fn is_marked(path: &str) -> bool {
    let patterns = ATTRIBUTES.lines();
    let mut patterns = patterns.filter_map(|line| line.strip_suffix(" linguist-generated"));
    patterns.any(|pattern| {
        let pattern = regex::escape(pattern.trim_start_matches('/')).replace(r"\*", "[^/]*");
        regex::Regex::new(&format!("^{pattern}$")).is_ok_and(|pattern| pattern.is_match(path))
    })
}

#[track_caller]
fn compare(file: &Path, text: &str) {
    let expected = fs::read_to_string(file).unwrap_or_default();
    if text == expected {
        return;
    }
    if env::var_os("UPDATE").is_some() {
        fs::write(file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        return;
    }
    let file = file
        .strip_prefix(env!("CARGO_MANIFEST_DIR"))
        .unwrap_or(file);
    panic!(
        "{}",
        difference(&file.display().to_string(), &expected, text)
    );
}

/// The same for the part of the file between its markers `<!-- part:begin -->` and `<!-- part:end -->`.
#[track_caller]
pub(crate) fn golden_part(file: &Path, part: &str, text: &str) {
    // Other tests may write other parts of it at the same time.
    let lock = File::open(file).and_then(|lock| lock.lock().map(|()| lock));
    let _lock = lock.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let found = fs::read_to_string(file).expect("the file is UTF-8");
    let [begin, end] = ["begin", "end"].map(|side| format!("<!-- {part}:{side} -->"));
    let markers = || {
        let (before, rest) = found.split_once(&begin)?;
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    };
    let Some((before, after)) = markers() else {
        panic!(
            "{} has no line `{begin}` with a line `{end}` below it; write both",
            file.display()
        );
    };
    compare(file, &format!("{before}{begin}\n{text}{end}{after}"));
}

/// What to do, and the lines that differ with three lines around them.
fn difference(file: &str, expected: &str, found: &str) -> String {
    let diff = TextDiff::from_lines(expected, found);
    let diff = diff.unified_diff().header("expected", "found").to_string();
    format!(
        "{file} differs; if the new text is right, run `UPDATE=1 cargo test` and read the difference\n{diff}"
    )
}

#[test]
fn a_difference_shows_what_moved_and_where() {
    let expected = "a\nb\nc\nd\ne\nf\ng\nsame\nh\n";
    let found = "a\nb\nc\nd\ne\nsame\nf\ng\nh";
    assert_eq!(
        difference("a.txt", expected, found),
        "a.txt differs; if the new text is right, run `UPDATE=1 cargo test` and read the difference\n\
         --- expected\n\
         +++ found\n\
         @@ -3,7 +3,7 @@\n c\n d\n e\n+same\n f\n g\n-same\n-h\n+h\n\
         \\ No newline at end of file\n"
    );
}

#[test]
#[should_panic(
    expected = "has no line `<!-- alerts:begin -->` with a line `<!-- alerts:end -->` below it; write both"
)]
fn a_file_without_the_markers_is_not_written() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "<!-- alerts:end -->\n").unwrap();
    golden_part(file.path(), "alerts", "text\n");
}

#[test]
fn a_star_of_a_pattern_stays_within_a_folder() {
    let cases = [
        ("Cargo.lock", true),
        ("docs/reference/metrics.md", true),
        ("docs/reference/more/metrics.md", false),
        ("docs/alerting.md", false),
        ("README.md", false),
    ];
    for (path, expected) in cases {
        assert_eq!(is_marked(path), expected, "{path}");
    }
}
