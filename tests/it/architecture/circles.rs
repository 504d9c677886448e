//! No circles between files: where one uses another, nothing that the other uses leads back.
//!
//! A file may use what lies in its own folder (`x.rs` what is in `x/`): it is made of that. What a name stands for is
//! found in the file that defines it, through whatever passes it on (`pub use`). Tests may use what they like.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    assert_none,
    imports::{Token, declared_modules, tokens},
    module_of, rust_files,
};

/// A path from the crate's root.
type Path = Vec<String>;

/// A name is passed on no more often.
const PASSED_ON: usize = 12;

/// What the reader finds in a file.
#[derive(Debug, Default)]
struct Module {
    /// What its own `use`s bring into it, by the name there.
    names: BTreeMap<String, Path>,
    /// Every path that stands in it, with its line.
    paths: Vec<(usize, Path)>,
}

/// The modules of a crate by their paths.
struct Crate(BTreeMap<Path, Module>);

/// A file that uses another one, with the names that it takes and their lines.
type Edges<'a> = BTreeMap<&'a Path, BTreeMap<&'a Path, BTreeSet<String>>>;

impl Crate {
    /// Reads files, each with the path of its module.
    fn read<'t>(files: impl IntoIterator<Item = (Path, &'t str)>) -> Self {
        let modules = files.into_iter().filter(|(path, _)| !is_of_tests(path));
        let read = modules.map(|(path, text)| {
            let module = Module::read(&path, text);
            (path, module)
        });
        Self(read.collect())
    }

    /// The file that defines what the path names, and the name there. A path to a file itself is none.
    fn home<'a>(&'a self, path: &Path, left: usize) -> Option<(&'a Path, String)> {
        let left = left.checked_sub(1)?;
        let ends = (0..path.len()).rev();
        let (module, inside) = ends
            .map(|end| path.split_at(end))
            .find(|(module, _)| self.0.contains_key(*module))?;
        let is_file = self.0.contains_key(path);
        if is_file {
            return None;
        }
        let (module, read) = self.0.get_key_value(module)?;
        let (name, behind) = inside.split_first()?;
        match read.names.get(name) {
            Some(passed_on) if passed_on != path => {
                let path = [passed_on.as_slice(), behind].concat();
                self.home(&path, left)
            }
            _ => Some((module, name.clone())),
        }
    }

    fn edges(&self) -> Edges<'_> {
        let mut edges = Edges::new();
        for (module, Module { paths, .. }) in self.0.iter().filter(|(path, _)| !path.is_empty()) {
            for (line, path) in paths {
                let home = self.home(path, PASSED_ON);
                let Some((used, name)) = home.filter(|(used, _)| !used.starts_with(module)) else {
                    continue;
                };
                let names = edges.entry(module).or_default().entry(used).or_default();
                names.insert(format!("`{name}` in line {line}"));
            }
        }
        edges
    }

    /// Every use by which a file is part of a circle.
    fn circles(&self) -> Vec<String> {
        let edges = self.edges();
        let mut circles = Vec::new();
        for (from, used) in &edges {
            for (to, names) in used.iter().filter(|(to, _)| reaches(&edges, to, from)) {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                let (from, to) = (from.join("::"), to.join("::"));
                circles.push(format!("{from} uses {to}: {}", names.join(", ")));
            }
        }
        circles
    }
}

/// Whether something that `from` uses, or what that uses, and so on, is `to`.
fn reaches(edges: &Edges<'_>, from: &Path, to: &Path) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(next) = waiting.pop() {
        if next == to {
            return true;
        }
        if seen.insert(next) {
            waiting.extend(edges.get(next).into_iter().flat_map(BTreeMap::keys));
        }
    }
    false
}

fn is_of_tests(path: &Path) -> bool {
    path.iter().any(|name| is_test(name))
}

fn is_test(name: &str) -> bool {
    matches!(name, "tests" | "testing")
}

impl Module {
    fn read(module: &Path, text: &str) -> Self {
        let tokens = without_tests(tokens(text));
        let children = declared_modules(text);
        let word = |index: usize| tokens.get(index).map_or("", |token: &Token| token.text);
        let mut read = Self::default();
        let mut index = 0;
        while index < tokens.len() {
            let (line, text) = (tokens[index].line, word(index));
            let before = index.checked_sub(1).map_or("", word);
            if text == "use" {
                let mut tree = Vec::new();
                index = follow(&tokens, index + 1, &[], &mut tree);
                for (path, name) in tree {
                    let Some(path) = read.absolute(module, &children, &path) else {
                        continue;
                    };
                    if name != "*" {
                        read.names.insert(name, path.clone());
                    }
                    read.paths.push((line, path));
                }
            } else if word(index + 1) == "::" && before != "::" {
                let mut path = vec![text.to_owned()];
                while word(index + 1) == "::" && is_name(word(index + 2)) {
                    index += 2;
                    path.push(word(index).to_owned());
                }
                let path = read.absolute(module, &children, &path);
                read.paths.extend(path.map(|path| (line, path)));
                index += 1;
            } else {
                index += 1;
            }
        }
        read
    }

