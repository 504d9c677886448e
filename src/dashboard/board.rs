//! A board: its head, and its panels laid out from the top left.

use serde_json::{Value, json};

use super::{annotation::annotations, panel::Panel, variable::Variable};

/// The version of Grafana's model that the files are written in: that of Grafana 10.4. Newer ones migrate it.
const SCHEMA_VERSION: u32 = 39;

/// Marks the boards that link to each other.
const TAG: &str = "cluster-linking";

/// How many columns Grafana's grid has.
const COLUMNS: usize = 24;

/// A dashboard.
pub struct Board {
    /// Its name in URLs, and that of its file.
    pub uid: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) variables: &'static [Variable],
    pub(super) rows: Vec<Row>,
}

/// A row of the board.
pub(super) enum Row {
    /// A line with a heading.
    Heading(&'static str),
    /// Panels side by side, each with its width; all are that high.
    Panels(usize, Vec<(usize, Panel)>),
}

impl Board {
    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}.json", self.uid)
    }

    /// Its file.
    pub fn json(self) -> String {
        let variables = self.variables.iter();
        let variables: Vec<_> = variables.map(|variable| variable.json()).collect();
        let board = json!({
            "annotations": { "list": annotations(self.variables) },
            "description": self.description,
            "editable": false,
            "fiscalYearStartMonth": 0,
            "graphTooltip": 1,
            "id": null,
            "links": [{
                "asDropdown": false,
                "icon": "external link",
                "includeVars": true,
                "keepTime": true,
                "tags": [TAG],
                "targetBlank": false,
                "title": "Cluster linking",
                "tooltip": "The other boards, with the same variables and time",
                "type": "dashboards",
                "url": "",
            }],
            "panels": laid_out(self.rows),
            "refresh": "1m",
            "schemaVersion": SCHEMA_VERSION,
            "tags": [TAG],
            "templating": { "list": variables },
            "time": { "from": "now-6h", "to": "now" },
            "timepicker": {},
            "timezone": "",
            "title": self.title,
            "uid": self.uid,
            "version": 1,
            "weekStart": "",
        });
        let text = serde_json::to_string_pretty(&board).expect("all keys are texts");
        text + "\n"
    }
}

fn laid_out(rows: Vec<Row>) -> Vec<Value> {
    let mut panels = Vec::new();
    let mut y = 0;
    for row in rows {
        match row {
            Row::Heading(title) => {
                panels.push(json!({
                    "collapsed": false,
                    "gridPos": { "h": 1, "w": COLUMNS, "x": 0, "y": y },
                    "id": panels.len() + 1,
                    "panels": [],
                    "title": title,
                    "type": "row",
                }));
                y += 1;
            }
            Row::Panels(height, row) => {
                let mut x = 0;
                for (width, panel) in row {
                    let place = json!({ "h": height, "w": width, "x": x, "y": y });
                    panels.push(panel.json(panels.len() + 1, &place));
                    x += width;
                }
                y += height;
            }
        }
    }
    panels
}
