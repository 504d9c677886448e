//! Prose for people, broken between words.

/// The text after `start`, broken between words where it passes `width`; further lines are indented as far.
pub(super) fn wrapped(start: &str, text: &str, width: usize) -> String {
    let indent = start.chars().count();
    let mut shown = start.to_owned();
    let mut column = indent;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > indent {
            if column + 1 + length > width {
                shown.push('\n');
                shown.push_str(&" ".repeat(indent));
                column = indent;
            } else {
                shown.push(' ');
                column += 1;
            }
        }
        shown.push_str(word);
        column += length;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_wider_than_the_line_stands_alone() {
        let text = wrapped("  a  ", "bb cccccccccc dd", 10);
        assert_eq!(text, "  a  bb\n     cccccccccc\n     dd");
    }
}
