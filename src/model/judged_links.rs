//! What is held against links, as far as it is shown: a link whose series are not shown has no verdict to be read.

use super::{Cluster, Expectation, Expected, ObservedLink, Verdict};

/// What is said of a pattern that no link matches, everywhere before or without the pattern.
pub const NO_LINK_MATCHES: &str = "no link has a name that matches";

/// An expectation as it is shown: of a link, or of a pattern that matches none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownExpectation<'a> {
    /// The link, or the pattern.
    pub link_name: &'a str,
    /// Empty for an expectation of the link itself.
    pub task_name: &'a str,
    /// Of what kind.
    pub expectation: Expectation,
    /// What was expected and what was seen, where it is not met.
    pub violation: Option<&'a str>,
}

impl Expected {
    /// As it is shown of this link; `None` where it is not known.
    fn shown<'a>(&'a self, link_name: &'a str) -> Option<ShownExpectation<'a>> {
        if self.outcome.unknown().is_some() {
            return None;
        }
        Some(ShownExpectation {
            link_name,
            task_name: self.task_name.as_ref().map_or("", |name| name.as_str()),
            expectation: self.expectation,
            violation: self.outcome.bad(),
        })
    }
}

impl Cluster {
    /// The links whose series are shown, each with what is held against it.
    pub fn judged_links(&self) -> impl Iterator<Item = (&ObservedLink, &Verdict)> {
        self.shown_links()
            .filter_map(|link| Some((link, link.verdict.as_deref()?)))
    }

    /// What is held against the link of this name, where its series are shown.
    pub fn shown_verdict(&self, link_name: &str) -> Option<&Verdict> {
        self.shown_link(link_name)?.verdict.as_deref()
    }

    /// The patterns of `expect` that match no link, where the list is good enough to say so.
    pub fn shown_missing(&self) -> &[String] {
        if self.is_listed() { &self.missing } else { &[] }
    }

    /// Every expectation that is shown, each once: those of the links, then the patterns that match none.
    pub fn shown_expectations(&self) -> impl Iterator<Item = ShownExpectation<'_>> {
        let missing = self.shown_missing();
        let of_links = self.judged_links().flat_map(|(link, verdict)| {
            let link_name = link.link_name.as_str();
            let expectations = verdict.expectations.iter();
            expectations.filter_map(move |expected| expected.shown(link_name))
        });
        // A pattern may read like the name of a link that it does not match: then it is told of the pattern.
        let is_of_a_link = |shown: &ShownExpectation| {
            shown.expectation != Expectation::Exists
                || missing.iter().all(|pattern| pattern != shown.link_name)
        };
        let of_patterns = missing.iter().map(|pattern| ShownExpectation {
            link_name: pattern,
            task_name: "",
            expectation: Expectation::Exists,
            violation: Some(NO_LINK_MATCHES),
        });
        of_links.filter(is_of_a_link).chain(of_patterns)
    }
}
