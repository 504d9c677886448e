//! The shipped boards, as tests read them.

use std::{fs, path::PathBuf};

use serde_json::Value;

/// A shipped file.
pub(crate) struct Board {
    /// The file's name without its extension.
    pub(crate) stem: String,
    pub(crate) json: Value,
}

/// An expression with where it stands.
pub(crate) struct Asked {
    /// `board: panel A`, or `board: variable name`, or `board: annotation name`.
    pub(crate) place: String,
    pub(crate) expression: String,
    pub(crate) shape: Shape,
}

/// How Grafana asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Instant,
    Range,
    /// `label_values` of what the expression selects.
    Values,
}

/// The folder of the shipped files.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("dashboards")
}

/// All of them, by name.
pub(crate) fn shipped() -> Vec<Board> {
    let entries = fs::read_dir(folder()).expect("the folder is part of the repository");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let mut paths: Vec<_> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    let boards = paths.iter().map(|path| Board {
        stem: path.file_stem().unwrap().to_str().unwrap().to_owned(),
        json: serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap(),
    });
    boards.collect()
}

/// The values of an array, none where there is no array.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A text, empty where there is none.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

impl Board {
    /// Rows included.
    pub(crate) fn panels(&self) -> &[Value] {
        list(&self.json["panels"])
    }

    /// The panels that show something.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Value> {
        let panels = self.panels().iter();
        panels.filter(|panel| panel["type"] != "row")
    }

    pub(crate) fn variables(&self) -> &[Value] {
        list(&self.json["templating"]["list"])
    }

    pub(crate) fn annotations(&self) -> &[Value] {
        list(&self.json["annotations"]["list"])
    }

    /// Where a panel is, for a failure.
    pub(crate) fn place(&self, panel: &Value) -> String {
        format!("{}: {}", self.stem, text(&panel["title"]))
    }

    /// Everything that is asked of Prometheus.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let panels = self.shown().flat_map(|panel| {
            list(&panel["targets"]).iter().map(|target| Asked {
                place: format!("{} {}", self.place(panel), text(&target["refId"])),
                expression: text(&target["expr"]).to_owned(),
                shape: if target["instant"] == true {
                    Shape::Instant
                } else {
                    Shape::Range
                },
            })
        });
        let annotations = self.annotations().iter();
        let annotations = annotations.filter(|annotation| annotation["expr"].is_string());
        let annotations = annotations.map(|annotation| Asked {
            place: format!("{}: annotation {}", self.stem, text(&annotation["name"])),
            expression: text(&annotation["expr"]).to_owned(),
            shape: Shape::Range,
        });
        let variables = self.variables().iter();
        let variables = variables.filter(|variable| variable["type"] == "query");
        let variables = variables.map(|variable| {
            let name = text(&variable["name"]);
            let query = text(&variable["query"]);
            let series = query
                .strip_prefix("label_values(")
                .and_then(|rest| rest.strip_suffix(&format!(", {name})")));
            Asked {
                place: format!("{}: variable {name}", self.stem),
                expression: series
                    .unwrap_or_else(|| {
                        panic!("{}: ask for the values of `{name}`: {query}", self.stem)
                    })
                    .to_owned(),
                shape: Shape::Values,
            }
        });
        panels.chain(annotations).chain(variables).collect()
    }
}

/// Fails where there is something wrong, all at once.
pub(crate) fn assert_none(wrong: &[String], rule: &str) {
    assert!(wrong.is_empty(), "{rule}:\n  {}", wrong.join("\n  "));
}
