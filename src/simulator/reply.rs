//! What the server sends back, before it meets a socket.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// An answer and how long it takes.
#[derive(Debug)]
pub struct Reply {
    /// How long the server takes before anything else happens.
    pub delay: Duration,
    /// What happens then.
    pub outcome: Outcome,
}

/// How an exchange ends.
#[derive(Debug)]
pub enum Outcome {
    /// A whole response.
    Response(Response<Bytes>),
    /// The headers of this response, half of its body, and the end of the connection.
    Cut(Response<Bytes>),
    /// The end of the connection.
    Disconnect,
    /// Nothing, ever.
    Hang,
}

impl From<Outcome> for Reply {
    fn from(outcome: Outcome) -> Self {
        Self {
            delay: Duration::ZERO,
            outcome,
        }
    }
}

/// 200 with this body.
pub(super) fn ok(body: &Value) -> Response<Bytes> {
    respond(StatusCode::OK, "application/json", body.to_string())
}

/// An error as the REST API itself reports it. The status is the first three digits of the code.
pub(super) fn error(error_code: u16, message: &str) -> Response<Bytes> {
    let status = match error_code {
        0..1000 => error_code,
        _ => error_code / 100,
    };
    let status = StatusCode::from_u16(status).expect("every code of this API begins with a status");
    let body = json!({ "error_code": error_code, "message": message });
    respond(status, "application/json", body.to_string())
}

/// An error page of the servlet container around the REST API, or of a proxy before it.
pub(super) fn error_page(status: StatusCode, path: &str) -> Response<Bytes> {
    // The path is foreign text; the page shows it the way a servlet container does, escaped.
    let path = path.replace('&', "&amp;").replace('<', "&lt;");
    let page = format!(
        "<!DOCTYPE html>\n<html><head><title>{status}</title></head>\n\
         <body><h1>{status}</h1><p>{path}</p></body></html>\n"
    );
    respond(status, "text/html;charset=utf-8", page)
}

/// Any response.
pub(super) fn respond(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(content_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

/// The response with this header, unless HTTP has no room for the value.
pub(super) fn with_header(
    mut response: Response<Bytes>,
    name: HeaderName,
    value: &str,
) -> Response<Bytes> {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}
