//! The JSON Schema (draft 7) of a file, from the table of its keys: for editors, and for checks where this program is not.
//!
//! It never refuses what the reader takes. What it cannot tell is said by the reader alone: rules between keys, and what
//! a text means.

use serde_json::{Map, Value, json};

use super::table::{Absent, Key, Keys, Kind, Table};

/// Spans of time as `humantime` reads them: a number, perhaps with a fraction, and one of these units.
const UNITS: &str = "nanos|nsec|ns|usec|us|µs|millis|msec|ms|seconds|second|secs|sec|s|minutes|minute|mins|min|m|hours|hour|hrs|\
                     hr|h|days|day|d|weeks|week|wks|wk|w|months|month|M|years|year|yrs|yr|y";

/// The schema of a file with these keys. `patternErrorMessage` is an extension that editors know and others ignore.
pub(crate) fn json_schema(title: &str, keys: Keys) -> Value {
    let mut definitions = Map::new();
    let root = mapping("", keys, &mut definitions);
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
    });
    extend(&mut schema, root);
    if !definitions.is_empty() {
        schema["definitions"] = definitions.into();
    }
    schema
}

/// The mapping under the key `name`. One of which nothing must be there may be empty, which in YAML is no value.
fn mapping(name: &str, keys: Keys, definitions: &mut Map<String, Value>) -> Value {
    match keys {
        Keys::Known(table) => known(table, definitions),
        Keys::Named(names, table) => {
            // Each name has the same keys: they are written once.
            let of_each = known(table, definitions);
            let each = json!({ "$ref": format!("#/definitions/{name}") });
            definitions.insert(name.to_owned(), of_each);
            let properties: Map<_, _> = names()
                .into_iter()
                .map(|name| (name.to_owned(), each.clone()))
                .collect();
            json!({
                "type": ["object", "null"],
                "properties": properties,
                "additionalProperties": false,
            })
        }
        Keys::Own(kind) => json!({
            "type": ["object", "null"],
            "additionalProperties": value(name, kind, definitions),
        }),
    }
}

