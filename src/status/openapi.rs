//! The OpenAPI document: the schemas are those of the types, the paths and parameters those of the table.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    Alerts, Phase, Refusal, Status, Transitions,
    resource::{Parameter, ParameterKind, RESOURCES, Resource, ResourceKind},
};

/// OpenAPI 3.1 of the JSON API.
pub fn openapi() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.for_serialize().into_generator();
    let refusal = reference::<Refusal>(&mut schemas);
    let paths: Map<_, _> = RESOURCES
        .iter()
        .map(|resource| (resource.path(), path(resource, &refusal, &mut schemas)))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "cluster-link-exporter",
            "description": "What the exporter knows of cluster links, for programs. What is not known is null, never absent \
                            and never guessed. Fields may be added; one that changes or goes is a `[CHANGE]` of the \
                            changelog.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "components": { "schemas": schemas.take_definitions(true) },
    })
}

fn path(resource: &Resource, refusal: &Value, schemas: &mut SchemaGenerator) -> Value {
    let answer = match resource.kind {
        ResourceKind::Status => enveloped(&reference::<Status>(schemas)),
        ResourceKind::Alerts => enveloped(&reference::<Alerts>(schemas)),
        ResourceKind::Transitions => enveloped(&reference::<Transitions>(schemas)),
        ResourceKind::OpenApi => json!({ "type": "object" }),
    };
    let takes_names = resource
        .parameters
        .iter()
        .any(|parameter| parameter.kind == ParameterKind::Name);
    let mut responses = json!({
        "200": { "description": resource.doc, "content": content(&answer) },
        "400": {
            "description": "A parameter has no such value, or there is no such parameter.",
            "content": content(refusal),
        },
        "405": { "description": "The method is neither GET nor HEAD.", "content": content(refusal) },
    });
    if takes_names {
        responses["404"] = json!({
            "description": "No cluster, or no link, has that name.",
            "content": content(refusal),
        });
    }
    let parameters = resource.parameters.iter();
    json!({
        "get": {
            "summary": resource.doc,
            "parameters": parameters.map(|it| parameter(it, schemas)).collect::<Vec<_>>(),
            "responses": responses,
        },
    })
}

fn parameter(parameter: &Parameter, schemas: &mut SchemaGenerator) -> Value {
    let schema = match parameter.kind {
        ParameterKind::Name => json!({ "type": "string" }),
        ParameterKind::Flag => json!({ "enum": ["1", "0", "true", "false"] }),
        ParameterKind::Phase => reference::<Phase>(schemas),
        ParameterKind::Moment => json!({
            "oneOf": [
                { "type": "string", "format": "date-time" },
                { "type": "number", "description": "Unix seconds." },
            ],
        }),
        ParameterKind::Count { most, default } => json!({
            "type": "integer", "minimum": 1, "maximum": most, "default": default,
        }),
    };
    json!({
        "name": parameter.name,
        "in": "query",
        "description": parameter.doc,
        "schema": schema,
    })
}

fn reference<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<T>().to_value()
}

/// The envelope of an answer with this in it.
fn enveloped(data: &Value) -> Value {
    json!({
        "type": "object",
        "properties": { "status": { "const": "success" }, "data": data },
        "required": ["status", "data"],
    })
}

fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}
