//! The runbooks of `alerts/runbooks`, which the program has with it: a page per alert, and one about all of them.

mod html;

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

use self::html::Place;
use crate::{alert::rules, text::nearest as nearest_of};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/alerts/runbooks");

/// The file about all of them.
const INDEX: &str = "README.md";

/// One page of the runbooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runbook {
    /// The name of its file, with `.md`.
    pub file_name: &'static str,
    /// Its text, in Markdown.
    pub markdown: &'static str,
}

/// All pages, the one about all of them first, the others in the order of their names.
pub fn runbooks() -> &'static [Runbook] {
    static RUNBOOKS: LazyLock<Vec<Runbook>> = LazyLock::new(|| {
        let pages = FILES.files().map(|file| Runbook {
            file_name: file.path().to_str().expect("the names are plain"),
            markdown: file.contents_utf8().expect("the texts are UTF-8"),
        });
        let mut pages: Vec<_> = pages.collect();
        pages.sort_by_key(|page| (page.file_name != INDEX, page.file_name));
        pages
    });
    &RUNBOOKS
}

/// The page about all runbooks.
pub fn index() -> &'static Runbook {
    &runbooks()[0]
}

/// The runbook of an alert, by the alert's name.
pub fn find(alert: &str) -> Option<&'static Runbook> {
    runbooks().iter().find(|page| page.alert() == Some(alert))
}

/// The alert that was probably meant by a name that is none.
pub fn nearest(unknown: &str) -> Option<&'static str> {
    let names = rules().map(|rule| rule.name);
    nearest_of(unknown, names).first().copied()
}

impl Runbook {
    /// The alert that it is about; `None` for the page about all of them.
    pub fn alert(&self) -> Option<&'static str> {
        let name = self.file_name.strip_suffix(".md");
        name.filter(|_| self.file_name != INDEX)
    }

    /// The text as HTML, without a page around it. Raw HTML in it is escaped, headings have ids, and links between runbooks
    /// lead to `folder`, in which each is found by the name of its alert.
    pub fn html(&self, folder: &str) -> String {
        html::render(self.markdown, |link| place(link, folder))
    }
}

/// Where a link of a runbook leads: only what the exporter serves can be reached from its own pages.
fn place(link: &str, folder: &str) -> Place {
    if link.starts_with('#') || link.starts_with("https://") {
        return Place::Here(link.to_owned());
    }
    let (file, anchor) = match link.split_once('#') {
        Some((file, anchor)) => (file, format!("#{anchor}")),
        None => (link, String::new()),
    };
    let page = runbooks().iter().find(|page| page.file_name == file);
    page.map_or(Place::Nowhere, |page| {
        Place::Here(format!(
            "{folder}{}{anchor}",
            page.alert().unwrap_or_default()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alert_has_its_runbook_and_there_is_one_page_more() {
        for rule in rules() {
            let page = find(rule.name).unwrap();
            assert!(page.markdown.starts_with(&format!("# {}\n", rule.name)));
        }
        assert_eq!(runbooks().len(), rules().count() + 1);
        assert_eq!((index().alert(), index().file_name), (None, INDEX));
        assert_eq!(find("README"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn a_mistyped_name_leads_to_the_one_that_was_meant() {
        let cases = [
            ("clusterlinkblind", Some("ClusterLinkBlind")),
            ("ClusterLinkTaskInErr", Some("ClusterLinkTaskInError")),
            ("Blind", Some("ClusterLinkBlind")),
            ("ClusterLinkBlidn", Some("ClusterLinkBlind")),
            ("KubePodCrashLooping", None),
            ("", None),
        ];
        for (unknown, expected) in cases {
            assert_eq!(nearest(unknown), expected, "{unknown}");
        }
        assert_eq!(nearest(&"Blind".repeat(20)), None);
    }

    #[test]
    fn links_lead_to_what_is_served_or_are_none() {
        let cases = [
            ("ClusterLinkBlind.md", Some("/runbooks/ClusterLinkBlind")),
            (
                "ClusterLinkBlind.md#impact",
                Some("/runbooks/ClusterLinkBlind#impact"),
            ),
            ("README.md#the-commands", Some("/runbooks/#the-commands")),
            ("#impact", Some("#impact")),
            (
                "https://docs.confluent.io/",
                Some("https://docs.confluent.io/"),
            ),
            ("../cluster-link.rules.yaml", None),
            ("http://example.com/", None),
            ("javascript:alert(1)", None),
        ];
        for (link, expected) in cases {
            let expected = expected.map_or(Place::Nowhere, |to| Place::Here(to.to_owned()));
            assert_eq!(place(link, "/runbooks/"), expected, "{link}");
        }
    }
}
