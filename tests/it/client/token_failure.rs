//! No token: the failure has its class, says that it was the token endpoint, and repeats nothing of it.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use cluster_link_exporter::{
    api::Settings,
    client::{Credential, MetadataService, OAuth2, Transport},
};
use tokio::net::TcpListener;

use super::{
    certificates::Authority,
    client, failure, list, secret,
    server::{Server, empty_api},
    settings,
    token::{oauth2, pass},
};

const FROM: &str = "no token from the token endpoint (`oauth2.token_url`)";

#[tokio::test]
async fn every_answer_without_a_token_has_its_class_and_advice() {
    let check = "check the user or client, its secret, and that it may have what is asked for";
    let trouble = "check the URL, and whether the server is in trouble";
    for (status, body, expected) in [
        (
            401,
            r#"{"error": "invalid_client", "error_description": "canary"}"#,
            format!(
                "auth: {FROM}: HTTP 401 `invalid_client` to the client secret in a Basic header, HTTP 401 \
                 `invalid_client` to the client secret in the form; {check}"
            ),
        ),
        (
            403,
            "canary",
            format!(
                "auth: {FROM}: HTTP 403 to the client secret in a Basic header, HTTP 403 to the client secret in the \
                 form; {check}"
            ),
        ),
        (
            429,
            "canary",
            format!(
                "throttled: {FROM}: HTTP 429; it throttles: wait, and look what else asks it for tokens with the same \
                 user or client"
            ),
        ),
        (
            407,
            "canary",
            format!(
                "bad_response: {FROM}: HTTP 407; the proxy wants a user and password: write them into `proxy_url` of \
                 this section"
            ),
        ),
        (
            503,
            "canary",
            format!("server_error: {FROM}: HTTP 503; {trouble}"),
        ),
        (
            307,
            "http://localhost:1/canary",
            format!(
                "bad_response: {FROM}: HTTP 307 redirects to another place, which is not followed because the \
                 request carries credentials; check the URL"
            ),
        ),
        (
            200,
            "<html>canary",
            format!("bad_response: {FROM}: the answer is not the JSON of a token; check the URL"),
        ),
        (
            200,
            r#"{"id_token": "canary"}"#,
            format!("bad_response: {FROM}: the answer holds no token; check the URL"),
        ),
    ] {
        let api = Server::api().await;
        let issuer = Server::plain(move |_| (status, body.into())).await;
        let client = client(settings(&api, Credential::OAuth2(oauth2(&issuer))));
        assert_eq!(failure(&client).await, expected);
        assert!(api.seen().is_empty(), "the API was asked without a token");
    }
}

#[tokio::test]
async fn the_metadata_service_is_named_where_it_refuses() {
    let api = Server::api().await;
    let mds = Server::plain(|_| (401, "canary".into())).await;
    let credential = Credential::MetadataService(MetadataService {
        url: mds.url(),
        username: secret("key"),
        password: secret("canary"),
        transport: Transport::default(),
    });
    assert_eq!(
        failure(&client(settings(&api, credential))).await,
        "auth: no token from the Metadata Service (`metadata_service.url`): HTTP 401 to the user and password; check \
         the user or client, its secret, and that it may have what is asked for"
    );
}

#[tokio::test]
async fn a_token_endpoint_that_cannot_be_reached_is_told_apart_from_the_api() {
    let api = Server::api().await;
    let at = |url: String| Settings {
        request_timeout: Duration::from_millis(200),
        ..settings(
            &api,
            Credential::OAuth2(OAuth2 {
                token_url: url.parse().unwrap(),
                ..oauth2(&api)
            }),
        )
    };
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_at = format!("http://{}", silent.local_addr().unwrap());
    assert_eq!(
        failure(&client(at(silent_at))).await,
        format!("timeout: {FROM}: no complete answer within 200ms; check the network path to it")
    );

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed_at = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let refused = failure(&client(at(closed_at))).await;
    assert!(
        refused.starts_with(&format!("connect: {FROM}: no connection to `127.0.0.1:")),
        "{refused}"
    );

    let tls = Server::tls(Authority::new().server("localhost"), empty_api).await;
    let mut settings = at(tls.url().into());
    settings.request_timeout = Duration::from_secs(5);
    let untrusted = failure(&client(settings)).await;
    assert!(
        untrusted.starts_with(&format!("tls: {FROM}: TLS failed: ")),
        "{untrusted}"
    );
}

/// What was logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_refreshed_serves_until_it_expires() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let api = Server::api().await;
    let asked = Mutex::new(0);
    let issuer = Server::plain(move |_| {
        let mut asked = asked.lock().unwrap();
        *asked += 1;
        match *asked {
            1 => (
                200,
                r#"{"access_token": "canary", "expires_in": 100}"#.into(),
            ),
            _ => (500, "canary".into()),
        }
    })
    .await;
    let client = client(settings(&api, Credential::OAuth2(oauth2(&issuer))));
    list(&client).await.unwrap();
    pass(Duration::from_secs(60)).await;
    list(&client).await.unwrap();
    pass(Duration::from_secs(41)).await;
    let expired = failure(&client).await;
    assert!(expired.starts_with("server_error: "), "{expired}");

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the token is not refreshed"), "{log}");
    assert!(!log.contains("canary"), "{log}");
}
