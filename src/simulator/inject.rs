//! How a fault is injected into an answer.

use bytes::Bytes;
use http::{HeaderName, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use super::{
    BrokenBody, Effect, Outcome,
    reply::{error, error_page, respond, with_header},
    resource::Resource,
};

impl Effect {
    /// The end of an exchange that this effect touches.
    pub(super) fn inject<'a>(&'a self, mut resource: Resource<'a>) -> Outcome {
        let uri = &resource.exchange.request.uri;
        let path = uri.path();
        let response = match self {
            Self::Hang => return Outcome::Hang,
            Self::Disconnect => return Outcome::Disconnect,
            Self::CutAfterHeaders => return Outcome::Cut(resource.response()),
            Self::Slow { .. } => resource.response(),
            Self::ForeignNext(origin) => {
                resource.endless_at = Some(origin);
                resource.response()
            }
            Self::EndlessPages => {
                resource.endless_at = Some(&resource.exchange.origin);
                resource.response()
            }
            Self::Broken(broken) => broken.inject(resource.response()),
            Self::Silent => silent(resource.response()),
            Self::Throttled { retry_after } => {
                let page = error_page(StatusCode::TOO_MANY_REQUESTS, path);
                with_optional(page, header::RETRY_AFTER, retry_after.as_deref())
            }
            Self::Unsupported => {
                error(40035, "This version of Kafka does not support the request.")
            }
            Self::Unauthorized => error(40101, "Cluster authorization failed"),
            Self::Forbidden => error(40301, "Request is not authorized"),
            Self::ServerError => error(500, "Internal Server Error"),
            Self::RetriableError => error(50003, "The request timed out."),
            Self::BadGateway => error_page(StatusCode::BAD_GATEWAY, path),
            Self::ServiceUnavailable => error_page(StatusCode::SERVICE_UNAVAILABLE, path),
            Self::Redirect(origin) => {
                let target = uri.path_and_query();
                let target = target.map_or(path, http::uri::PathAndQuery::as_str);
                let moved = respond(StatusCode::TEMPORARY_REDIRECT, "text/plain", Bytes::new());
                with_header(moved, header::LOCATION, &format!("{origin}{target}"))
            }
            Self::Verbatim {
                status,
                encoding,
                body,
            } => {
                let status = StatusCode::from_u16(*status);
                let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let exactly = respond(status, "application/json", body.clone());
                with_optional(exactly, header::CONTENT_ENCODING, encoding.as_deref())
            }
        };
        Outcome::Response(response)
    }
}

fn with_optional(
    response: Response<Bytes>,
    name: HeaderName,
    value: Option<&str>,
) -> Response<Bytes> {
    match value {
        None => response,
        Some(value) => with_header(response, name, value),
    }
}

impl BrokenBody {
    fn inject(self, response: Response<Bytes>) -> Response<Bytes> {
        if response.status() != StatusCode::OK {
            return response;
        }
        let body = response.body();
        match self {
            Self::Html => {
                let page = "<!DOCTYPE html>\n<html><body><h1>Sign in</h1></body></html>\n";
                respond(StatusCode::OK, "text/html", page)
            }
            Self::Empty => response.map(|_| Bytes::new()),
            Self::TruncatedJson => response.map(|body| body.slice(..body.len() / 2)),
            Self::InvalidUtf8 => {
                let broken = invalid_utf8(body);
                response.map(|_| broken)
            }
            Self::DataMissing => rewrite(response, |body| body.retain(|key, _| is_frame(key))),
            Self::DataNull => rewrite(response, |body| {
                for (_, value) in body.iter_mut().filter(|(key, _)| !is_frame(key)) {
                    *value = Value::Null;
                }
            }),
            Self::WrongTypes => rewrite(response, |body| {
                for (_, value) in body.iter_mut().filter(|(key, _)| !is_frame(key)) {
                    confuse(value);
                }
            }),
        }
    }
}

/// What a silent answer leaves out.
const UNSAID: [&str; 4] = ["tasks", "mirror_status", "mirror_lags", "value"];

fn silent(response: Response<Bytes>) -> Response<Bytes> {
    if response.status() == StatusCode::OK {
        rewrite(response, leave_out)
    } else {
        response
    }
}

fn leave_out(properties: &mut Map<String, Value>) {
    properties.retain(|key, _| !UNSAID.contains(&key.as_str()));
    let items = properties.get_mut("data").and_then(Value::as_array_mut);
    let items = items.into_iter().flatten().filter_map(Value::as_object_mut);
    items.for_each(leave_out);
}

/// What stays whole, so that the body still looks like one of this API's.
fn is_frame(key: &str) -> bool {
    key == "kind" || key == "metadata"
}

fn rewrite(
    response: Response<Bytes>,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Response<Bytes> {
    response.map(|body| {
        let mut body: Map<String, Value> =
            serde_json::from_slice(&body).expect("the answer is an object that we wrote ourselves");
        change(&mut body);
        Value::from(body).to_string().into()
    })
}

fn confuse(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(confuse),
        Value::Object(properties) => properties.values_mut().for_each(confuse),
        Value::String(_) | Value::Null => *value = json!(42),
        Value::Number(_) | Value::Bool(_) => *value = json!("many"),
    }
}

/// Puts the byte where a string value begins: parsers may skip the check in keys and between tokens.
fn invalid_utf8(body: &[u8]) -> Bytes {
    let mut broken = Vec::with_capacity(body.len());
    for (index, byte) in body.iter().enumerate() {
        broken.push(*byte);
        if body[..=index].ends_with(b"\":\"") {
            broken.push(0xff);
        }
    }
    broken.into()
}
