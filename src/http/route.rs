//! Which path gets which answer. Pure but for the page, which is rendered for all who ask: no socket, no clock of its own.

use std::fmt;

use hyper::{
    Method, Request, Response, StatusCode,
    header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, VARY},
};

use super::{accept, app_state::AppState, body::ResponseBody, page, shared_page::SharedPage};
use crate::{
    metrics::{Format, open_metrics},
    model::Snapshot,
    runbook::{self, Runbook},
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
    let runbook = (path != app.telemetry_path)
        .then(|| runbook_at(path))
        .flatten();
    let is_known = path == app.telemetry_path
        || runbook.is_some()
        || matches!(path, "/" | "/-/healthy" | "/-/ready");
    if !is_known {
        return not_found(app, path);
    }
    // hyper sends the headers of an answer to HEAD and leaves its body out.
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let refused = text(
            StatusCode::METHOD_NOT_ALLOWED,
            "this path answers GET and HEAD only\n",
        );
        return with(refused, ALLOW, "GET, HEAD");
    }
    if let Some(runbook) = runbook {
        return html(ResponseBody::from(vec![page::runbook(runbook)]));
    }
    let gzip = accept::gzip(request.headers());
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
    let body = exposition.body(format, own, gzip);
    let mut response = with(
        Response::new(body.into()),
        CONTENT_TYPE,
        format.content_type(),
    );
    // For the connection that sends it.
    response.extensions_mut().insert(exposition.age());
    let response = encoded(response, gzip);
    with(response, VARY, "Accept, Accept-Encoding")
}

async fn landing(page: &SharedPage, gzip: bool) -> Response<ResponseBody> {
    encoded(html(ResponseBody::from(page.bytes(gzip).await)), gzip)
}

fn html(body: ResponseBody) -> Response<ResponseBody> {
    let response = with(Response::new(body), CONTENT_TYPE, HTML);
    // A page holds foreign text and needs nothing from anywhere else.
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    with(
        response,
        HeaderName::from_static("content-security-policy"),
        policy,
    )
}

/// The runbook that is served at this path: the index, or the one of an alert.
fn runbook_at(path: &str) -> Option<&'static Runbook> {
    match path.strip_prefix(page::RUNBOOKS) {
        Some("") => Some(runbook::index()),
        Some(alert) => runbook::find(alert),
        None => None,
    }
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

fn not_found(app: &AppState, path: &str) -> Response<ResponseBody> {
    let meant = path
        .strip_prefix(page::RUNBOOKS)
        .and_then(runbook::nearest)
        .map_or_else(String::new, |alert| {
            format!("; {}{alert} is there", page::RUNBOOKS)
        });
    let paths = format!(
        "not found{meant}; there are /, {}, {}, /-/healthy and /-/ready\n",
        app.telemetry_path,
        page::RUNBOOKS
    );
    text(StatusCode::NOT_FOUND, paths)
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
