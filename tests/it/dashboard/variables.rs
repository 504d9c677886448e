//! How Grafana fills variables in, and that a board defines what it uses and uses what it defines.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::{Captures, Regex};
use serde_json::Value;

use super::boards::{Board, assert_none, list, shipped, text};

/// What Grafana itself provides.
const BUILT_IN: &str = "__";

static VARIABLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\$(?:\{(\w+)[^}]*\}|(\w+))").unwrap());

/// What is chosen for a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// All: the variable's `allValue`, as it is.
    All,
    /// These values.
    Values(Vec<String>),
}

impl Chosen {
    pub(crate) fn values<const N: usize>(values: [&str; N]) -> Self {
        Self::Values(values.map(str::to_owned).into())
    }

    /// As Grafana's data source for Prometheus writes it into a query.
    fn filled(&self) -> String {
        match self {
            Self::All => ".+".to_owned(),
            Self::Values(values) => {
                let values: Vec<_> = values.iter().map(|value| escaped(value)).collect();
                match values.as_slice() {
                    [one] => one.clone(),
                    several => format!("({})", several.join("|")),
                }
            }
        }
    }
}

/// A value in a regular expression in a text in double quotes, so that it stands for itself.
fn escaped(value: &str) -> String {
    let mut escaped = String::new();
    for letter in value.chars() {
        match letter {
            '\\' => escaped += r"\\\\",
            letter if "$^*{}[]'+?.()|".contains(letter) => {
                escaped += r"\\";
                escaped.push(letter);
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The expression as Grafana asks it: the range is that of the time shown, in seconds.
pub(crate) fn fill(expression: &str, range: u64, chosen: impl Fn(&str) -> Chosen) -> String {
    let filled = VARIABLE.replace_all(expression, |found: &Captures<'_>| {
        let name = found.get(1).or_else(|| found.get(2)).unwrap().as_str();
        match name {
            // Four scrape intervals, as long as Grafana's step is not longer.
            "__rate_interval" => "4s".to_owned(),
            "__interval" => "1s".to_owned(),
            "__range" => format!("{range}s"),
            // What is no variable stays, such as what `label_replace` takes from a regular expression.
            name if name.parse::<u8>().is_ok() => found[0].to_owned(),
            name => chosen(name).filled(),
        }
    });
    filled.into_owned()
}

/// Every variable that is named anywhere in it.
fn named(value: &Value) -> BTreeSet<String> {
    match value {
        Value::String(text) => VARIABLE
            .captures_iter(text)
            .map(|found| found.get(1).or_else(|| found.get(2)).unwrap())
            .map(|name| name.as_str().to_owned())
            .filter(|name| !name.starts_with(BUILT_IN) && name.parse::<u8>().is_err())
            .collect(),
        Value::Array(values) => values.iter().flat_map(named).collect(),
        Value::Object(values) => values.values().flat_map(named).collect(),
        _ => BTreeSet::new(),
    }
}

/// The names of a board's variables.
pub(crate) fn defined(board: &Board) -> BTreeSet<String> {
    let variables = board.variables().iter();
    variables
        .map(|variable| text(&variable["name"]).to_owned())
        .collect()
}

#[test]
fn a_board_defines_what_it_uses_and_uses_what_it_defines() {
    let mut wrong = Vec::new();
    for board in shipped() {
        let defined = defined(&board);
        let used: BTreeSet<_> = board.panels().iter().flat_map(named).collect();
        let in_head: BTreeSet<_> = ["annotations", "templating", "links"]
            .iter()
            .flat_map(|part| named(&board.json[*part]))
            .collect();
        for name in used.union(&in_head) {
            if !defined.contains(name) {
                wrong.push(format!(
                    "{}: uses `${name}` and does not define it",
                    board.stem
                ));
            }
        }
        for name in defined.difference(&used) {
            wrong.push(format!(
                "{}: no panel uses `${name}`; leave it out",
                board.stem
            ));
        }
    }
    assert_none(&wrong, "list each variable of a board in its `variables`");
}

#[test]
fn variables_follow_one_another_and_are_asked_anew() {
    let mut wrong = Vec::new();
    for board in shipped() {
        let mut before: Vec<&str> = Vec::new();
        for variable in board.variables() {
            let name = text(&variable["name"]);
            if variable["type"] == "query" {
                let ok = variable["refresh"] == 2
                    && variable["allValue"] == ".+"
                    && variable["includeAll"] == true
                    && variable["multi"] == true;
                if !ok {
                    wrong.push(format!("{}: `{name}` is not like the others", board.stem));
                }
                for used in named(&variable["query"]) {
                    if !before.contains(&used.as_str()) {
                        wrong.push(format!(
                            "{}: `{name}` uses `{used}`, which comes later",
                            board.stem
                        ));
                    }
                }
            }
            before.push(name);
        }
        let first: Vec<_> = before.iter().take(2).copied().collect();
        if first != ["datasource", "job"] {
            wrong.push(format!("{}: begin with `datasource` and `job`", board.stem));
        }
    }
    assert_none(&wrong, "mend src/dashboard/variable.rs");
}

#[test]
fn values_stand_for_themselves_as_grafana_writes_them() {
    let one = |value: &str| Chosen::values([value]).filled();
    assert_eq!(one("orders-dr"), "orders-dr");
    assert_eq!(one("a.b (c)"), r"a\\.b \\(c\\)");
    assert_eq!(one(r"a\b"), r"a\\\\b");
    assert_eq!(Chosen::values(["a", "b.c"]).filled(), r"(a|b\\.c)");
    let filled = fill(r#"x{a=~"$a"}[$__rate_interval] + $__range"#, 60, |_| {
        Chosen::All
    });
    assert_eq!(filled, r#"x{a=~".+"}[4s] + 60s"#);
}

#[test]
fn every_selector_is_of_the_chosen_jobs() {
    let mut wrong = Vec::new();
    for board in shipped() {
        for asked in board.asked() {
            let expression = fill(&asked.expression, 60, |name| Chosen::values([name]));
            for selector in crate::support::promql::selectors(&expression).unwrap_or_default() {
                let name = selector.name.clone().unwrap_or_default();
                let matchers = &selector.matchers.matchers;
                // Prometheus' own alerts and what rules record have no job, and the first variable offers the jobs.
                let is_recorded = name.contains(':');
                let is_free =
                    name == "ALERTS" || is_recorded || asked.place.ends_with("variable job");
                if !is_free && !matchers.iter().any(|matcher| matcher.name == "job") {
                    wrong.push(format!(
                        "{}: `{name}` is not limited to `$job`",
                        asked.place
                    ));
                }
            }
        }
    }
    assert_none(
        &wrong,
        "write the selector with a mark of src/dashboard/promql.rs",
    );
}

/// The values that links and data links hand over must be variables of the board they lead to.
#[test]
fn links_name_boards_that_exist_and_variables_they_define() {
    let boards = shipped();
    let mut wrong = Vec::new();
    let mut count = 0;
    for board in &boards {
        for panel in board.shown() {
            for field in list(&panel["fieldConfig"]["overrides"]) {
                for property in list(&field["properties"]) {
                    for link in list(&property["value"])
                        .iter()
                        .filter(|_| property["id"] == "links")
                    {
                        count += 1;
                        wrong.extend(
                            wrong_in_url(text(&link["url"]), &boards)
                                .map(|why| format!("{}: {why}", board.place(panel))),
                        );
                    }
                }
            }
        }
    }
    assert!(count > 4, "there are data links");
    assert_none(&wrong, "mend the link");
}

/// What is wrong with a link to a board, if it is one.
pub(crate) fn wrong_in_url(url: &str, boards: &[Board]) -> Option<String> {
    let (_, path) = url.split_once("/d/")?;
    let (uid, query) = path.split_once('?').unwrap_or((path, ""));
    let Some(board) = boards.iter().find(|board| board.stem == uid) else {
        return Some(format!("there is no board `{uid}`: {url}"));
    };
    let defined = defined(board);
    let given = query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let handed_on = part
                .strip_prefix("${")
                .and_then(|rest| rest.strip_suffix(":queryparam}"));
            handed_on
                .or_else(|| part.split('=').next()?.strip_prefix("var-"))
                .unwrap_or(part)
        });
    let unknown: Vec<_> = given
        .filter(|name| *name != "${__url_time_range}" && !defined.contains(*name))
        .collect();
    (!unknown.is_empty()).then(|| format!("`{uid}` has no variable {unknown:?}: {url}"))
}
