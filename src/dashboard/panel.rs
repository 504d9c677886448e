//! Panels: each kind begins with what is the same for all of its kind, and is completed in a short chain.

use serde_json::{Map, Value, json};

use super::{
    mapping::{GREEN, GREY, Mappings, NO_DATA, RED, colour},
    promql::{expand, known},
    variable::datasource,
};
use crate::model::StateRow;

/// A panel without its place on the board.
#[derive(Clone)]
pub(super) struct Panel {
    kind: &'static str,
    title: &'static str,
    description: String,
    queries: Vec<Query>,
    defaults: Map<String, Value>,
    overrides: Vec<Value>,
    options: Value,
    transformations: Vec<Value>,
    most_steps: Option<u16>,
}

/// Whose options the panels are written in; newer ones migrate them.
const GRAFANA: &str = "10.4.0";

/// How many steps a timeline has at most. It asks for each state of each thing at each step, and a state that stands for a
/// minute of six hours is seen.
const TIMELINE_STEPS: u16 = 400;

/// What a panel asks.
#[derive(Clone)]
struct Query {
    expression: String,
    legend: String,
    shape: Shape,
}

/// How an answer comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// As it is at the end of the time that is shown.
    Now,
    /// The same, its labels as columns.
    Rows,
    /// Over the time that is shown.
    Range,
}

/// What an empty panel says where emptiness is good news, as long as one sees.
pub(super) const NONE_KNOWN: &str = "None known; trust this only while the oldest data is fresh";

/// A number, or a few, on a coloured ground.
pub(super) fn stat(title: &'static str, description: &str) -> Panel {
    let options = json!({
        "colorMode": "background",
        "graphMode": "none",
        "justifyMode": "center",
        "orientation": "auto",
        "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
        "textMode": "auto",
        "wideLayout": true,
    });
    Panel::new("stat", title, description, options)
        .unit("short")
        .no_value(NO_DATA)
        .thresholds(&[(None, GREEN)])
}

/// A count of what is wrong: red from 1 on, green at a zero that is known. What nobody can see is NO DATA; a zero beside
/// something that is not known is NOT KNOWN.
pub(super) fn count(
    title: &'static str,
    description: &str,
    expression: &str,
    unknown: &str,
) -> Panel {
    let legend = title.to_lowercase();
    stat(title, description)
        .now(&known(expression, 0, unknown), &legend)
        .set("decimals", 0)
        .thresholds(&[(None, GREEN), (Some(1.0), RED)])
}

/// States over time, a row for each thing.
pub(super) fn timeline(title: &'static str, description: &str, mappings: Mappings) -> Panel {
    let options = json!({
        "alignValue": "left",
        "legend": { "calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": false },
        "mergeValues": true,
        "rowHeight": 0.85,
        "showValue": "auto",
        "tooltip": { "mode": "single", "sort": "none" },
    });
    Panel::new("state-timeline", title, description, options)
        .custom(json!({ "fillOpacity": 80, "lineWidth": 0, "spanNulls": false }))
        .unit("none")
        .thresholds(&[(None, GREY)])
        .mappings(mappings)
        .most_steps(TIMELINE_STEPS)
        .no_value("NO DATA, or too many to draw and all of them well: trust the tiles")
}

/// Lines over time.
pub(super) fn lines(title: &'static str, description: &str, unit: &str) -> Panel {
    let options = json!({
        "legend": { "calcs": ["lastNotNull", "max"], "displayMode": "table", "placement": "bottom", "showLegend": true },
        "tooltip": { "mode": "multi", "sort": "desc" },
    });
    Panel::new("timeseries", title, description, options)
        .custom(json!({ "drawStyle": "line", "fillOpacity": 8, "lineWidth": 1, "showPoints": "never", "spanNulls": false }))
        .set("color", json!({ "mode": "palette-classic" }))
        .set("min", 0)
        .unit(unit)
        .thresholds(&[(None, GREEN)])
        .no_value(NO_DATA)
}

/// Thresholds: from which value on which colour.
pub(super) fn steps(steps: &[(Option<f64>, &str)]) -> Value {
    let step = |(value, colour): &(Option<f64>, &str)| json!({ "color": colour, "value": value });
    let steps: Vec<_> = steps.iter().map(step).collect();
    json!({ "mode": "absolute", "steps": steps })
}

impl Panel {
    pub(super) fn new(
        kind: &'static str,
        title: &'static str,
        description: &str,
        options: Value,
    ) -> Self {
        Self {
            kind,
            title,
            description: description.to_owned(),
            queries: Vec::new(),
            defaults: Map::new(),
            overrides: Vec::new(),
            options,
            transformations: Vec::new(),
            most_steps: None,
        }
    }

    /// Asks for values as they are now.
    pub(super) fn now(self, expression: &str, legend: &str) -> Self {
        self.ask(expression, legend, Shape::Now)
    }

