//! What the pages say of rights is what the table of rights says.

use std::fs;

use cluster_link_exporter::rights::{RIGHTS, ROLE, ROLE_IN_CLUSTER_LINKING, Right};

use super::{assert_none, pages, root};

/// Where the rights are explained, with both names of the role.
const EXPLAINED: &str = "docs/signing-in.md";

/// The table of the page, from the table of the code.
fn table() -> String {
    let rows = RIGHTS.iter().map(|right| {
        let acls: Vec<_> = right.acls.iter().map(|acl| acl.in_words()).collect();
        let whose = if right.is_published {
            "Confluent's, for Confluent Cloud"
        } else {
            "our reading"
        };
        format!("| {} | {} | {whose} |\n", right.question, acls.join(", "))
    });
    let head = format!("| to … | role {ROLE}, or the ACLs | who says so |\n|---|---|---|\n");
    head + &rows.collect::<String>()
}

#[test]
fn the_page_has_a_row_for_each_question() {
    let page = fs::read_to_string(root().join(EXPLAINED)).expect("the page is readable");
    let table = table();
    assert!(
        page.contains(&table),
        "write this table into {EXPLAINED}:\n{table}"
    );
}

#[test]
fn no_page_tells_of_rights_in_other_words() {
    let role = format!("role {ROLE}");
    let rights: Vec<_> = RIGHTS.iter().map(Right::in_words).collect();
    let is_right = |text: &str| {
        let mut rights = rights.iter().filter_map(|right| right.strip_prefix("the "));
        rights.any(|right| text.starts_with(right))
    };
    let mut wrong = Vec::new();
    for path in pages() {
        if [EXPLAINED, "CHANGELOG.md"].contains(&path.as_str()) {
            continue;
        }
        let text = fs::read_to_string(root().join(&path)).expect("the page is readable");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.contains(ROLE_IN_CLUSTER_LINKING) {
            wrong.push(format!(
                "{path}: write `{ROLE}` for `{ROLE_IN_CLUSTER_LINKING}`"
            ));
        }
        let told = text.match_indices(&role).map(|(at, _)| &text[at..]);
        wrong.extend(told.filter(|text| !is_right(text)).map(|text| {
            let start: String = text.chars().take(80).collect();
            format!("{path}: `{start}` is the right of no question; see src/rights.rs")
        }));
    }
    assert_none(&wrong);
}
