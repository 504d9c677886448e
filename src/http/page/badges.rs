//! The small pieces that the page is made of.

use std::{collections::BTreeSet, fmt::Display, time::Duration};

use jiff::Timestamp;
use maud::{Markup, html};

use crate::{
    catalogue::{self, Scope},
    model::{Health, ReportedError},
};

/// A word on its colour.
pub(super) fn badge(health: Health, word: &str) -> Markup {
    html! { span class={ "badge " (health.as_str()) } { (word) } }
}

/// A foreign name or text, whose direction of writing ends with it.
pub(super) fn name(text: impl Display) -> Markup {
    html! { bdi { (text.to_string()) } }
}

/// An age in words, with the exact time to hover over.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(then) title=(then) { (age(then, now)) " ago" } }
}

/// Two units are enough for a glance: `3days 4h`.
fn age(then: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(then).unsigned_abs();
    let age = Duration::from_secs(age.as_secs());
    let words = humantime::format_duration(age).to_string();
    words.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// The same without the exact time.
pub(super) fn ago_alone(then: Timestamp, now: Timestamp) -> Markup {
    html! { time { (age(then, now)) " ago" } }
}

/// The link to a path of the exporter, from its page: a proxy may serve all of it below a path of its own.
pub(super) fn relative(path: &str) -> String {
    format!(".{path}")
}

/// What to do, below what is wrong.
pub(super) fn hint(text: impl Display) -> Markup {
    html! { p { small { "hint: " (with_code(&text.to_string())) } } }
}

/// A text of ours, with what stands in backticks set as code.
pub(super) fn with_code(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A paragraph about a part of a link.
pub(super) enum Line {
    Text(Markup),
    /// What to do about it. A link says each advice once, however many things ask for it.
    Hint(String),
}

impl Line {
    pub(super) fn hint(text: impl Display) -> Self {
        Self::Hint(text.to_string())
    }
}

/// The errors, each with what the catalogue says to do below it.
pub(super) fn errors(errors: &[ReportedError], scope: Scope) -> Vec<Line> {
    let lines = catalogue::with_hints(errors, scope).flat_map(|(error, text)| {
        let said = html! { p { b { (error.error_code) } " " (name(&error.error_message)) } };
        [Some(Line::Text(said)), text.map(Line::hint)]
    });
    lines.flatten().collect()
}

/// Paragraphs, without the advice that `given` has already: the same in other capitals or with a full stop is the same.
pub(super) fn lines(lines: &[Line], given: &mut BTreeSet<String>) -> Markup {
    let mut is_new = |text: &str| given.insert(text.trim_end_matches('.').to_lowercase());
    html! {
        @for line in lines {
            @match line {
                Line::Text(text) => (text),
                Line::Hint(text) => @if is_new(text) { (hint(text)) },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_backticks_is_code_and_still_text() {
        let page = with_code("set `<a>` to `b`, or <c>");
        let expected = "set <code>&lt;a&gt;</code> to <code>b</code>, or &lt;c&gt;";
        assert_eq!(page.0, expected);
    }
}
