//! The query of a request, by the table of parameters. What is not in the table is refused: a name with a slip in it must
//! not answer with everything.

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::form_urlencoded;

use super::{
    alert::Phase,
    envelope::{ErrorType, Refusal},
    filter::{Filter, meant, shown},
    resource::{Parameter, ParameterKind, Resource, listed},
    transition::Wanted,
};
use crate::clock::rfc_3339;

/// The values of a request's parameters. Those that are not there have their defaults.
#[derive(Debug, Default)]
pub struct Query {
    values: BTreeMap<&'static str, Value>,
}

#[derive(Debug)]
enum Value {
    Name(String),
    Flag(bool),
    Phase(Phase),
    Moment(Timestamp),
    Count(usize),
}

impl Query {
    /// Reads what stands behind the `?` of the path.
    pub fn read(resource: &Resource, query: &str) -> Result<Self, Refusal> {
        let mut values = BTreeMap::new();
        let mut seen = Vec::new();
        for (name, text) in form_urlencoded::parse(query.as_bytes()) {
            let parameter = find(resource, &name)?;
            if seen.contains(&parameter.name) {
                return Err(bad(format_args!(
                    "parameter `{}` stands there twice; write it once",
                    parameter.name
                )));
            }
            seen.push(parameter.name);
            // A form sends what is not filled in.
            if !text.is_empty() {
                values.insert(parameter.name, parameter.read(&text)?);
            }
        }
        for parameter in resource.parameters {
            if let ParameterKind::Count { default, .. } = parameter.kind {
                values
                    .entry(parameter.name)
                    .or_insert(Value::Count(default));
            }
        }
        let query = Self { values };
        query.check_order()?;
        Ok(query)
    }

    /// `cluster`, `link` and `attention`.
    pub fn filter(&self) -> Filter {
        Filter {
            cluster: self.name("cluster"),
            link: self.name("link"),
            attention: matches!(self.values.get("attention"), Some(Value::Flag(true))),
        }
    }

    /// `since`, `until`, `cluster`, `link` and `task`.
    pub fn wanted(&self) -> Wanted {
        Wanted {
            since: self.moment("since"),
            until: self.moment("until"),
            of: self.filter(),
            task: self.name("task"),
        }
    }

    /// `state`.
    pub fn phase(&self) -> Option<Phase> {
        match self.values.get("state") {
            Some(Value::Phase(phase)) => Some(*phase),
            _ => None,
        }
    }

    /// `limit`.
    pub fn limit(&self) -> usize {
        match self.values.get("limit") {
            Some(Value::Count(count)) => *count,
            _ => usize::MAX,
        }
    }

    fn name(&self, name: &str) -> Option<String> {
        match self.values.get(name) {
            Some(Value::Name(name)) => Some(name.clone()),
            _ => None,
        }
    }

    fn moment(&self, name: &str) -> Option<Timestamp> {
        match self.values.get(name) {
            Some(Value::Moment(at)) => Some(*at),
            _ => None,
        }
    }

    fn check_order(&self) -> Result<(), Refusal> {
        let times = self.moment("since").zip(self.moment("until"));
        match times.filter(|(since, until)| since > until) {
            None => Ok(()),
            Some((since, until)) => Err(bad(format_args!(
                "`since` ({since}) is later than `until` ({until}); write the earlier moment as `since`"
            ))),
        }
    }
}

impl Parameter {
    fn read(&self, text: &str) -> Result<Value, Refusal> {
        let refuse = |instead: String| {
            let (name, shown) = (self.name, shown(text));
            bad(format_args!(
                "parameter `{name}` is `{shown}`; write {instead}"
            ))
        };
        match self.kind {
            ParameterKind::Name => Ok(Value::Name(text.to_owned())),
            ParameterKind::Flag => match text {
                "1" | "true" => Ok(Value::Flag(true)),
                "0" | "false" => Ok(Value::Flag(false)),
                _ => Err(refuse("`1` or `0`".to_owned())),
            },
            ParameterKind::Phase => {
                let phase = text.parse().map(Value::Phase);
                let words = Phase::ALL.iter().map(|phase| phase.label());
                phase.map_err(|_| refuse(listed(words).replace(" and ", " or ")))
            }
            ParameterKind::Moment => moment(text).map(Value::Moment).ok_or_else(|| {
                refuse(
                    "a moment in RFC 3339, such as `2026-01-31T03:00:00Z`, or Unix seconds"
                        .to_owned(),
                )
            }),
            ParameterKind::Count { most, .. } => {
                let count = text.parse().ok().filter(|count| (1..=most).contains(count));
                let count = count.map(Value::Count);
                count.ok_or_else(|| refuse(format!("a whole number from 1 to {most}")))
            }
        }
    }
}

fn find(resource: &Resource, name: &str) -> Result<&'static Parameter, Refusal> {
    let parameters = resource.parameters;
    let found = parameters.iter().find(|parameter| parameter.name == name);
    found.ok_or_else(|| {
        let names = || parameters.iter().map(|parameter| parameter.name);
        let otherwise = match parameters {
            [] => "this path takes none".to_owned(),
            [only] => format!("there is `{}`", only.name),
            _ => format!("there are {}", listed(names())),
        };
        let instead = meant(name, names(), &otherwise);
        bad(format_args!(
            "there is no parameter `{}`; {instead}",
            shown(name)
        ))
    })
}

/// RFC 3339 with its offset, or Unix seconds. A `+` that was not escaped has become a space.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<f64>() {
        return of_seconds(seconds);
    }
    rfc_3339(text).or_else(|| rfc_3339(&text.replace(' ', "+")))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it is checked to be in range"
)]
fn of_seconds(seconds: f64) -> Option<Timestamp> {
    let milliseconds = (seconds * 1000.0).round();
    // The years that four digits can write, and more than enough.
    let is_in_range = milliseconds.abs() < 253_402_300_800_000.0;
    if !is_in_range {
        return None;
    }
    Timestamp::from_millisecond(milliseconds as i64).ok()
}

fn bad(error: impl std::fmt::Display) -> Refusal {
    Refusal::new(ErrorType::BadData, error)
}
