//! How long functions are.

use super::{
    assert_none,
    imports::{Token, tokens},
    rust_files,
};

/// A function of more lines, its signature included, wants to be two.
const MOST_LINES: usize = 50;

/// The functions of a text that have a body, with their first lines and their numbers of lines.
fn functions(text: &str) -> Vec<(&str, usize, usize)> {
    let tokens = tokens(text);
    let starts = tokens.windows(2).enumerate().filter(|(_, two)| {
        let is_named = two[1]
            .text
            .starts_with(|c: char| c.is_alphabetic() || c == '_');
        two[0].text == "fn" && is_named
    });
    let functions = starts.filter_map(|(index, two)| {
        let last = last_line(&tokens[index..])?;
        Some((two[1].text, two[0].line, last - two[0].line + 1))
    });
    functions.collect()
}

/// The line in which the function ends that begins here; `None` where it has no body.
fn last_line(tokens: &[Token<'_>]) -> Option<usize> {
    let (mut brackets, mut blocks) = (0, 0);
    for Token { line, text } in tokens {
        match *text {
            "(" | "[" => brackets += 1,
            ")" | "]" => brackets -= 1,
            ";" if blocks == 0 && brackets == 0 => return None,
            "{" => blocks += 1,
            "}" if blocks == 1 => return Some(*line),
            "}" => blocks -= 1,
            _ => {}
        }
    }
    None
}

#[test]
fn functions_are_short() {
    let files = rust_files(&["src"]);
    let is_test = |path: &str| {
        path.ends_with("tests.rs") || path.ends_with("testing.rs") || path.contains("/tests/")
    };
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !is_test(&file.path)) {
        let text = file.text.split("#[cfg(test)]\nmod tests {").next();
        for (name, line, lines) in functions(text.unwrap_or_default()) {
            if lines > MOST_LINES {
                wrong.push(format!("{}:{line}: `{name}` has {lines} lines", file.path));
            }
        }
    }
    assert_none(&wrong, "split each function of more than 50 lines");
}

#[test]
fn the_lines_of_a_function_are_counted_from_its_name_to_its_end() {
    let text = "\
/// fn comment() {}
struct A { call: fn(&str) -> [u8; 2] }
trait B {
    fn without(&self) -> [u8; 2];
    fn with(&self) {
        let text = \"} fn text() {\";
    }
}
pub async fn long<T>(
    value: [T; 2],
) -> Result<(), T>
where
    T: Copy,
{
    if true {
        { call(value) }
    }
    fn inner() {}
}
";
    assert_eq!(
        functions(text),
        [("with", 5, 3), ("long", 9, 11), ("inner", 18, 1)]
    );
}
