//! What is quoted of a foreign body.

use crate::text::is_unprintable;

/// At most 200 safe bytes of a foreign body, on one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet(String);

impl Snippet {
    const MAX_BYTES: usize = 200;

    /// The start of a body, of which nothing secret is left.
    pub(crate) fn of(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&body[..body.len().min(4 * Self::MAX_BYTES)]);
        let mut safe = String::new();
        for word in text
            .split(|c: char| c.is_whitespace() || is_unprintable(c))
            .filter(|word| !word.is_empty())
        {
            if !safe.is_empty() {
                safe.push(' ');
            }
            safe.push_str(word);
        }
        safe.truncate(safe.floor_char_boundary(Self::MAX_BYTES));
        Self(safe)
    }

    /// Whether these words, in small letters, stand in it, in any case.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.0.to_ascii_lowercase().contains(words)
    }
}

/// What follows the status in a message.
pub(crate) fn quoted(Snippet(text): &Snippet) -> String {
    if text.is_empty() {
        ", empty body".to_owned()
    } else {
        format!(": `{text}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_body_is_cut_to_one_safe_line() {
        let page = Snippet::of(b"<html>\r\n\t<b>\x1b[31mNo\x00</b>\xe2\x80\xae\xff");
        assert_eq!(page.0, "<html> <b> [31mNo </b> \u{fffd}");
        assert_eq!(Snippet::of("ü".repeat(500).as_bytes()).0.len(), 200);
    }
}
