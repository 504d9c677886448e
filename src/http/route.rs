//! Which path gets which answer. Pure but for the page, which is rendered for all who ask: no socket, no clock of its own.

use hyper::{
    Method, Request, Response, StatusCode,
    header::{ALLOW, CONTENT_TYPE, HeaderName, RETRY_AFTER, VARY},
};

use super::{
    accept,
    api::Api,
    app_state::AppState,
    body::ResponseBody,
    page::{self, View},
    reply::{encoded, text, with},
    shared_page::{Sent, SharedPage},
};
use crate::{
    metrics::{Format, open_metrics},
    model::Snapshot,
    runbook::{self, Runbook},
    status,
};

const HTML: &str = "text/html; charset=utf-8";

/// Answers one request.
pub(super) async fn route<B>(
    app: &AppState,
    page: &SharedPage,
    api: &Api,
    request: &Request<B>,
) -> Response<ResponseBody> {
    let path = request.uri().path();
    if path != app.telemetry_path && path.starts_with(status::ROOT) {
        return api.answer(request).await;
    }
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
        "/" => landing(page, request.uri().query(), gzip).await,
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

async fn landing(page: &SharedPage, query: Option<&str>, gzip: bool) -> Response<ResponseBody> {
    let view = match View::asked(query) {
        Ok(view) => view,
        Err(error) => return text(StatusCode::BAD_REQUEST, format!("{error}\n")),
    };
    let Some(Sent { status, pieces }) = page.bytes(view, gzip).await else {
        let busy = "too many clients are slow to take a page; ask again in a few seconds\n";
        return with(
            text(StatusCode::SERVICE_UNAVAILABLE, busy),
            RETRY_AFTER,
            "5",
        );
    };
    let mut response = html(ResponseBody::from(pieces));
    *response.status_mut() = status;
    encoded(response, gzip)
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
        // Copies of the runbooks are files, and links to those have their extension.
        Some(alert) => runbook::find(alert.strip_suffix(".md").unwrap_or(alert)),
        None => None,
    }
}

/// Ready when every discovery has been asked and every cluster has been polled once, well or badly: from then on the metrics
/// tell.
fn ready(snapshot: &Snapshot) -> Response<ResponseBody> {
    let mut unasked = snapshot.discoveries.iter().filter(|it| !it.was_asked);
    if let Some(discovery) = unasked.next() {
        let name = &discovery.name;
        let sentence = format!("not ready: waiting for the first list of clusters of `{name}`\n");
        return text(StatusCode::SERVICE_UNAVAILABLE, sentence);
    }
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
        "not found{meant}; there are /, {}, {}, {}status, /-/healthy and /-/ready\n",
        app.telemetry_path,
        page::RUNBOOKS,
        status::ROOT
    );
    text(StatusCode::NOT_FOUND, paths)
}
