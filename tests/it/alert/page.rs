//! The runbooks as their parts: heads, prose and code.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;

/// One Markdown file, most often of `alerts/runbooks`.
pub(crate) struct Page {
    pub(crate) file: PathBuf,
    /// The file's name without its extension: the alert, or `README`.
    pub(crate) name: String,
    pub(crate) text: String,
    /// All that stands in no block of code.
    prose: String,
    /// Language and text of every block of code.
    pub(crate) blocks: Vec<(String, String)>,
}

/// What the reader fills in, such as `<link>`.
pub(crate) static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("<[a-z][a-z-]*>").unwrap());
static SPAN: LazyLock<Regex> = LazyLock::new(|| Regex::new("`([^`]+)`").unwrap());

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/runbooks")
}

/// The index and how to read the commands.
pub(crate) fn readme() -> Page {
    Page::read(folder().join("README.md"))
}

/// Every runbook, by name.
pub(crate) fn runbooks() -> Vec<Page> {
    let files = fs::read_dir(folder()).expect("the folder can be listed");
    let pages = files.map(|file| Page::read(file.expect("the folder can be listed").path()));
    let mut pages: Vec<_> = pages.filter(|page| page.name != "README").collect();
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    pages
}

/// Fails with every complaint about every page, the index included.
#[track_caller]
pub(crate) fn nothing_wrong(complaints: impl Fn(&Page) -> Vec<String>) {
    let pages = runbooks().into_iter().chain([readme()]);
    let wrong = pages.flat_map(|page| {
        let complaints = complaints(&page).into_iter();
        let said = complaints.map(|what| format!("alerts/runbooks/{}.md: {what}", page.name));
        said.collect::<Vec<_>>()
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// What the one group of a pattern matches.
pub(crate) fn found<'a>(pattern: &str, text: &'a str) -> Vec<&'a str> {
    let pattern = Regex::new(pattern).unwrap();
    let all = pattern.captures_iter(text);
    all.map(|one| one.get(1).expect("the group matched").as_str())
        .collect()
}

impl Page {
    pub(crate) fn read(file: PathBuf) -> Self {
        let name = file.file_stem().expect("a file has a name");
        let name = name.to_str().expect("the name is UTF-8").to_owned();
        let text = fs::read_to_string(&file).expect("a page can be read");
        let (mut prose, mut blocks) = (String::new(), Vec::new());
        let mut inside = false;
        for line in text.lines() {
            // A block within a list is indented.
            if let Some(language) = line.trim_start().strip_prefix("```") {
                inside = !inside;
                if inside {
                    blocks.push((language.to_owned(), String::new()));
                }
                continue;
            }
            let into = match blocks.last_mut() {
                Some((_, block)) if inside => block,
                _ => &mut prose,
            };
            into.push_str(line);
            into.push('\n');
        }
        assert!(!inside, "{}: close the last block of code", file.display());
        Self {
            file,
            name,
            text,
            prose,
            blocks,
        }
    }

    /// Every head with its marks, such as `## Meaning`.
    pub(crate) fn heads(&self) -> Vec<&str> {
        let lines = self.prose.lines();
        lines.filter(|line| line.starts_with('#')).collect()
    }

    /// The paragraphs between the title and the next head, each as one line.
    pub(crate) fn opening(&self) -> Vec<String> {
        let below = self.prose.split_once('\n').map_or("", |(_, below)| below);
        let opening = below.split("\n#").next().unwrap_or_default();
        let paragraphs = opening
            .split("\n\n")
            .map(|text| text.trim().replace('\n', " "));
        paragraphs.filter(|text| !text.is_empty()).collect()
    }

    /// Code within the prose.
    pub(crate) fn spans(&self) -> Vec<String> {
        let spans = SPAN.captures_iter(&self.prose);
        spans.map(|span| span[1].replace('\n', " ")).collect()
    }

    /// Every line of code, in the prose and in blocks.
    pub(crate) fn code(&self) -> Vec<String> {
        let blocks = self.blocks.iter().flat_map(|(_, block)| block.lines());
        let mut code = self.spans();
        code.extend(blocks.map(|line| line.trim().to_owned()));
        code
    }

    /// The placeholders that this page has a row for.
    pub(crate) fn explained(&self) -> Vec<&str> {
        let rows = self.prose.lines().filter(|line| line.starts_with("| `<"));
        let first = rows.filter_map(|row| row.split(" | ").next());
        first
            .flat_map(|cell| PLACEHOLDER.find_iter(cell))
            .map(|it| it.as_str())
            .collect()
    }
}