fn known(table: Table, definitions: &mut Map<String, Value>) -> Value {
    let keys = || table.iter().flat_map(|group| group.keys);
    let mut properties = Map::new();
    for group in table {
        for key in group.keys {
            let property = match group.title {
                "" => property(key, definitions),
                title => shared(title, key, definitions),
            };
            properties.insert(key.name.to_owned(), property);
        }
    }
    let required: Vec<_> = keys()
        .filter(|key| key.absent == Absent::Required)
        .map(|key| key.name)
        .collect();
    let mut choices: Vec<&[&str]> = Vec::new();
    for key in keys() {
        if let Absent::OneOf(names) = key.absent
            && !choices.contains(&names)
        {
            choices.push(names);
        }
    }
    let choices: Vec<_> = choices.into_iter().map(one_of).collect();
    let may_be_empty = required.is_empty() && choices.is_empty();
    let mut schema = json!({
        "type": if may_be_empty { json!(["object", "null"]) } else { json!("object") },
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if !choices.is_empty() {
        schema["allOf"] = json!(choices);
    }
    schema
}

/// One of the keys is there, and no second one.
fn one_of(names: &[&str]) -> Value {
    let each: Vec<_> = names
        .iter()
        .map(|name| json!({ "required": [name] }))
        .collect();
    json!({ "oneOf": each })
}

/// A key that several mappings have: it is written once.
fn shared(title: &str, key: &Key, definitions: &mut Map<String, Value>) -> Value {
    let title = title.to_lowercase().replace(' ', "-");
    let name = format!("{title}.{}", key.name);
    if !definitions.contains_key(&name) {
        let property = property(key, definitions);
        definitions.insert(name.clone(), property);
    }
    json!({ "$ref": format!("#/definitions/{name}") })
}

fn property(key: &Key, definitions: &mut Map<String, Value>) -> Value {
    let mut schema = json!({ "description": key.doc });
    match key.absent {
        Absent::Default(text) => schema["default"] = default(&key.kind, text),
        Absent::Otherwise(words) => {
            schema["description"] = format!("{}\n\nWithout it: {words}.", key.doc).into();
        }
        Absent::Required | Absent::OneOf(_) | Absent::Optional => {}
    }
    extend(&mut schema, value(key.name, &key.kind, definitions));
    if matches!(key.kind, Kind::Secret) {
        schema["pattern"] = r"^[^\r\n]*$".into();
    }
    if key.absent == Absent::Required
        && matches!(key.kind, Kind::Sections(_) | Kind::Patterns | Kind::Texts)
    {
        schema["type"] = "array".into();
        schema["minItems"] = 1.into();
    }
    schema
}

/// The default as the file would hold it.
fn default(kind: &Kind, text: &str) -> Value {
    match kind {
        Kind::Text | Kind::Url | Kind::Duration { .. } | Kind::Word(_) => text.into(),
        _ => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    }
}

fn value(name: &str, kind: &Kind, definitions: &mut Map<String, Value>) -> Value {
    let text = || json!({ "type": "string", "minLength": 1 });
    match kind {
        Kind::Text | Kind::Secret | Kind::File | Kind::Variable => text(),
        Kind::Database => json!({ "type": "string" }),
        Kind::Url => json!({
            "type": "string",
            "pattern": r"^\s*[A-Za-z][A-Za-z0-9+.\-]*:",
            "patternErrorMessage": "write an absolute URL, such as `https://example.com`",
        }),
        Kind::Duration { least } => json!({
            "type": "string",
            "pattern": duration(least),
            "patternErrorMessage": "write a number and a unit, such as `30s` or `2m`",
        }),
        Kind::Count(range) => {
            json!({ "type": "integer", "minimum": range.start(), "maximum": range.end() })
        }
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Word(words) => json!({ "type": "string", "enum": words() }),
        Kind::Words(words) => {
            let word = json!({ "type": "string", "enum": words() });
            json!({ "anyOf": [word, { "type": "array", "items": word, "minItems": 1 }] })
        }
        Kind::Texts | Kind::Patterns => json!({ "type": "array", "items": text() }),
        Kind::Section(keys) => mapping(name, *keys, definitions),
        Kind::Sections(keys) => json!({
            "type": ["array", "null"],
            "items": mapping(name, *keys, definitions),
        }),
    }
}

/// Where the least is not zero, one of the digits is not.
fn duration(least: &str) -> String {
    let digits = if least == "0s" { "" } else { NOT_ZERO };
    format!(r"^{digits}\s*(0|([0-9][0-9\s]*(\.[0-9\s]+)?({UNITS})\s*)+)$")
}

const NOT_ZERO: &str = "(?=.*[1-9])";

fn extend(schema: &mut Value, more: Value) {
    if let (Some(schema), Value::Object(more)) = (schema.as_object_mut(), more) {
        schema.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_of_the_schema_is_one_of_the_reader() {
        let pattern = regex::Regex::new(&duration("0s")).unwrap();
        // The crate has no such assertion.
        assert_eq!(duration("1ms").replace(NOT_ZERO, ""), duration("0s"));
        let units = UNITS.split('|').map(|unit| format!("1{unit}"));
        let others = [
            "0",
            "0s",
            "30s",
            "2m",
            "1h 30m",
            "1h30m",
            " 1 h  30 m ",
            "1.5s",
            "0.5 h",
            "1 0s",
            "10000d",
            // None.
            "",
            " ",
            "s",
            "30",
            "1",
            "0 ",
            "1.s",
            ".5s",
            "-1s",
            "+1s",
            "30x",
            "30S",
            "30 s m",
            "soon",
            "1h,30m",
        ];
        for text in units.chain(others.map(str::to_owned)) {
            let is_read = humantime::parse_duration(&text).is_ok();
            assert_eq!(pattern.is_match(&text), is_read, "{text:?}");
        }
    }
}
