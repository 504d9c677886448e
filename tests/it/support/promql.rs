//! Expressions read by a parser of PromQL, against the tables of the code.

use std::{collections::BTreeMap, sync::LazyLock};

use cluster_link_exporter::{
    alert::{OBJECTIVE, recordings, rules, slo_recordings},
    discovery::Status,
    metrics::{Family, Kind, Label, families},
    model::DiscoveryState,
    telemetry::Telemetry,
};
use prometheus::proto::{Metric, MetricType};
use promql_parser::{
    label::{MatchOp, Matcher},
    parser::{self, Expr, VectorSelector},
    util::{ExprVisitor, walk_expr},
};

/// What Prometheus itself adds, or makes of a label of ours that is there already.
const SCRAPED: [&str; 3] = ["job", "instance", "exported_endpoint"];

/// A metric's labels and, where they can be listed, their values.
type Known = BTreeMap<String, BTreeMap<String, Option<Vec<&'static str>>>>;

/// Every metric that an expression may ask for.
pub(crate) static KNOWN: LazyLock<Known> = LazyLock::new(known);

fn known() -> Known {
    let mut known = Known::new();
    for family in families() {
        let own = family
            .labels
            .iter()
            .map(|Label { name, values }| ((*name).to_owned(), values.map(|values| values())));
        let identity = Family::IDENTITY.map(|name| (name.to_owned(), None));
        let mut labels: BTreeMap<_, _> = identity.into_iter().chain(own).collect();
        if family.kind == Kind::Histogram {
            labels.insert("le".to_owned(), None);
            for part in ["bucket", "count", "sum"] {
                known.insert(format!("{}_{part}", family.name), labels.clone());
            }
        }
        known.insert(family.name.to_owned(), labels);
    }
    recorded(&mut known);
    own(&mut known);
    for scraped in ["up", "scrape_samples_scraped"] {
        known.insert(scraped.to_owned(), BTreeMap::new());
    }
    known.insert("ALERTS".to_owned(), alerts());
    known
}

/// What the rules record, with the labels of the aggregation that writes it; their values are those of the families.
fn recorded(known: &mut Known) {
    let values_of = |label: &str| {
        let families = families().flat_map(|family| family.labels);
        let values = families.filter(|known| known.name == label);
        let values = values.map(|known| known.values.map(|values| values()));
        let values: Option<Vec<_>> = values.collect();
        values
            .map(|values| values.concat())
            .filter(|values| !values.is_empty())
    };
    known.insert(OBJECTIVE.to_owned(), BTreeMap::new());
    for recording in recordings().chain(slo_recordings()) {
        let expression = recording.expression();
        let (_, rest) = expression.split_once("by (").expect("it aggregates");
        let (labels, _) = rest.split_once("@&)").expect("it keeps labels");
        let labels = labels
            .split(", ")
            .map(|label| (label.to_owned(), values_of(label)));
        known.insert(recording.name.to_owned(), labels.collect());
    }
}

/// A discovery that was not asked yet.
pub(crate) fn discovery() -> DiscoveryState {
    DiscoveryState {
        name: "any".into(),
        was_asked: false,
        failure: None,
        last_success: None,
        clusters: Status::ALL.iter().map(|it| (it.label(), 0)).collect(),
    }
}

/// The exporter's own metrics, with the labels that their series have.
fn own(known: &mut Known) {
    let telemetry = Telemetry::new();
    let _series = telemetry.notifications("any");
    telemetry.sharded("0/2".parse().expect("it is a shard"));
    telemetry.discoveries(&[discovery()]);
    telemetry.alerts(rules().map(|rule| (rule.name, 0, 0)));
    for family in telemetry.gather() {
        let mut labels: BTreeMap<String, Option<Vec<&'static str>>> = BTreeMap::new();
        for pair in family.get_metric().iter().flat_map(Metric::get_label) {
            let values = labels.entry(pair.name().to_owned());
            let values = values.or_insert_with(|| Some(Vec::new()));
            let value: &'static str = pair.value().to_owned().leak();
            values.get_or_insert_default().push(value);
        }
        // A receiver's name, the number of shards and the host of a discovery are the operator's.
        for free in ["receiver", "index", "total", "discovery"] {
            labels
                .entry(free.to_owned())
                .and_modify(|values| *values = None);
        }
        if family.get_field_type() == MetricType::HISTOGRAM {
            labels.insert("le".to_owned(), None);
            for part in ["bucket", "count", "sum"] {
                known.insert(format!("{}_{part}", family.name()), labels.clone());
            }
        }
        known.insert(family.name().to_owned(), labels);
    }
}

/// What Prometheus says of its alerts, as far as it is the same for all of ours.
fn alerts() -> BTreeMap<String, Option<Vec<&'static str>>> {
    let names = rules().map(|rule| rule.name).collect();
    let labels = [
        ("alertname", names),
        ("alertstate", vec!["pending", "firing"]),
        ("component", vec!["cluster-link"]),
    ];
    labels
        .map(|(label, values)| (label.to_owned(), Some(values)))
        .into()
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

/// The selectors of an expression.
pub(crate) fn selectors(expression: &str) -> Result<Vec<VectorSelector>, String> {
    let parsed = parser::parse(expression).map_err(|why| format!("{why}: {expression}"))?;
    let mut found = Selectors(Vec::new());
    walk_expr(&mut found, &parsed).expect("the visitor refuses nothing");
    Ok(found.0)
}

/// What an expression asks for and does not exist.
pub(crate) fn unknown(expression: &str) -> Vec<String> {
    match selectors(expression) {
        Ok(selectors) => selectors.iter().flat_map(unknown_in).collect(),
        Err(why) => vec![why],
    }
}

fn unknown_in(selector: &VectorSelector) -> Vec<String> {
    let name = selector.name.as_deref().unwrap_or_default();
    let Some(labels) = KNOWN.get(name) else {
        return vec![format!("there is no metric `{name}`")];
    };
    let is_unknown = |matcher: &&Matcher| {
        let Matcher { op, name, value } = matcher;
        let values: Vec<&str> = match op {
            MatchOp::Re(_) | MatchOp::NotRe(_) => value.split('|').collect(),
            MatchOp::Equal | MatchOp::NotEqual => vec![value],
        };
        match labels.get(name) {
            Some(Some(listed)) => !values.iter().all(|value| listed.contains(value)),
            Some(None) => false,
            None => !SCRAPED.contains(&name.as_str()),
        }
    };
    let unknown = selector.matchers.matchers.iter().filter(is_unknown);
    unknown
        .map(|matcher| format!("`{name}` has no `{}` `{}`", matcher.name, matcher.value))
        .collect()
}
