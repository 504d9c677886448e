//! The schema of each part of a board, and what it says against one.

use std::{cell::RefCell, collections::HashMap};

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;

use crate::support::{self, node};

/// A value in a message may be a whole panel.
const LONGEST_MESSAGE: usize = 300;

/// Each exported type of `tools/preview/schema/board.ts` is one of its definitions.
pub(crate) struct Schema {
    whole: Value,
    /// By definition: each is used often, and made from a long schema.
    validators: RefCell<HashMap<String, Validator>>,
}

impl Schema {
    /// `None`, and said aloud, where Node.js or its libraries are missing.
    pub(crate) fn or_skip(test: &str) -> Option<Self> {
        match node::schema("board.ts") {
            Ok(whole) => Some(Self {
                whole,
                validators: RefCell::default(),
            }),
            Err(why) => {
                support::skip(test, why);
                None
            }
        }
    }

    /// What Grafana would not take of a board, each with its panel and the JSON pointer within it.
    pub(crate) fn objections(&self, board: &Value) -> Vec<String> {
        let mut objections = self.told("Board", board, "");
        self.of_panels(board, &mut objections);
        objections
    }

    /// A row has panels of its own.
    fn of_panels(&self, parent: &Value, objections: &mut Vec<String>) {
        for panel in array(&parent["panels"]) {
            let (id, title) = (&panel["id"], panel["title"].as_str().unwrap_or_default());
            let of_panel = self.of_panel(panel).into_iter();
            objections.extend(of_panel.map(|text| format!("panel {id} `{title}`: {text}")));
            self.of_panels(panel, objections);
        }
    }

    fn of_panel(&self, panel: &Value) -> Vec<String> {
        let kind = panel["type"].as_str().unwrap_or_default();
        let types = self.whole.pointer("/definitions/Panels/properties");
        let types = types.and_then(Value::as_object).expect("a map of types");
        if !types.contains_key(kind) {
            let known: Vec<_> = types.keys().map(String::as_str).collect();
            let known = known.join(", ");
            return vec![format!(
                "its type `{kind}` is none of {known}; add one to `Panels` in `board.ts`"
            )];
        }
        let mut objections = self.told(&format!("Panels/properties/{kind}"), panel, "");
        for (number, change) in array(&panel["fieldConfig"]["overrides"]).enumerate() {
            for (place, setting) in array(&change["properties"]).enumerate() {
                let at = format!("/fieldConfig/overrides/{number}/properties/{place}");
                objections.extend(self.of_setting(kind, setting, &at));
            }
        }
        objections
    }

    /// What is wrong with one `{id, value}` of an override: Grafana's types leave it open, and each id has its own.
    fn of_setting(&self, kind: &str, setting: &Value, at: &str) -> Vec<String> {
        let id = setting["id"].as_str().unwrap_or_default();
        let of = match id.strip_prefix("custom.") {
            Some(custom) => format!("CustomSettings/properties/{kind}/properties/{custom}"),
            None => format!("FieldSettings/properties/{id}"),
        };
        if self.whole.pointer(&format!("/definitions/{of}")).is_none() {
            return vec![format!("{at}/id: a {kind} has no setting `{id}`")];
        }
        self.told(&of, &setting["value"], &format!("{at}/value"))
    }

    /// What this definition says against a value that stands `at` a place.
    fn told(&self, definition: &str, value: &Value, at: &str) -> Vec<String> {
        let mut validators = self.validators.borrow_mut();
        let validator = validators.entry(definition.to_owned()).or_insert_with(|| {
            let mut part = self.whole.clone();
            part["$ref"] = format!("#/definitions/{definition}").into();
            Validator::new(&part).expect("a schema that the script made")
        });
        let errors = validator.iter_errors(value);
        errors.flat_map(|error| told(&error, at)).collect()
    }
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// An error in words; of alternatives, what keeps the value from the nearest one.
fn told(error: &ValidationError, at: &str) -> Vec<String> {
    if let ValidationErrorKind::AnyOf { context } = error.kind() {
        let nearest = context.iter().min_by_key(|errors| errors.len());
        return nearest
            .into_iter()
            .flatten()
            .flat_map(|error| told(error, at))
            .collect();
    }
    let message: String = error.to_string().chars().take(LONGEST_MESSAGE).collect();
    let place = format!("{at}{}", error.instance_path());
    let place = if place.is_empty() { "/" } else { &place };
    vec![format!("{place}: {message}")]
}
