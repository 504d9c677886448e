//! Every expression of the rules, read by a parser of PromQL, against the tables of the code.

use cluster_link_exporter::alert::{KeptLabels, Selector, recordings, rules, slo_recordings};
use promql_parser::{
    label::Labels,
    parser::{self, Expr, LabelModifier},
    util::{ExprVisitor, walk_expr},
};

use crate::support::promql::{selectors, unknown};

/// The name and the expression of everything that is recorded or alerts.
fn expressions() -> impl Iterator<Item = (&'static str, String)> {
    let recorded = recordings().chain(slo_recordings());
    let recorded = recorded.map(|recording| (recording.name, recording.expression()));
    recorded.chain(rules().map(|rule| (rule.name, (rule.expression)())))
}

#[test]
fn every_name_and_value_in_an_expression_exists() {
    let unknown = expressions().flat_map(|(name, expression)| {
        let unknown = unknown(&Selector::default().fill(&expression)).into_iter();
        unknown.map(move |what| format!("{name}: {what}"))
    });
    assert_eq!(unknown.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_users_selector_is_in_every_selector() {
    let ours: Selector = r#"job="mine",env="prod""#.parse().unwrap();
    for (name, expression) in expressions() {
        for selector in selectors(&ours.fill(&expression)).unwrap() {
            let selected = selector.name.as_deref().unwrap_or_default();
            let is_recorded = selected.contains(':');
            let wanted = if is_recorded {
                &[("selector", r#"job="mine",env="prod""#)][..]
            } else {
                &[("job", "mine"), ("env", "prod")]
            };
            for (label, value) in wanted {
                let matchers = selector.matchers.matchers.iter();
                let values = matchers.filter(|matcher| matcher.name == *label);
                let values: Vec<_> = values.map(|matcher| matcher.value.as_str()).collect();
                assert_eq!(values, [*value], "`{label}` in {selector} of {name}");
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
    for (name, expression) in expressions() {
        let expression = Selector::default().fill(&kept.fill(&expression));
        let parsed = parser::parse(&expression).unwrap();
        let mut choices = Choices {
            kept: "env",
            wrong: Vec::new(),
        };
        walk_expr(&mut choices, &parsed).unwrap();
        let Choices { wrong, .. } = choices;
        assert_eq!(wrong, Vec::<String>::new(), "{name}: {expression}");
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
