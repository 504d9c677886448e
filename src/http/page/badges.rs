//! The small pieces that the page is made of.

use std::fmt::Display;

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
    let age = now.duration_since(then).unsigned_abs();
    let age = std::time::Duration::from_secs(age.as_secs());
    // Two units are enough for a glance: `3days 4h`.
    let words = humantime::format_duration(age).to_string();
    let short = words.split(' ').take(2).collect::<Vec<_>>().join(" ");
    html! { time datetime=(then) title=(then) { (short) " ago" } }
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

/// The errors, each with what the catalogue says to do below it.
pub(super) fn errors(errors: &[ReportedError], scope: Scope) -> Markup {
    html! {
        @for (error, text) in catalogue::with_hints(errors, scope) {
            p { b { (error.error_code) } " " (name(&error.error_message)) }
            @if let Some(text) = text { (hint(text)) }
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
