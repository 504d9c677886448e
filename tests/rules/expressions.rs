//! Every expression, read by a parser of PromQL, against the tables of the code.

use std::collections::BTreeMap;

use cluster_link_exporter::{
    alert::{Selector, rules},
    metrics::{Family, Label, families},
    telemetry::Telemetry,
};
use promql_parser::{
    label::{MatchOp, Matcher},
    parser::{self, Expr, VectorSelector},
    util::{ExprVisitor, walk_expr},
};

/// What Prometheus itself adds.
const SCRAPED: [&str; 2] = ["job", "instance"];

/// A metric's labels and, where they can be listed, their values.
type Known = BTreeMap<String, BTreeMap<String, Option<Vec<&'static str>>>>;

fn known() -> Known {
    let mut known = Known::new();
    for family in families() {
        let own = family
            .labels
            .iter()
            .map(|Label { name, values }| ((*name).to_owned(), values.map(|values| values())));
        let identity = Family::IDENTITY.map(|name| (name.to_owned(), None));
        known.insert(
            family.name.to_owned(),
            identity.into_iter().chain(own).collect(),
        );
    }
    for family in Telemetry::new().gather() {
        known.insert(family.name().to_owned(), BTreeMap::new());
    }
    known.insert("up".to_owned(), BTreeMap::new());
    known
}

struct Selectors(Vec<VectorSelector>);

impl ExprVisitor for Selectors {
    type Error = ();

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, ()> {
        match expression {
            Expr::VectorSelector(selector) => self.0.push(selector.clone()),
            Expr::MatrixSelector(matrix) => self.0.push(matrix.vs.clone()),
            _ => {}
        }
        Ok(true)
    }
}

fn selectors(expression: &str) -> Vec<VectorSelector> {
    let parsed = parser::parse(expression).unwrap_or_else(|why| panic!("{why}: {expression}"));
    let mut found = Selectors(Vec::new());
    walk_expr(&mut found, &parsed).expect("the visitor refuses nothing");
    found.0
}

#[test]
fn every_name_and_value_in_an_expression_exists() {
    let known = known();
    let mut wrong = Vec::new();
    for rule in rules() {
        for selector in selectors(&Selector::default().fill(&(rule.expression)())) {
            let name = selector.name.clone().unwrap_or_default();
            let Some(labels) = known.get(&name) else {
                wrong.push(format!("{}: there is no metric `{name}`", rule.name));
                continue;
            };
            for Matcher {
                op,
                name: label,
                value,
            } in &selector.matchers.matchers
            {
                let values: Vec<&str> = match op {
                    MatchOp::Re(_) | MatchOp::NotRe(_) => value.split('|').collect(),
                    MatchOp::Equal | MatchOp::NotEqual => vec![value],
                };
                match labels.get(label) {
                    Some(Some(listed)) if values.iter().all(|value| listed.contains(value)) => {}
                    Some(None) => {}
                    None if SCRAPED.contains(&label.as_str()) => {}
                    _ => wrong.push(format!(
                        "{}: `{name}` has no `{label}` `{value}`",
                        rule.name
                    )),
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_users_selector_is_in_every_selector() {
    let ours: Selector = r#"job="mine",env="prod""#.parse().unwrap();
    for rule in rules() {
        let expression = ours.fill(&(rule.expression)());
        for selector in selectors(&expression) {
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
