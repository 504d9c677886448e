//! Which path gets which answer. Pure but for the page, which is rendered for all who ask: no socket, no clock of its own.

use std::fmt;

use hyper::{
    Method, Request, Response, StatusCode,
    header::{
        ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, VARY,
    },
};

use super::{accept, app_state::AppState, body::ResponseBody, shared_page::SharedPage};
use crate::{
    metrics::{Format, open_metrics},
    model::Snapshot,
};

const PLAIN: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// Answers one request.
pub(super) async fn route<B>(
    app: &AppState,
    page: &SharedPage,
    request: &Request<B>,
) -> Response<ResponseBody> {
    let path = request.uri().path();
    let is_known = path == app.telemetry_path || matches!(path, "/" | "/-/healthy" | "/-/ready");
    if !is_known {
        return not_found(app);
    }
    // hyper sends the headers of an answer to HEAD and leaves its body out.
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let refused = text(
            StatusCode::METHOD_NOT_ALLOWED,
            "this path answers GET and HEAD only\n",
        );
        return with(refused, ALLOW, "GET, HEAD");
    }
    let gzip = accepts_gzip(request);
    match path {
        path if path == app.telemetry_path => metrics(app, accept::format(request.headers()), gzip),
        "/" => landing(page, gzip).await,
        "/-/healthy" => text(StatusCode::OK, "cluster-link-exporter is healthy.\n"),
        _ => ready(&app.snapshot.borrow()),
    }
}

fn metrics(app: &AppState, format: Format, gzip: bool) -> Response<ResponseBody> {
    let exposition = app.exposition.borrow().clone();
    let own = match format {
        Format::Text => app.telemetry.text(),
        Format::OpenMetrics => open_metrics(&app.telemetry.gather()),
    };
    let body = exposition.body_in(format, own, gzip);
    let mut response = with(
        Response::new(body.frames.into()),
        CONTENT_TYPE,
        format.content_type(),
    );
    // For the connection that sends it.
    response.extensions_mut().insert(exposition.age());
    let response = encoded(response, gzip);
    with(response, VARY, "Accept, Accept-Encoding")
}

async fn landing(page: &SharedPage, gzip: bool) -> Response<ResponseBody> {
    let body = ResponseBody::from(page.bytes(gzip).await);
    let response = with(Response::new(body), CONTENT_TYPE, HTML);
    // The page holds foreign text and needs nothing from anywhere else.
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    let response = with(
        response,
        HeaderName::from_static("content-security-policy"),
        policy,
    );
    encoded(response, gzip)
}

/// Says how the answer is encoded, and that the next client may get it otherwise.
fn encoded(response: Response<ResponseBody>, gzip: bool) -> Response<ResponseBody> {
    let response = with(response, VARY, "Accept-Encoding");
    if gzip {
        with(response, CONTENT_ENCODING, "gzip")
    } else {
        response
    }
}

/// Ready when every cluster has been polled once, well or badly: from then on the metrics tell.
fn ready(snapshot: &Snapshot) -> Response<ResponseBody> {
    let waiting: Vec<_> = snapshot
        .clusters
        .iter()
        .filter(|cluster| cluster.polls.count == 0)
        .collect();
    if waiting.is_empty() {
        return text(StatusCode::OK, "cluster-link-exporter is ready.\n");
    }
    let names: Vec<_> = waiting
        .iter()
        .map(|cluster| format!("`{}`", cluster.name))
        .collect();
    let sentence = format!(
        "not ready: waiting for the first poll of {}\n",
        names.join(", ")
    );
    text(StatusCode::SERVICE_UNAVAILABLE, sentence)
}

fn not_found(app: &AppState) -> Response<ResponseBody> {
    let paths = format!(
        "not found; there are /, {}, /-/healthy and /-/ready\n",
        app.telemetry_path
    );
    text(StatusCode::NOT_FOUND, paths)
}

/// Whether the client takes gzip (RFC 9110, 12.5.3), which it refuses by a weight of 0.
fn accepts_gzip<B>(request: &Request<B>) -> bool {
    let values = request
        .headers()
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight
            .trim()
            .strip_prefix("q=")
            .and_then(|q| q.parse::<f32>().ok())
            == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

pub(super) fn text(status: StatusCode, text: impl fmt::Display) -> Response<ResponseBody> {
    let mut response = with(
        Response::new(ResponseBody::from(text.to_string())),
        CONTENT_TYPE,
        PLAIN,
    );
    *response.status_mut() = status;
    response
}

pub(super) fn with(
    mut response: Response<ResponseBody>,
    name: HeaderName,
    value: &'static str,
) -> Response<ResponseBody> {
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
    response
}
