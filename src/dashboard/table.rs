//! Tables: queries whose rows are merged where their labels are equal, and a list of the columns to show.

use serde_json::{Map, Value, json};

use super::{
    mapping::{self, Mappings, TRANSPARENT},
    panel::{self, Panel},
};

/// What stands in an empty cell.
const EMPTY: &str = "–";

/// A table of these columns, in their order. Rows of several queries are one row where their labels are equal; the first
/// query says in which order they come.
pub(super) fn table(title: &'static str, description: &str, mut columns: Vec<Column>) -> Panel {
    let queries = asked(&mut columns);
    let options = json!({
        "cellHeight": "sm",
        "showHeader": true,
        "sortBy": sorted_by(&columns),
    });
    let custom = json!({ "align": "left", "cellOptions": { "type": "auto" }, "filterable": true, "inspect": false });
    let names: Vec<_> = columns.iter().map(|column| column.field.clone()).collect();
    let order: Map<String, Value> = names.iter().cloned().zip((0..).map(Value::from)).collect();
    let titles = columns.iter();
    let titles: Map<String, Value> = titles
        .map(|column| (column.field.clone(), column.title.into()))
        .collect();
    let panel = Panel::new("table", title, description, options)
        .custom(custom)
        .unit("none")
        .thresholds(&[(None, TRANSPARENT)])
        .no_value(EMPTY)
        .transform("merge", &json!({}))
        .transform(
            "filterFieldsByName",
            &json!({ "include": { "names": names } }),
        )
        .transform(
            "organize",
            &json!({ "excludeByName": {}, "indexByName": order, "renameByName": titles }),
        );
    let panel = queries.iter().fold(panel, |panel, query| panel.rows(query));
    columns.iter().fold(panel, |panel, column| {
        panel.of_field(column.title, &column.properties)
    })
}

/// Takes the queries of the columns, and names each column of values as Grafana names what its query brings.
fn asked(columns: &mut [Column]) -> Vec<String> {
    let asking = columns.iter().filter(|column| column.query.is_some());
    let is_only = asking.count() == 1;
    let mut letters = 'A'..;
    let mut queries = Vec::new();
    for column in columns {
        let Some(query) = column.query.take() else {
            continue;
        };
        let letter = letters.next().expect("a table has few columns");
        queries.push(query);
        if column.field.is_empty() {
            column.field = if is_only {
                "Value".to_owned()
            } else {
                format!("Value #{letter}")
            };
        }
    }
    queries
}

/// What Grafana sorts the rows by.
fn sorted_by(columns: &[Column]) -> Vec<Value> {
    let sorted = columns.iter().filter_map(|column| {
        let descending = column.descending?;
        Some(json!({ "desc": descending, "displayName": column.title }))
    });
    sorted.collect()
}

/// A column of a table.
pub(super) struct Column {
    /// The field that it shows; empty while it is to be that of its own query's values.
    field: String,
    title: &'static str,
    query: Option<String>,
    properties: Vec<(&'static str, Value)>,
    descending: Option<bool>,
}

impl Column {
    /// A label of the rows, whichever query brings it.
    pub(super) fn label(name: &str, title: &'static str) -> Self {
        Self {
            field: name.to_owned(),
            title,
            query: None,
            // An empty cell is short, whatever an empty table says.
            properties: vec![("noValue", json!(EMPTY))],
            descending: None,
        }
    }

    /// The values of a query.
    pub(super) fn value(title: &'static str, query: &str) -> Self {
        Self::label("", title).of(query)
    }

    /// A label comes with a query, whose values are not shown.
    pub(super) fn of(mut self, query: &str) -> Self {
        self.query = Some(query.to_owned());
        self
    }

    /// Its width in pixels.
    pub(super) fn width(self, pixels: u32) -> Self {
        self.with("custom.width", json!(pixels))
    }

    /// Shows words instead of values; whole texts, which a click shows where the cell is too narrow.
    pub(super) fn words(self, mappings: Mappings) -> Self {
        self.with("mappings", mappings.json())
            .with("custom.inspect", json!(true))
    }

    /// Shows a word of its own where the value is not known.
    pub(super) fn may_be_unknown(self) -> Self {
        self.with("mappings", mapping::not_known().json())
    }

    /// Shows words instead of values, on the ground of their colour.
    pub(super) fn badge(self, mappings: Mappings) -> Self {
        self.with("mappings", mappings.json()).with(
            "custom.cellOptions",
            json!({ "mode": "basic", "type": "color-background" }),
        )
    }

    /// Colours the text from these values on.
    pub(super) fn coloured(self, steps: &[(Option<f64>, &str)]) -> Self {
        self.with("thresholds", panel::steps(steps))
            .with("custom.cellOptions", json!({ "type": "color-text" }))
    }

    pub(super) fn unit(self, unit: &str) -> Self {
        self.with("unit", json!(unit))
    }

    pub(super) fn decimals(self, decimals: u8) -> Self {
        self.with("decimals", json!(decimals))
    }

    /// The largest first.
    pub(super) fn descending(mut self) -> Self {
        self.descending = Some(true);
        self
    }

    /// The smallest first.
    pub(super) fn ascending(mut self) -> Self {
        self.descending = Some(false);
        self
    }

    /// Leads somewhere.
    pub(super) fn link(self, title: &str, url: &str) -> Self {
        self.with(
            "links",
            json!([{ "targetBlank": false, "title": title, "url": url }]),
        )
    }

    /// Leads to the board of the row's link.
    pub(super) fn opens_its_link(self) -> Self {
        self.link("Open this link", &format!("/d/clusterlink-link?{OF_ROW}"))
    }

    fn with(mut self, property: &'static str, value: Value) -> Self {
        self.properties.push((property, value));
        self
    }
}

/// The variables of a board that shows what the row is about, over the same time.
const OF_ROW: &str = "${datasource:queryparam}&${job:queryparam}\
     &var-cluster_name=${__data.fields.cluster_name:percentencode}\
     &var-link_name=${__data.fields.link_name:percentencode}&${__url_time_range}";