    /// Asks for the rows of a table.
    pub(super) fn rows(self, expression: &str) -> Self {
        self.ask(expression, "", Shape::Rows)
    }

    /// Asks for values over time.
    pub(super) fn over_time(self, expression: &str, legend: &str) -> Self {
        self.ask(expression, legend, Shape::Range)
    }

    fn ask(mut self, expression: &str, legend: &str, shape: Shape) -> Self {
        self.queries.push(Query {
            expression: expand(expression),
            legend: legend.to_owned(),
            shape,
        });
        self
    }

    pub(super) fn unit(self, unit: &str) -> Self {
        self.set("unit", unit)
    }

    pub(super) fn no_value(self, text: &str) -> Self {
        self.set("noValue", text)
    }

    pub(super) fn mappings(self, mappings: Mappings) -> Self {
        self.set("mappings", mappings.json())
    }

    /// From which value on which colour; the first has no value and holds below the second.
    pub(super) fn thresholds(self, steps: &[(Option<f64>, &str)]) -> Self {
        self.set("thresholds", self::steps(steps))
    }

    /// A default of all fields, under Grafana's own name.
    pub(super) fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.defaults.insert(key.to_owned(), value.into());
        self
    }

    /// How the fields are drawn, under Grafana's own names.
    pub(super) fn custom(self, custom: Value) -> Self {
        self.set("custom", custom)
    }

    /// Asks for so many steps at most.
    fn most_steps(mut self, steps: u16) -> Self {
        self.most_steps = Some(steps);
        self
    }

    /// A stat's tiles show the name of each series, too.
    pub(super) fn named(mut self) -> Self {
        self.options["textMode"] = "value_and_name".into();
        self
    }

    /// The areas of the lines lie on one another.
    pub(super) fn stacked(mut self) -> Self {
        if let Some(custom) = self.defaults.get_mut("custom") {
            custom["stacking"] = json!({ "group": "A", "mode": "normal" });
            custom["fillOpacity"] = 40.into();
        }
        self
    }

    /// Properties of the fields that the query of this letter brings.
    pub(super) fn of_query(self, letter: char, properties: &[(&str, Value)]) -> Self {
        self.override_fields("byFrameRefID", &letter.to_string(), properties)
    }

    /// Properties of the field of this name.
    pub(super) fn of_field(self, name: &str, properties: &[(&str, Value)]) -> Self {
        self.override_fields("byName", name, properties)
    }

    fn override_fields(mut self, matcher: &str, which: &str, properties: &[(&str, Value)]) -> Self {
        let properties: Vec<_> = properties
            .iter()
            .map(|(id, value)| json!({ "id": id, "value": value }))
            .collect();
        let matcher = json!({ "id": matcher, "options": which });
        self.overrides
            .push(json!({ "matcher": matcher, "properties": properties }));
        self
    }

    /// Series that are named after states have the states' colours.
    pub(super) fn state_colours(self, table: &[StateRow]) -> Self {
        table.iter().fold(self, |panel, row| {
            let colour = json!({ "fixedColor": colour(row.health), "mode": "fixed" });
            panel.of_field(row.name, &[("color", colour)])
        })
    }

    /// The query of this letter is a limit: a dashed red line.
    pub(super) fn limit(self, letter: char) -> Self {
        let properties = [
            ("color", json!({ "fixedColor": RED, "mode": "fixed" })),
            ("custom.fillOpacity", json!(0)),
            (
                "custom.lineStyle",
                json!({ "dash": [10, 10], "fill": "dash" }),
            ),
        ];
        self.of_query(letter, &properties)
    }

    pub(super) fn transform(mut self, id: &str, options: &Value) -> Self {
        self.transformations
            .push(json!({ "id": id, "options": options }));
        self
    }

    /// The panel with its number and its place.
    pub(super) fn json(self, id: usize, place: &Value) -> Value {
        let targets = ('A'..).zip(self.queries);
        let targets: Vec<_> = targets.map(|(letter, query)| query.json(letter)).collect();
        let mut panel = json!({
            "id": id,
            "pluginVersion": GRAFANA,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "datasource": datasource(),
            "gridPos": place,
            "fieldConfig": { "defaults": self.defaults, "overrides": self.overrides },
            "options": self.options,
            "targets": targets,
            "transformations": self.transformations,
        });
        if let Some(steps) = self.most_steps {
            panel["maxDataPoints"] = steps.into();
        }
        panel
    }
}

impl Query {
    fn json(self, letter: char) -> Value {
        let format = if self.shape == Shape::Rows {
            "table"
        } else {
            "time_series"
        };
        json!({
            "refId": letter.to_string(),
            "datasource": datasource(),
            "editorMode": "code",
            "expr": self.expression,
            "format": format,
            "instant": self.shape != Shape::Range,
            "range": self.shape == Shape::Range,
            "legendFormat": if self.shape == Shape::Rows { "__auto" } else { &self.legend },
        })
    }
}
