use super::*;

const LIMIT: Limit = Limit {
    values: 1_000,
    in_words: "a thousand values",
    instead: "write fewer",
};

fn shown(node: &Node) -> String {
    let at = |position: &Position, has_tag: bool| {
        let tag = if has_tag { "!" } else { "" };
        format!("{}:{} {tag}", position.line, position.column)
    };
    match node {
        Node::Null => "null".to_owned(),
        Node::Flag(flag) => flag.to_string(),
        Node::Number(number) => format!("{number:?}"),
        Node::Text(text) => format!("{text:?}"),
        Node::List(items) => {
            let items = items
                .iter()
                .map(|item| at(&item.position, item.has_tag) + &shown(&item.node));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        Node::Map(entries) => {
            let entries = entries.iter().map(|entry| {
                let at = at(&entry.position, entry.has_tag);
                format!("{at}{}={}", entry.key, shown(&entry.node))
            });
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

fn parsed(text: &str) -> String {
    match parse(text, &LIMIT) {
        Ok(Item {
            node,
            has_tag: true,
            ..
        }) => "!".to_owned() + &shown(&node),
        Ok(Item { node, .. }) => shown(&node),
        Err(error) => {
            let at = error.position.map(|p| format!("{}:{} ", p.line, p.column));
            format!("{}{}", at.unwrap_or_default(), error.found)
        }
    }
}

#[test]
fn every_key_and_item_knows_where_it_stands() {
    assert_eq!(
        parsed("a: 1\nb:\n  - x\n  - { c: no, c: true }\n"),
        r#"{1:1 a=Some(1), 2:1 b=[3:5 "x", 4:5 {4:7 c="no", 4:14 c=true}]}"#
    );
}

#[test]
fn numbers_that_no_setting_wants_are_still_numbers() {
    assert_eq!(
        parsed("[-1, 1.5, .nan, 123456789012345678901234567890]"),
        "[1:2 None, 1:6 None, 1:11 None, 1:17 None]"
    );
}

#[test]
fn an_empty_text_is_nothing() {
    assert_eq!([parsed(""), parsed("# only a comment\n")], ["null", "null"]);
}

#[test]
fn an_alias_and_a_merge_are_followed() {
    assert_eq!(
        parsed("a: &a\n  x: 1\nb: *a\nc:\n  <<: *a\n  y: 2\n"),
        "{1:1 a={2:3 x=Some(1)}, 3:1 b={3:4 x=Some(1)}, 4:1 c={6:3 y=Some(2), 5:7 x=Some(1)}}"
    );
}

#[test]
fn bad_syntax_is_placed_and_never_repeated() {
    assert_eq!(
        [
            parsed("a: b: canary"),
            parsed("a: @canary"),
            parsed("a: 'canary"),
            parsed("---\na: 1\n---\ncanary: 2\n"),
            parsed("a: *canary"),
            parsed(&"[".repeat(100)),
        ],
        [
            "1:5 invalid YAML (mapping values are not allowed in this context)",
            "1:4 invalid YAML (unexpected character)",
            "1:4 invalid YAML (unclosed quote)",
            "4:1 a second YAML document",
            "1:4 an alias without its anchor",
            "1:33 invalid YAML (recursion limit exceeded)",
        ]
    );
}

#[test]
fn a_tag_that_is_not_of_the_core_schema_is_seen_wherever_it_stands() {
    assert_eq!(
        [
            parsed("a: !s3cret x"),
            parsed("a: !s3cret"),
            parsed("a: ! x"),
            parsed("a: !str x"),
            parsed("a: !!binary eA=="),
            parsed("a: !<tag:example.com,2026:a> x"),
            parsed("!a b: x"),
            parsed("a: !b {c: x}"),
            parsed("- !b [x]"),
            parsed("--- !b\na: x"),
            parsed("a: &a !b x\nc: *a"),
            parsed("a: {<<: {c: !b x}}"),
        ],
        [
            "{1:1 !a=\"x\"}",
            "{1:1 !a=null}",
            "{1:1 !a=\"x\"}",
            "{1:1 !a=\"x\"}",
            "{1:1 !a=\"x\"}",
            "{1:1 !a=\"x\"}",
            "{1:4 !b=\"x\"}",
            "{1:1 !a={1:8 c=\"x\"}}",
            "[1:6 ![1:7 \"x\"]]",
            "!{2:1 a=\"x\"}",
            "{1:1 !a=\"x\", 2:1 !c=\"x\"}",
            "{1:1 a={1:9 !c=\"x\"}}",
        ]
    );
    assert_eq!(
        [
            parsed("a: !include x"),
            parsed("a: !!int x"),
            parsed("a: !!seq x"),
            parsed("a: !!set {x}"),
            parsed("a: !!timestamp 2026-01-01"),
            parsed("a: !!binary x"),
            parsed("a: !a!b x"),
        ],
        [
            "{1:1 !a=\"x\"}",
            "1:10 YAML that cannot be read",
            "1:10 a YAML tag",
            "{1:1 !a={1:11 x=null}}",
            "1:16 a YAML tag",
            "1:13 a YAML tag",
            "1:4 invalid YAML (the handle wasn't declared)",
        ]
    );
    let merged = |text| {
        let at = tag_of_a_merge(text, &LIMIT)?;
        Some((at.line, at.column))
    };
    assert_eq!(
        [
            merged("a: {<<: !b {c: x}}"),
            merged("<<: [!b {c: x}, {d: y}]"),
            merged("<<: {c: 'x!'}"),
        ],
        [Some((1, 12)), Some((1, 9)), None]
    );
}

#[test]
fn a_tag_of_the_core_schema_says_nothing_new() {
    assert_eq!(
        parsed(
            "a: !!str 1\nb: !!int 1\nc: !!bool true\nd: !!null ~\ne: !!float 1.5\nf: !!seq []\n!!str g: !!map {}"
        ),
        r#"{1:1 a="1", 2:1 b=Some(1), 3:1 c=true, 4:1 d=null, 5:1 e=None, 6:1 f=[], 7:7 g={}}"#
    );
}

#[test]
fn what_is_too_much_is_named() {
    let lines =
        |count: usize, line: &dyn Fn(usize) -> String| -> String { (0..count).map(line).collect() };
    let deep = "- ".repeat(40) + "x";
    let aliases = (1..9).fold("a0: &a0 x\n".to_owned(), |text, n| {
        let before = format!("*a{}, ", n - 1).repeat(10);
        text + &format!("a{n}: &a{n} [{before}]\n")
    });
    assert_eq!(
        [
            parsed(&lines(600, &|n| format!("k{n}: 1\n"))),
            parsed(&deep),
            parsed(&aliases),
            parsed("a: &a [*a]"),
            parsed("---\na: 1\n---\nb: 2\n---\nc: 3\n"),
        ],
        [
            "500:7 a document with more than a thousand values",
            "1:65 a document nested too deeply",
            "4:25 aliases that come to too much",
            "1:8 an alias of something that holds it",
            "4:1 a second YAML document",
        ]
    );
}
