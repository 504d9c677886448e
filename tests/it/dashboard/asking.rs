//! Asks Prometheus what a board asks, as Grafana would.

use serde_json::Value;

use super::{
    boards::{Asked, Shape, list, text},
    variables::{Chosen, fill},
};
use crate::support::prometheus::Prometheus;

/// The time that is shown.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    /// Its end, in Unix seconds.
    pub(crate) end: f64,
    /// How long it is, in seconds.
    pub(crate) range: u16,
}

impl Shown {
    /// The seconds until now, by Prometheus' own clock.
    pub(crate) async fn last(range: u16, prometheus: &Prometheus) -> Self {
        let now = prometheus.get("query", &[("query", "time()")]).await;
        let now = now.expect("it serves")["data"]["result"][0].as_f64();
        Self {
            end: now.expect("the time is a number"),
            range,
        }
    }
}

/// The series of the answer, in an order of their own; or why there is none.
pub(crate) async fn ask(
    prometheus: &Prometheus,
    asked: &Asked,
    shown: Shown,
    chosen: impl Fn(&str) -> Chosen,
) -> Result<Vec<Value>, String> {
    let Shown { end, range } = shown;
    let query = fill(&asked.expression, range.into(), chosen);
    let (start, end) = ((end - f64::from(range)).to_string(), end.to_string());
    let json = match asked.shape {
        Shape::Instant => {
            let parameters = [("query", query.as_str()), ("time", &end)];
            prometheus.get("query", &parameters).await
        }
        Shape::Range => {
            let parameters = [
                ("query", query.as_str()),
                ("start", &start),
                ("end", &end),
                ("step", "1"),
            ];
            prometheus.get("query_range", &parameters).await
        }
        Shape::Values => {
            let name = asked
                .place
                .rsplit(' ')
                .next()
                .expect("the name is in the place");
            let parameters = [
                ("match[]", query.as_str()),
                ("start", &start),
                ("end", &end),
            ];
            prometheus
                .get(&format!("label/{name}/values"), &parameters)
                .await
        }
    };
    let json = json.expect("it serves");
    if json["status"] != "success" {
        return Err(format!("{}: {}\n{query}", asked.place, json["error"]));
    }
    let data = &json["data"];
    let mut series = list(if asked.shape == Shape::Values {
        data
    } else {
        &data["result"]
    })
    .to_vec();
    series.sort_by_key(Value::to_string);
    Ok(series)
}

/// The series with their values this many times, to as many digits as are exact: a sum depends on the order of its parts.
pub(crate) fn times(factor: f64, mut series: Vec<Value>) -> Vec<Value> {
    for one in &mut series {
        let samples = if one.get("values").is_some() {
            one["values"].as_array_mut().expect("they are a list")
        } else if one.get("value").is_some() {
            std::slice::from_mut(&mut one["value"])
        } else {
            continue;
        };
        for sample in samples {
            let value: f64 = text(&sample[1]).parse().expect("it is a number");
            sample[1] = format!("{:.9e}", factor * value).into();
        }
    }
    series
}
