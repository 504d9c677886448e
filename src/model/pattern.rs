//! Patterns of link names: anchored regular expressions, as the configuration writes them.

use std::{
    fmt,
    sync::{Arc, LazyLock},
};

use regex::{RegexSet, RegexSetBuilder};

use super::LinkName;

/// How large the patterns of one list may become together.
const MAX_SIZE: usize = 10 << 20;

/// The pattern of what wants every name.
const EVERYTHING: &str = ".*";

/// Some patterns. Each must match a whole name, line breaks included (`^(?s:…)$`). Cheap to clone.
#[derive(Clone)]
pub struct LinkPatterns(Arc<Compiled>);

struct Compiled {
    texts: Vec<String>,
    set: RegexSet,
}

/// A pattern that is not a regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// What the expression parser says, on one line.
    pub message: String,
}

impl LinkPatterns {
    /// Compiles them; none at all match nothing. Takes a quarter of a second where they are as large as they may be, and no
    /// time for what most clusters have: everything, and nothing.
    pub fn new(patterns: &[String]) -> Result<Self, PatternError> {
        static ALL: LazyLock<LinkPatterns> = LazyLock::new(|| usual(&[EVERYTHING]));
        static NONE: LazyLock<LinkPatterns> = LazyLock::new(|| usual(&[]));
        match patterns {
            [] => Ok(NONE.clone()),
            [pattern] if pattern == EVERYTHING => Ok(ALL.clone()),
            _ => Self::compiled(patterns),
        }
    }

    fn compiled(patterns: &[String]) -> Result<Self, PatternError> {
        for pattern in patterns {
            Self::check(pattern)?;
        }
        let anchored = patterns.iter().map(|pattern| anchored(pattern));
        let set = RegexSetBuilder::new(anchored).size_limit(MAX_SIZE).build();
        Ok(Self(Arc::new(Compiled {
            set: set.map_err(|error| too_large(&error))?,
            texts: patterns.to_vec(),
        })))
    }

    /// Reads a pattern without compiling it, which takes a thousand times as long: whether it fits is not said.
    pub fn check(pattern: &str) -> Result<(), PatternError> {
        // Alone first, so that the message shows what the user wrote and `a)(b` cannot escape the anchors.
        for text in [pattern, &anchored(pattern)] {
            regex_syntax::parse(text).map_err(|error| reason(&error))?;
        }
        Ok(())
    }

    /// Whether one of them matches the name.
    pub fn is_match(&self, link: &LinkName) -> bool {
        self.matches(link.as_str())
    }

    /// Whether one of them matches a name of something else.
    pub fn matches(&self, name: &str) -> bool {
        self.0.set.is_match(name)
    }

    /// Those that match none of the names, as they were written.
    pub fn unmatched<'a>(
        &self,
        links: impl Iterator<Item = &'a LinkName>,
    ) -> impl Iterator<Item = &str> {
        let mut is_matched = vec![false; self.0.texts.len()];
        for link in links {
            for index in self.0.set.matches(link.as_str()) {
                is_matched[index] = true;
            }
        }
        let texts = self.0.texts.iter().zip(is_matched);
        texts.filter_map(|(text, is_matched)| (!is_matched).then_some(text.as_str()))
    }
}

/// The same patterns in the same order.
impl PartialEq for LinkPatterns {
    fn eq(&self, other: &Self) -> bool {
        self.0.texts == other.0.texts
    }
}

impl fmt::Debug for LinkPatterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.set.fmt(f)
    }
}

/// `links.include` and `links.exclude`: which links of a cluster are asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkFilter {
    include: LinkPatterns,
    exclude: LinkPatterns,
}

