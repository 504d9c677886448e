//! Every expression of the rules, read by a parser of PromQL, against the tables of the code.

use cluster_link_exporter::alert::{Selector, rules};

use crate::support::promql::{selectors, unknown};

#[test]
fn every_name_and_value_in_an_expression_exists() {
    let unknown = rules().flat_map(|rule| {
        let expression = Selector::default().fill(&(rule.expression)());
        let unknown = unknown(&expression).into_iter();
        unknown.map(|what| format!("{}: {what}", rule.name))
    });
    assert_eq!(unknown.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_users_selector_is_in_every_selector() {
    let ours: Selector = r#"job="mine",env="prod""#.parse().unwrap();
    for rule in rules() {
        let expression = ours.fill(&(rule.expression)());
        for selector in selectors(&expression).unwrap() {
            for wanted in ["job", "env"] {
                let has = selector
                    .matchers
                    .matchers
                    .iter()
                    .filter(|matcher| matcher.name == wanted);
                assert_eq!(has.count(), 1, "`{wanted}` in {selector} of {}", rule.name);
            }
        }
    }
}

#[test]
fn texts_are_whole_sentences_and_names_are_one_each() {
    let mut names = Vec::new();
    for rule in rules() {
        assert!(
            rule.summary.ends_with('.') && !rule.summary.contains('\n'),
            "{}",
            rule.summary
        );
        assert!(
            rule.meaning.ends_with('.') && !rule.meaning.contains('\n'),
            "{}",
            rule.meaning
        );
        assert!(rule.name.starts_with("ClusterLink"), "{}", rule.name);
        names.push(rule.name);
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name is used twice");
}
