//! What a query counts is links, tasks and clusters, never the processes that see them: every query as a parser of PromQL
//! reads it.

use promql_parser::{
    label::Labels,
    parser::{self, Expr, LabelModifier, token},
    util::{ExprVisitor, walk_expr},
};

use super::{
    boards::{Asked, Board, Shape, assert_none, shipped},
    replicas::{of_processes, together},
    variables::{Chosen, fill},
};

/// How labels are chosen in aggregations and joins.
#[derive(Default)]
struct Choices(Vec<LabelModifier>);

impl ExprVisitor for Choices {
    type Error = ();

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, ()> {
        match expression {
            Expr::Aggregate(aggregate) => self.0.extend(aggregate.modifier.clone()),
            Expr::Binary(binary) => {
                let modifier = binary.modifier.iter();
                self.0
                    .extend(modifier.filter_map(|modifier| modifier.matching.clone()));
            }
            _ => {}
        }
        Ok(true)
    }
}

/// What is wrong with the choice of labels in an expression.
fn wrong_choices(expression: &str) -> Vec<String> {
    let mut choices = Choices::default();
    let parsed = parser::parse(expression).expect("another test parses it");
    walk_expr(&mut choices, &parsed).expect("the visitor refuses nothing");
    let wrong = choices.0.into_iter().filter_map(|choice| match choice {
        LabelModifier::Exclude(labels) => Some(format!(
            "keeps whatever scraping attaches, but for {labels:?}: name the labels to keep"
        )),
        LabelModifier::Include(Labels { labels }) => {
            let has = |name: &str| labels.iter().any(|label| label == name);
            (has("cluster_id") && !has("cluster_name")).then(|| {
                format!("{labels:?}: two clusters may have one id, name them by cluster_name, too")
            })
        }
    });
    wrong.collect()
}

/// Whether the expression's series are those of the processes, one for each; else what is counted once for each.
fn is_of_each(expression: &Expr) -> Result<bool, String> {
    match expression {
        Expr::VectorSelector(_) | Expr::MatrixSelector(_) => Ok(true),
        Expr::Aggregate(aggregate) => {
            let is_of_each = is_of_each(&aggregate.expr)?;
            let chooses = [token::T_MAX, token::T_MIN].contains(&aggregate.op.id());
            if is_of_each && !chooses {
                return Err(format!(
                    "{}: choose with `once` before",
                    expression.prettify()
                ));
            }
            Ok(false)
        }
        Expr::Binary(binary) => Ok(is_of_each(&binary.lhs)? | is_of_each(&binary.rhs)?),
        Expr::Call(call) => {
            let arguments = call.args.args.iter();
            let are_of_each: Result<Vec<bool>, String> =
                arguments.map(|argument| is_of_each(argument)).collect();
            Ok(are_of_each?.contains(&true))
        }
        Expr::Unary(unary) => is_of_each(&unary.expr),
        Expr::Paren(paren) => is_of_each(&paren.expr),
        Expr::Subquery(subquery) => is_of_each(&subquery.expr),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Ok(false),
    }
}

fn each_query(check: impl Fn(&Asked, &str) -> Vec<String>, rule: &str) {
    let boards = shipped();
    let asked = boards.iter().flat_map(Board::asked);
    let mut wrong = Vec::new();
    for asked in asked.filter(|asked| asked.shape != Shape::Values) {
        let expression = fill(&asked.expression, 60, |name| Chosen::values([name]));
        let said = check(&asked, &expression).into_iter();
        wrong.extend(said.map(|why| format!("{}: {why}", asked.place)));
    }
    assert_none(&wrong, rule);
}

#[test]
fn clusters_with_one_id_and_two_names_stay_two() {
    each_query(
        |_, expression| wrong_choices(expression),
        "write the constants of src/dashboard/promql.rs",
    );
}

#[test]
fn nothing_is_counted_once_for_each_process_that_sees_it() {
    each_query(
        |asked, expression| {
            let parsed = parser::parse(expression).expect("another test parses it");
            match is_of_each(&parsed) {
                // Prometheus' own alerts are of no process.
                Err(_) if together(&asked.place) || expression.contains("ALERTS{") => Vec::new(),
                Err(why) => vec![why],
                Ok(true) if !of_processes(&asked.place) => {
                    vec!["has a series for each process that is scraped".to_owned()]
                }
                Ok(_) => Vec::new(),
            }
        },
        "ask `once(…)` or `least(…)`, or list a query about processes in tests/it/dashboard/replicas.rs",
    );
}

#[test]
fn what_would_mix_clusters_or_count_processes_is_found() {
    let found = |expression| wrong_choices(expression).len();
    assert_eq!(found("max by (cluster_name, cluster_id) (a)"), 0);
    assert_eq!(found("max by (cluster_id, link_name) (a)"), 1);
    assert_eq!(
        found("a / on (cluster_id) group_left () sum by (cluster_id) (b)"),
        2
    );
    assert_eq!(found("max without (instance) (a)"), 1);
    assert_eq!(found("a / ignoring (instance) b"), 1);

    let of_each = |expression| is_of_each(&parser::parse(expression).unwrap());
    assert_eq!(
        of_each("sum(max by (link_name) (a)) or 0 * max(b)"),
        Ok(false)
    );
    assert_eq!(of_each("max by (link_name) (a) / b"), Ok(true));
    assert!(of_each("sum(a)").is_err());
    assert!(of_each("max(count by (x) (rate(a[1m])))").is_err());
}