    /// The path from the crate's root; `None` for one into another crate.
    fn absolute(&self, module: &Path, children: &[&str], path: &[String]) -> Option<Path> {
        let (first, behind) = path.split_first()?;
        let within = |scope: &[String]| [scope, behind].concat();
        Some(match first.as_str() {
            "crate" => within(&[]),
            "self" => self
                .absolute(module, children, behind)
                .unwrap_or(within(module)),
            "super" => {
                let above = behind.iter().take_while(|name| *name == "super").count();
                let scope = &module[..module.len().checked_sub(above + 1)?];
                [scope, &behind[above..]].concat()
            }
            name if self.names.contains_key(name) => within(&self.names[name]),
            name if children.contains(&name) => [module.as_slice(), path].concat(),
            _ => return None,
        })
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The tokens outside of the modules of tests that stand in the same file.
fn without_tests(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        let is_module = kept.last().is_some_and(|last: &Token| last.text == "mod");
        kept.push(token);
        if is_module && is_test(token.text) {
            let mut depth = 0;
            for token in tokens.by_ref() {
                depth += i32::from(token.text == "{") - i32::from(token.text == "}");
                if depth == 0 {
                    break;
                }
            }
        }
    }
    kept
}

/// Collects the paths of the `use` tree that begins at `index`, each with the name it gets. Says where the tree ends.
fn follow(
    tokens: &[Token<'_>],
    mut index: usize,
    prefix: &[String],
    found: &mut Vec<(Path, String)>,
) -> usize {
    let word = |index: usize| tokens.get(index).map_or("", |token| token.text);
    let mut path = prefix.to_vec();
    loop {
        match word(index) {
            "" | ";" | "}" => return index,
            "{" => {
                index += 1;
                while !matches!(word(index), "}" | "") {
                    index = follow(tokens, index, &path, found);
                    index += usize::from(word(index) == ",");
                }
                return index + 1;
            }
            name => path.push(name.to_owned()),
        }
        index += 1;
        if word(index) != "::" {
            break;
        }
        index += 1;
    }
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let is_renamed = word(index) == "as";
    let name = if is_renamed {
        word(index + 1).to_owned()
    } else {
        path.last().cloned().unwrap_or_default()
    };
    found.push((path, name));
    index + if is_renamed { 2 } else { 0 }
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let files = rust_files(&["src"]);
    let files = files
        .iter()
        .map(|file| (module_of(&file.path), file.text.as_str()));
    assert_none(
        &Crate::read(files).circles(),
        "files go round in a circle: move what both need into a file of its own",
    );
}

#[test]
fn a_circle_is_seen_whichever_way_it_goes() {
    // The files of room `r` and their texts, and every use that is part of a circle.
    type Case = (
        &'static [(&'static str, &'static str)],
        &'static [&'static str],
    );
    let cases: &[Case] = &[
        (&[("r::a", "use super::b::B;"), ("r::b", "struct B;")], &[]),
        (
            &[
                ("r::a", "use super::b::B;"),
                ("r::b", "fn f() {\n    super::a::g();\n}"),
            ],
            &[
                "r::a uses r::b: `B` in line 1",
                "r::b uses r::a: `g` in line 2",
            ],
        ),
        (
            &[
                ("r::a", "use crate::r::b::{self, x};"),
                ("r::b", "use super::c; fn f() { c::g(); }"),
                ("r::c", "use super::{a::A};"),
            ],
            &[
                "r::a uses r::b: `x` in line 1",
                "r::b uses r::c: `g` in line 1",
                "r::c uses r::a: `A` in line 1",
            ],
        ),
        // What is passed on is followed, under another name too.
        (
            &[
                (
                    "r",
                    "mod a; mod b; pub use a::A as Other; pub use self::b::B;",
                ),
                ("r::a", "use super::B; pub struct A;"),
                ("r::b", "use super::Other; pub struct B;"),
            ],
            &[
                "r::a uses r::b: `B` in line 1",
                "r::b uses r::a: `A` in line 1",
            ],
        ),
        // A file is made of what is in its folder, and that may use it.
        (
            &[
                ("r::a", "mod b; use b::B; struct A;"),
                ("r::a::b", "use super::A; struct B;"),
            ],
            &[],
        ),
        // The part of another one leads back all the same.
        (
            &[
                ("r::a", "mod b; pub use b::B;"),
                ("r::a::b", "use crate::r::c::C; struct B;"),
                ("r::c", "use super::a::B; struct C;"),
            ],
            &[
                "r::a::b uses r::c: `C` in line 1",
                "r::c uses r::a::b: `B` in line 1",
            ],
        ),
        (
            &[
                ("r::a", "use super::b::*;"),
                (
                    "r::b",
                    "#[cfg(test)]\nmod tests {\n    use super::super::a::A;\n}\nfn f() {}",
                ),
                ("r::b::tests", "use super::super::a::A;"),
            ],
            &[],
        ),
    ];
    for (files, expected) in cases {
        let modules = files.iter().map(|(path, text)| {
            let path = path.split("::").map(str::to_owned).collect();
            (path, *text)
        });
        assert_eq!(Crate::read(modules).circles(), *expected, "{files:?}");
    }
}