impl LinkFilter {
    /// Wants every link that one of `include` matches and none of `exclude` does.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, PatternError> {
        Ok(Self {
            include: LinkPatterns::new(include)?,
            exclude: LinkPatterns::new(exclude)?,
        })
    }

    /// Wants every link.
    pub fn all() -> Self {
        Self::new(&[EVERYTHING.to_owned()], &[]).expect("`.*` is a regular expression")
    }

    /// Wants these links and no other.
    pub fn only<'a>(links: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<_> = links.into_iter().map(regex::escape).collect();
        Self::new(&names, &[]).expect("an escaped name is a regular expression")
    }

    /// Whether the link is wanted.
    pub fn wants(&self, link: &LinkName) -> bool {
        self.include.is_match(link) && !self.exclude.is_match(link)
    }
}

/// Patterns that are right.
fn usual(patterns: &[&str]) -> LinkPatterns {
    let patterns: Vec<_> = patterns.iter().map(|text| (*text).to_owned()).collect();
    LinkPatterns::compiled(&patterns).expect("they are regular expressions")
}

fn anchored(pattern: &str) -> String {
    format!("^(?s:{pattern})$")
}

fn too_large(error: &regex::Error) -> PatternError {
    match error {
        regex::Error::CompiledTooBig(limit) => PatternError {
            message: format!("it would take more than {} MiB", limit >> 20),
        },
        // What was read well compiles.
        other => PatternError {
            message: other.to_string().replace('\n', " "),
        },
    }
}

/// The last line says why; those above it repeat the pattern.
fn reason(error: &regex_syntax::Error) -> PatternError {
    let message = error.to_string();
    let reason = message.lines().last().unwrap_or_default();
    PatternError {
        message: reason.trim_start_matches("error: ").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(patterns: &[&str]) -> Vec<String> {
        patterns.iter().map(|p| (*p).to_owned()).collect()
    }

    fn filter(include: &[&str], exclude: &[&str]) -> Result<LinkFilter, PatternError> {
        LinkFilter::new(&owned(include), &owned(exclude))
    }

    #[test]
    fn a_pattern_matches_the_whole_name_whatever_it_holds() {
        let filter = filter(&["dr-.*", "exact"], &[".*-old"]).unwrap();
        let wanted = [
            "dr-orders",
            "dr-\nline",
            "exact",
            "dr-orders-old",
            "my-dr-orders",
            "exactly",
        ]
        .map(|name| filter.wants(&name.into()));
        assert_eq!(wanted, [true, true, true, false, false, false]);
    }

    #[test]
    fn a_name_that_reads_like_a_pattern_wants_itself_alone() {
        let only = LinkFilter::only(["a.c", "(x"]);
        let wanted = ["a.c", "abc", "(x"].map(|name| only.wants(&name.into()));
        assert_eq!(wanted, [true, false, true]);
    }

    #[test]
    fn a_broken_pattern_says_why() {
        assert_eq!(
            filter(&["a("], &[]).unwrap_err().to_string(),
            "unclosed group"
        );
        assert_eq!(
            filter(&["a)(b"], &[]).unwrap_err().to_string(),
            "unopened group"
        );
        // The comment swallows the closing anchor: right alone, wrong among the anchors.
        assert_eq!(
            filter(&["(?x)a # b"], &[]).unwrap_err().to_string(),
            "unclosed group"
        );
    }

    #[test]
    fn patterns_that_become_too_large_are_refused_by_their_size() {
        for large in [
            r"\w{280}",
            r"[\w.-]{1,255}",
            "((((a{1000}){1000}){1000}){1000})",
        ] {
            assert_eq!(LinkPatterns::check(large), Ok(()), "{large}");
            let told = filter(&[large], &[]).unwrap_err().to_string();
            assert_eq!(told, "it would take more than 10 MiB", "{large}");
        }
        assert!(filter(&[r"\w{140}"], &[]).is_ok());
        assert!(filter(&["[a-z0-9._-]{1,255}"], &[]).is_ok());
    }

    #[test]
    fn patterns_without_a_link_are_told_as_they_were_written() {
        let patterns = LinkPatterns::new(&owned(&["dr-.*", "orders", "sales.*"])).unwrap();
        let links = ["sales-dr".into(), "my-orders".into()];
        let unmatched: Vec<_> = patterns.unmatched(links.iter()).collect();
        assert_eq!(unmatched, ["dr-.*", "orders"]);
    }
}
