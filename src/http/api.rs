//! The JSON API below `/api/v1/`: which path answers what. What an answer holds and looks like is the room `status`.

use std::sync::{Arc, LazyLock};

use hyper::{
    Method, Request, Response, StatusCode, Uri,
    header::{ALLOW, CONTENT_TYPE},
};

use tokio::task::spawn_blocking;

use super::{
    accept,
    app_state::AppState,
    body::ResponseBody,
    reply::{encoded, with},
    written::{Turns, Written},
};
use crate::status::{
    ErrorType, Query, Refusal, Resource, ResourceKind, document, openapi,
    pieces::{self, Pieces},
};

/// The document, which no request changes.
static OPENAPI: LazyLock<String> = LazyLock::new(|| document(&openapi()));

/// Answers the requests, each whole answer in the turns of all.
pub(super) struct Api {
    app: Arc<AppState>,
    turns: Turns,
}

impl Api {
    pub(super) fn new(app: Arc<AppState>) -> Self {
        Self {
            app,
            turns: Turns::one(),
        }
    }

    pub(super) async fn answer<B>(&self, request: &Request<B>) -> Response<ResponseBody> {
        let (app, method) = (self.app.clone(), request.method().clone());
        let uri = request.uri().clone();
        // What is asked for is searched among all links, or all changes.
        let work = spawn_blocking(move || found(&app, &method, &uri));
        match work.await.expect("no search panics") {
            Ok(pieces) => {
                let gzip = accept::gzip(request.headers());
                let body = Written::new(pieces, gzip, self.turns.clone());
                let mut response = json(StatusCode::OK, body.into());
                // A client that takes it slowly holds what the metrics of this moment hold, and is cut off like them.
                let age = self.app.exposition.borrow().age();
                response.extensions_mut().insert(age);
                encoded(response, gzip)
            }
            Err(refusal) => refuse(&refusal),
        }
    }
}

/// What is asked for, or what is wrong with the request.
fn found(app: &AppState, method: &Method, uri: &Uri) -> Result<Pieces, Refusal> {
    let resource = Resource::at(uri.path())?;
    if !matches!(*method, Method::GET | Method::HEAD) {
        let found = format!("this path does not answer {method}");
        let refused = format!("{found}; ask with GET or HEAD");
        return Err(Refusal::new(ErrorType::NotAllowed, refused));
    }
    let query = Query::read(resource, uri.query().unwrap_or_default())?;
    let snapshot = app.snapshot.borrow().clone();
    let unknown = |complaint| Refusal::new(ErrorType::NotFound, complaint);
    let data = match resource.kind {
        ResourceKind::OpenApi => return Ok(Box::new(std::iter::once(OPENAPI.clone()))),
        ResourceKind::Status => {
            let filter = query.filter();
            filter
                .complaint(&snapshot)
                .map_or(Ok(()), |it| Err(unknown(it)))?;
            pieces::status(snapshot, filter, app.clock.now())
        }
        ResourceKind::Alerts => {
            let builder = app.notification_builder.borrow().clone();
            let alerts = app.alerts.borrow().clone();
            let (mutes, now) = (app.notifiers.mutes(), app.clock.now());
            pieces::alerts(alerts, query.phase(), builder, mutes, snapshot, now)
        }
        ResourceKind::Transitions => {
            let wanted = query.wanted();
            let complaint = wanted.complaint(&snapshot, &app.transitions);
            complaint.map_or(Ok(()), |it| Err(unknown(it)))?;
            let wanted = wanted.as_kept();
            let (newest, truncated) = app
                .transitions
                .newest(|entry| wanted.includes(entry), query.limit());
            pieces::transitions(newest, truncated)
        }
    };
    Ok(pieces::enveloped(data))
}

/// An answer that is none, in the envelope.
pub(super) fn refuse(refusal: &Refusal) -> Response<ResponseBody> {
    let status = match refusal.error_type {
        ErrorType::BadData => StatusCode::BAD_REQUEST,
        ErrorType::NotFound => StatusCode::NOT_FOUND,
        ErrorType::NotAllowed => StatusCode::METHOD_NOT_ALLOWED,
    };
    let response = json(status, format!("{refusal}\n").into());
    match refusal.error_type {
        ErrorType::NotAllowed => with(response, ALLOW, "GET, HEAD"),
        ErrorType::BadData | ErrorType::NotFound => response,
    }
}

fn json(status: StatusCode, body: ResponseBody) -> Response<ResponseBody> {
    let mut response = with(Response::new(body), CONTENT_TYPE, "application/json");
    *response.status_mut() = status;
    response
}
