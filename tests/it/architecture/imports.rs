//! Reads out of Rust text which parts of its crate it uses.
//!
//! It knows paths, `use` trees, inline modules, comments and literals, and no more of the language. A macro that makes
//! paths escapes it.

/// The library, as `main.rs` calls it.
const LIBRARY: &str = "cluster_link_exporter";

/// A place in a file that uses something of a room.
pub(crate) struct Use<'a> {
    /// Counted from 1.
    pub(crate) line: usize,
    /// The name right below the crate's root.
    pub(crate) room: &'a str,
}

/// Every path of the file that goes through the crate's root, by the name right below the root.
pub(crate) fn uses<'a>(text: &'a str, module: &[&'a str]) -> Vec<Use<'a>> {
    let tokens = tokens(text);
    let word = |index: usize| tokens.get(index).map_or("", |token| token.text);
    let mut scope = module.to_vec();
    let mut blocks = Vec::new();
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let before = |back: usize| index.checked_sub(back).map_or("", word);
        match token.text {
            "{" => {
                blocks.push(scope.len());
                if before(2) == "mod" {
                    scope.push(before(1));
                }
            }
            "}" => scope.truncate(blocks.pop().unwrap_or(module.len())),
            "crate" | "super" | LIBRARY if before(1) != "::" || before(2) == "self" => {
                follow(&tokens[index..], &scope, &mut found);
            }
            _ => {}
        }
    }
    found
}

/// Follows one path or `use` tree that is written inside `scope`.
fn follow<'a>(tokens: &[Token<'a>], scope: &[&str], found: &mut Vec<Use<'a>>) {
    let [first, rest @ ..] = tokens else { return };
    let after = match rest {
        [colons, rest @ ..] if colons.text == "::" => Some(rest),
        _ => None,
    };
    let above = &scope[..scope.len().saturating_sub(1)];
    match (first.text, after) {
        ("crate" | LIBRARY, Some(rest)) => follow(rest, &[], found),
        ("super", Some(rest)) => follow(rest, above, found),
        ("self", Some(rest)) => follow(rest, scope, found),
        ("crate" | LIBRARY | "super" | "self", None) => {}
        ("{", _) => follow_group(tokens, scope, found),
        (room, _) if scope.is_empty() => found.push(Use {
            line: first.line,
            room,
        }),
        _ => {}
    }
}

/// Follows each member of the group whose `{` comes first.
fn follow_group<'a>(tokens: &[Token<'a>], scope: &[&str], found: &mut Vec<Use<'a>>) {
    let mut depth = 0;
    let mut starts_member = false;
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            "}" if depth == 1 => return,
            "}" => depth -= 1,
            "{" if depth == 0 => (depth, starts_member) = (1, true),
            "," if depth == 1 => starts_member = true,
            text => {
                if starts_member {
                    follow(&tokens[index..], scope, found);
                }
                starts_member = false;
                depth += usize::from(text == "{");
            }
        }
    }
}

/// The names of the modules that a file declares, inline ones too.
pub(crate) fn declared_modules(text: &str) -> Vec<&str> {
    tokens(text)
        .windows(3)
        .filter(|three| three[0].text == "mod" && matches!(three[2].text, ";" | "{"))
        .map(|three| three[1].text)
        .collect()
}

/// A word, `::`, or a single other character.
#[derive(Clone, Copy)]
pub(super) struct Token<'a> {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) text: &'a str,
}

/// The tokens of Rust text, without its comments and literals.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, kept) = if let Some(length) = comment(rest).or_else(|| literal(rest)) {
            (length, false)
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            (end.unwrap_or(rest.len()), true)
        } else if rest.starts_with("::") {
            (2, true)
        } else {
            (first.len_utf8(), !first.is_whitespace())
        };
        let (text, following) = rest.split_at(length);
        if kept {
            tokens.push(Token { line, text });
        }
        line += text.matches('\n').count();
        rest = following;
    }
    tokens
}

