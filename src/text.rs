//! Foreign text as it is shown: on the page, in the terminal, in JSON and in the log. Whoever names a link or a task must not
//! steer a terminal, break a line, turn what stands beside it or hide in it. The exposition alone keeps every character.

use std::{borrow::Cow, fmt::Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// What is percent-encoded in a part of a URL that holds a foreign name: everything but RFC 3986's unreserved characters,
/// because a name may hold slashes, percent signs and line breaks.
pub const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Whether the character is none that can be seen: a control, one that turns the direction of text, one that hides.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        )
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// The start of a foreign text: at most so many characters, of which there is one or more, and the last of them a mark
/// where some are missing.
pub fn excerpt(text: &str, characters: usize) -> Cow<'_, str> {
    if text.chars().nth(characters).is_none() {
        return text.into();
    }
    let start = text.chars().take(characters.saturating_sub(1));
    start.chain(['…']).collect::<String>().into()
}

/// The names that may have been meant by one that is none of them, in capitals or not, the nearest first and three at most:
/// those that hold it, and those that typing errors turn into it.
pub fn nearest<'a>(unknown: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // Comparing costs the product of the lengths, and no name is as long.
    if unknown.len() > 64 {
        return Vec::new();
    }
    let unknown = unknown.to_ascii_uppercase();
    let mut near: Vec<_> = names
        .into_iter()
        .map(|name| (name.to_ascii_uppercase(), name))
        .map(|(upper, name)| {
            let is_part = unknown.len() >= 3 && upper.contains(&unknown);
            let distance = strsim::damerau_levenshtein(&unknown, &upper);
            (is_part, distance, name)
        })
        .filter(|(is_part, distance, name)| *is_part || distance * 3 <= name.len())
        .map(|(_, distance, name)| (distance, name))
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// The text on one line, with a mark in the place of each character that cannot be seen.
pub fn printable(text: &str) -> Cow<'_, str> {
    marked(text, is_unprintable)
}

/// The same for a text of several lines, which it keeps.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    marked(text, |c| c != '\n' && is_unprintable(c))
}

/// The same for a JSON document on one line, which stays the same document: the characters are escaped.
pub fn printable_json(document: &str) -> Cow<'_, str> {
    if !document.contains(is_unprintable) {
        return document.into();
    }
    let mut shown = String::with_capacity(document.len() + 16);
    for c in document.chars() {
        if is_unprintable(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

fn marked(text: &str, is_to_mark: impl Fn(char) -> bool + Copy) -> Cow<'_, str> {
    if !text.contains(is_to_mark) {
        return text.into();
    }
    let shown = |c| {
        if is_to_mark(c) {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.chars().map(shown).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FOREIGN: &str =
        "a\u{1b}[2J\n\u{7f}\u{9b}\u{202e}\u{2066}\u{61c}\u{200b}\u{feff}\u{e0041}\u{645}\u{1f600}z";

    #[test]
    fn what_cannot_be_seen_is_marked_and_every_script_stays() {
        assert_eq!(printable(FOREIGN), "a�[2J���������\u{645}\u{1f600}z");
        assert_eq!(printable_lines(FOREIGN), "a�[2J\n��������\u{645}\u{1f600}z");
        assert!(matches!(
            printable("Zahlungen \u{fc}ber 100 \u{20ac}"),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn an_excerpt_says_where_something_is_missing() {
        assert_eq!(excerpt("übel", 3), "üb…");
        assert_eq!(excerpt("", 0), "");
        assert!(matches!(excerpt("übel", 4), Cow::Borrowed("übel")));
    }

    proptest! {
        #[test]
        fn a_document_stays_the_same_and_can_be_seen(text: String) {
            for text in [text.as_str(), FOREIGN] {
                let document = serde_json::to_string(text).unwrap();
                let shown = printable_json(&document);
                prop_assert!(!shown.contains(is_unprintable), "{shown:?}");
                prop_assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
            }
        }
    }
}
