//! Every link and picture of every page leads somewhere, and from the README one finds every page.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{assert_none, pages, root};

/// Where a page's links lead, and what of it can be linked to.
#[derive(Debug, Default)]
struct Linked {
    links: Vec<String>,
    anchors: BTreeSet<String>,
}

impl Linked {
    fn of(text: &str) -> Self {
        let mut found = Self::default();
        let mut head: Option<String> = None;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    found.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => head = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = anchor(&head.take().unwrap_or_default());
                    // Forges number the second head of one name.
                    let numbered = (1..).map(|number| format!("{anchor}-{number}"));
                    let mut names = [anchor.clone()].into_iter().chain(numbered);
                    let free = names.find(|name| !found.anchors.contains(name));
                    found.anchors.extend(free);
                }
                Event::Text(text) | Event::Code(text) => {
                    if let Some(head) = &mut head {
                        head.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        found
    }
}

/// The anchor of a head, as forges make it.
fn anchor(head: &str) -> String {
    let kept = head.to_lowercase().replace(' ', "-");
    kept.chars()
        .filter(|c| c.is_alphanumeric() || ['-', '_'].contains(c))
        .collect()
}

fn read() -> BTreeMap<String, Linked> {
    let read = |page: &String| {
        fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
    };
    let pages = pages().into_iter();
    pages
        .map(|page| {
            let linked = Linked::of(&read(&page));
            (page, linked)
        })
        .collect()
}

/// Where a link of a page leads, as a path from the root, and the anchor there.
fn target(page: &str, link: &str) -> Option<(String, Option<String>)> {
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (link, None),
    };
    if path.is_empty() {
        return Some((page.to_owned(), anchor));
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            ".." => _ = parts.pop()?,
            "." => {}
            part => parts.push(part),
        }
    }
    Some((parts.join("/"), anchor))
}

/// What is wrong with a link of a page.
fn complaint(page: &str, link: &str, pages: &BTreeMap<String, Linked>) -> Option<String> {
    if let Some((scheme, _)) = link.split_once("://") {
        return (scheme != "https").then(|| format!("`{link}`: write `https://`"));
    }
    let Some((path, anchor)) = target(page, link) else {
        return Some(format!("`{link}` leads out of the repository"));
    };
    if !root().join(Path::new(&path)).exists() {
        return Some(format!("`{link}`: there is no `{path}`"));
    }
    let anchor = anchor?;
    let Some(there) = pages.get(&path) else {
        return Some(format!("`{link}`: `{path}` is no page and has no heads"));
    };
    (!there.anchors.contains(&anchor)).then(|| {
        let anchors: Vec<_> = there.anchors.iter().map(String::as_str).collect();
        let anchors = anchors.join(", ");
        format!("`{link}`: `{path}` has no such head, only: {anchors}")
    })
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let pages = read();
    let wrong = pages.iter().flat_map(|(page, linked)| {
        let complaints = linked.links.iter().filter_map(|link| {
            let complaint = complaint(page, link, &pages)?;
            Some(format!("{page}: {complaint}"))
        });
        complaints.collect::<Vec<_>>()
    });
    assert_none(&wrong.collect::<Vec<_>>());
}

#[test]
fn every_page_is_found_from_the_readme() {
    let pages = read();
    let mut seen = BTreeSet::new();
    let mut waiting = vec!["README.md".to_owned()];
    while let Some(page) = waiting.pop() {
        let Some(linked) = pages.get(&page) else {
            continue;
        };
        if seen.insert(page.clone()) {
            let targets = linked.links.iter().filter(|link| !link.contains("://"));
            waiting.extend(targets.filter_map(|link| Some(target(&page, link)?.0)));
        }
    }
    // Forges show their templates themselves.
    let lost = pages
        .keys()
        .filter(|page| !page.starts_with(".github/") && !seen.contains(*page));
    let wrong = lost.map(|page| format!("link to {page} from README.md, or from a page it links"));
    assert_none(&wrong.collect::<Vec<_>>());
}

#[test]
fn links_and_heads_are_seen_as_a_forge_sees_them() {
    let page = "\
        # What `dr-check` says (our reading)\n\n\
        [a](b.md) ![c](d.png) `[no](code)` [two\nlines](e.md#f) [named][g] <https://h.example>\n\n\
        | [cell](i.md) |\n|---|\n\n\
        ```\n[no](block)\n# no head\n```\n\n\
        ## Same\n\n## Same\n\n## snake_case & more\n\n\
        [g]: j.md\n";
    let linked = Linked::of(page);
    assert_eq!(
        linked.links,
        [
            "b.md",
            "d.png",
            "e.md#f",
            "j.md",
            "https://h.example",
            "i.md"
        ]
    );
    let anchors: Vec<_> = linked.anchors.iter().map(String::as_str).collect();
    assert_eq!(
        anchors,
        [
            "same",
            "same-1",
            "snake_case--more",
            "what-dr-check-says-our-reading"
        ]
    );
}

#[test]
fn a_link_is_judged_from_where_it_stands() {
    let text = "# Head\n";
    let names = ["README.md", "docs/security.md"];
    let pages = names.map(|page| (page.to_owned(), Linked::of(text))).into();
    let cases = [
        ("README.md", "docs/security.md#head", None),
        ("docs/security.md", "../README.md#head", None),
        ("docs/security.md", "#head", None),
        ("docs/security.md", "../dashboards/", None),
        ("README.md", "https://example.com/#anything", None),
        (
            "README.md",
            "http://example.com",
            Some("`http://example.com`: write `https://`"),
        ),
        (
            "README.md",
            "docs/nowhere.md",
            Some("`docs/nowhere.md`: there is no `docs/nowhere.md`"),
        ),
        (
            "docs/security.md",
            "README.md",
            Some("`README.md`: there is no `docs/README.md`"),
        ),
        (
            "docs/security.md",
            "../README.md#tail",
            Some("`../README.md#tail`: `README.md` has no such head, only: head"),
        ),
        (
            "docs/security.md",
            "../LICENSE#head",
            Some("`../LICENSE#head`: `LICENSE` is no page and has no heads"),
        ),
        (
            "docs/security.md",
            "../../other/README.md",
            Some("`../../other/README.md` leads out of the repository"),
        ),
    ];
    for (page, link, expected) in cases {
        assert_eq!(
            complaint(page, link, &pages).as_deref(),
            expected,
            "{page}: {link}"
        );
    }
}
