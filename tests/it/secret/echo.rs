//! A server that says back what it was sent, in every way that an error message could quote.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, header, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use tokio::net::TcpListener;

/// Serves until the test ends.
pub(crate) struct Echo {
    pub(crate) url: String,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    echoed: AtomicUsize,
    elsewhere: AtomicUsize,
}

impl Echo {
    /// The first segment of a path says how it is answered.
    pub(crate) const ANSWERS: [&str; 23] = [
        "401-header",
        "401-password",
        "401-percent",
        "401-twice",
        "401-gson",
        "401-html",
        "401-cut",
        "401-alone",
        "401-octal",
        "401-dump",
        "401-bytes",
        "401-quoted",
        "401-upper",
        "401-backwards",
        "500-json",
        "500-unicode",
        "200-string",
        "200-page",
        "200-spelt",
        "200-list",
        "200-describe",
        "200-escaped",
        "307-elsewhere",
    ];

    pub(crate) async fn start() -> Self {
        let counts = Arc::new(Counts::default());
        let elsewhere = listen(counts.clone(), |counts, _| {
            counts.elsewhere.fetch_add(1, Ordering::Relaxed);
            Response::new(Bytes::new())
        })
        .await;
        let url = listen(counts.clone(), move |counts, request| {
            counts.echoed.fetch_add(1, Ordering::Relaxed);
            answer(request, &elsewhere)
        })
        .await;
        Self { url, counts }
    }

    /// Requests with a credential.
    pub(crate) fn echoed(&self) -> usize {
        self.counts.echoed.load(Ordering::Relaxed)
    }

    /// Requests at the place that redirects lead to.
    pub(crate) fn asked_elsewhere(&self) -> usize {
        self.counts.elsewhere.load(Ordering::Relaxed)
    }
}

fn answer(request: &Request<Bytes>, elsewhere: &str) -> Response<Bytes> {
    if request.method() == Method::POST {
        return posted(request);
    }
    let header = request.headers()[header::AUTHORIZATION].to_str().unwrap();
    let password = password(header);
    let kind = request.uri().path().split('/').nth(1).unwrap();
    let is_list = request.uri().path().ends_with("/links");
    let body = match kind {
        "200-list" if is_list => {
            json!({ "data": [{ "link_name": header, "link_state": password }] }).to_string()
        }
        "200-describe" | "200-escaped" if is_list => {
            json!({ "data": [{ "link_name": "dr" }] }).to_string()
        }
        "200-describe" => described(&password).to_string(),
        // One letter of it is enough for a search that knows no escapes.
        "200-escaped" => described(&password)
            .to_string()
            .replace("-5ec", "-\\u0035ec"),
        "401-password" => format!("wrong password: {password}"),
        "401-percent" => utf8_percent_encode(&password, NON_ALPHANUMERIC).to_string(),
        "401-twice" => {
            let once = utf8_percent_encode(header, NON_ALPHANUMERIC).to_string();
            utf8_percent_encode(&once, NON_ALPHANUMERIC).to_string()
        }
        "401-gson" => header.replace('=', "\\u003d").replace('+', "\\u002b"),
        "401-html" => header.replace('=', "&#61;").replace('"', "&quot;"),
        "401-cut" => format!("Authorization: {}", &header[..header.len() / 2 + 4]),
        "401-octal" => each(header, "", |byte| format!("\\{byte:03o}")),
        "401-dump" => each(&password, " ", |byte| format!("{byte:02x}")),
        "401-bytes" => format!("[{}]", each(&password, ", ", |byte| byte.to_string())),
        "401-quoted" => each(header, "", |byte| format!("={byte:02X}")),
        "401-upper" => format!("AUTHORIZATION: {}", header.to_uppercase()),
        "401-backwards" => password.chars().rev().collect(),
        "401-alone" => URL_SAFE_NO_PAD.encode(&password),
        "200-spelt" | "500-unicode" => spelt(header),
        "500-json" => json!({ "header": header, "password": password }).to_string(),
        "200-string" => json!(format!("{header} {password}")).to_string(),
        _ => format!("<html>Authorization: {header}"),
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = kind[..3].parse().unwrap();
    let location = format!("{elsewhere}/?{kind}").parse().unwrap();
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// A good answer about a link, but for what it says of it.
fn described(password: &str) -> serde_json::Value {
    json!({
        "link_name": "dr",
        "link_state": password,
        "tasks": [{
            "task_name": "ConsumerOffsetSync",
            "state": password,
            "errors": [{ "error_code": password, "error_message": password }],
        }],
    })
}

/// What receivers of alerts say back: where it was posted, how it was signed and all that it was.
fn posted(request: &Request<Bytes>) -> Response<Bytes> {
    let body = String::from_utf8_lossy(request.body());
    let uri = request.uri();
    let authorization = request.headers().get(header::AUTHORIZATION);
    let said = format!("cannot POST {uri} by {authorization:?}: {body}");
    let said = match authorization.map(|header| password(header.to_str().unwrap())) {
        Some(password) => format!("{said} ({password})"),
        None => said,
    };
    let said = match uri.query() {
        Some("unicode") => spelt(&said),
        _ => said,
    };
    let mut response = Response::new(said.into());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// Every byte as `write` has it.
fn each(text: &str, between: &str, write: impl Fn(u8) -> String) -> String {
    text.bytes().map(write).collect::<Vec<_>>().join(between)
}

/// Every character by its number, as a cautious writer of JSON has it.
fn spelt(text: &str) -> String {
    let units: Vec<_> = text
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04x}"))
        .collect();
    units.concat()
}

/// What the header holds, in plain text.
fn password(header: &str) -> String {
    use base64::engine::general_purpose::STANDARD;
    match header.split_once(' ').unwrap() {
        ("Basic", pair) => {
            let pair = String::from_utf8(STANDARD.decode(pair).unwrap()).unwrap();
            pair.split_once(':').unwrap().1.to_owned()
        }
        (_, token) => token.to_owned(),
    }
}

/// Serves these answers on loopback; the URL.
async fn listen<F>(counts: Arc<Counts>, answer: F) -> String
where
    F: Fn(&Counts, &Request<Bytes>) -> Response<Bytes> + Clone + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (counts, answer) = (counts.clone(), answer.clone());
            let service = service_fn(move |request: Request<Incoming>| {
                let (answer, counts) = (answer.clone(), counts.clone());
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await.unwrap().to_bytes();
                    let request = Request::from_parts(parts, body);
                    Ok::<_, Infallible>(answer(&counts, &request).map(Full::new))
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    url
}
