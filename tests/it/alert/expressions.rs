//! Every expression of the rules, read by a parser of PromQL, against the tables of the code.

use cluster_link_exporter::alert::{KeptLabels, Selector, rules};
use promql_parser::{
    label::Labels,
    parser::{self, Expr, LabelModifier},
    util::{ExprVisitor, walk_expr},
};

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

/// What is wrong with how the aggregations and joins of an expression choose labels.
struct Choices {
    kept: &'static str,
    wrong: Vec<String>,
}

impl Choices {
    fn look_at(&mut self, choice: &LabelModifier) {
        match choice {
            LabelModifier::Exclude(Labels { labels }) => {
                self.wrong.push(format!("all but {labels:?}"));
            }
            LabelModifier::Include(Labels { labels }) => {
                let has = |name: &str| labels.iter().any(|label| label == name);
                let is_of_one_name = has("cluster_name") || !has("cluster_id");
                if !is_of_one_name || !has(self.kept) {
                    self.wrong.push(format!("only {labels:?}"));
                }
            }
        }
    }
}

impl ExprVisitor for Choices {
    type Error = ();

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, ()> {
        match expression {
            Expr::Aggregate(aggregate) => match &aggregate.modifier {
                Some(choice) => self.look_at(choice),
                None => self.wrong.push("no label".to_owned()),
            },
            Expr::Binary(binary) => {
                let matching = binary.modifier.iter().filter_map(|it| it.matching.as_ref());
                matching.for_each(|choice| self.look_at(choice));
            }
            _ => {}
        }
        Ok(true)
    }
}

#[test]
fn every_aggregation_and_join_keeps_the_cluster_by_its_name_and_the_labels_that_are_kept() {
    let kept: KeptLabels = ["env".parse().unwrap()].into_iter().collect();
    for rule in rules() {
        let expression = Selector::default().fill(&kept.fill(&(rule.expression)()));
        let parsed = parser::parse(&expression).unwrap();
        let mut choices = Choices {
            kept: "env",
            wrong: Vec::new(),
        };
        walk_expr(&mut choices, &parsed).unwrap();
        let Choices { wrong, .. } = choices;
        assert_eq!(wrong, Vec::<String>::new(), "{}: {expression}", rule.name);
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
