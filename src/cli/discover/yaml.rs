//! Texts as YAML has them in double quotes, also those of which nobody would see all.

use std::fmt::Write as _;

use crate::text::is_unprintable;

/// The text in double quotes, on one line. Nothing in it steers a terminal.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if is_unprintable(c) || c == '\u{85}' => {
                // Writing into a text does not fail.
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_one_line_that_yaml_reads_back() {
        for (text, shown) in [
            ("prod/orders (lkc-1)", "\"prod/orders (lkc-1)\""),
            ("a \"b\" \\ {c}: # d", "\"a \\\"b\\\" \\\\ {c}: # d\""),
            ("日本 é\n\t", "\"日本 é\\n\\t\""),
            ("\u{1b}[31m\u{202e}", "\"\\U0000001B[31m\\U0000202E\""),
        ] {
            assert_eq!(quoted(text), shown);
        }
    }
}