/// The length of the comment that `text` begins with.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let mut depth = 0;
    let mut at = 0;
    while text.starts_with("/*") && at < text.len() {
        match text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    (at > 0).then_some(at)
}

/// The length of the string or character that `text` begins with; a lifetime is neither.
fn literal(text: &str) -> Option<usize> {
    if let Some(body) = ["br", "cr", "r"].iter().find_map(|r| text.strip_prefix(r)) {
        let hashes = body.len() - body.trim_start_matches('#').len();
        let (hashes, quoted) = body.split_at(hashes);
        if let Some(inside) = quoted.strip_prefix('"') {
            let end = format!("\"{hashes}");
            let after = inside.find(&end).map_or("", |at| &inside[at + end.len()..]);
            return Some(text.len() - after.len());
        }
    }
    let body = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let mut characters = body.chars();
    let quote = characters.next().filter(|c| matches!(c, '"' | '\''))?;
    let lifetime =
        quote == '\'' && !body[1..].starts_with('\\') && body.chars().nth(2) != Some('\'');
    if lifetime {
        return None;
    }
    while let Some(c) = characters.next() {
        if c == '\\' {
            characters.next();
        } else if c == quote {
            break;
        }
    }
    Some(text.len() - characters.as_str().len())
}

#[test]
fn every_way_through_the_root_is_seen() {
    // The module the text stands in, the text, and what it uses in which line.
    type Case = (
        &'static [&'static str],
        &'static str,
        &'static [(usize, &'static str)],
    );
    let cases: &[Case] = &[
        (&["api"], "use crate::model::Link;", &[(1, "model")]),
        (
            &["api"],
            "fn f() {\n    crate::poll::g();\n}",
            &[(2, "poll")],
        ),
        (
            &["app"],
            "use crate::{\n    api::{self, model},\n    http, store::{Kept, Store},\n};",
            &[(2, "api"), (3, "http"), (3, "store")],
        ),
        (&["api"], "use crate::*;", &[(1, "*")]),
        (&["main"], "use cluster_link_exporter::cli;", &[(1, "cli")]),
        (&["api"], "use super::poll;", &[(1, "poll")]),
        (&["api", "wire"], "use super::poll;", &[]),
        (&["api", "wire"], "use super::super::poll;", &[(1, "poll")]),
        (
            &["api", "wire"],
            "use self::super::super::poll;",
            &[(1, "poll")],
        ),
        (
            &["api", "wire"],
            "use super::{error, super::poll};",
            &[(1, "poll")],
        ),
        (
            &["api"],
            "mod tests {\n    use super::poll;\n    use super::super::http;\n}\nuse super::store;",
            &[(3, "http"), (5, "store")],
        ),
        (&["api"], "pub(crate) fn f() {}\npub(super) mod g {}", &[]),
    ];
    for (module, text, expected) in cases {
        assert_eq!(seen(text, module), *expected, "in {module:?}: {text}");
    }
}

#[test]
fn comments_and_literals_use_nothing() {
    let nothing = [
        "// crate::app",
        "/// [`crate::app`]",
        "/* crate::app /* nested */ crate::app */",
        r#""crate::app \" crate::app""#,
        r##"r#"crate::app " crate::app"#"##,
        r#"b"crate::app""#,
        r#"('"', '\'', b'"', '\u{22}')"#,
        "fn f<'a>(x: &'a str, é: char) {}",
        "let r#type = 'é';",
    ];
    for text in nothing {
        let text = format!("{text}\nuse crate::poll;");
        assert_eq!(seen(&text, &["api"]), [(2, "poll")], "{text}");
    }
}

fn seen<'a>(text: &'a str, module: &[&'a str]) -> Vec<(usize, &'a str)> {
    let uses = uses(text, module);
    uses.iter()
        .map(|Use { line, room }| (*line, *room))
        .collect()
}
