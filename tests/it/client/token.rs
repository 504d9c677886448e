//! Tokens that are fetched: how they are asked for, kept and refreshed.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use cluster_link_exporter::{
    api::{Client, RequestLog},
    client::{Credential, MetadataService, OAuth2, Transport},
    secret::Secret,
};
use futures_util::future::join_all;

use super::{
    NOW, client, list, secret,
    server::{Answer, Server, empty_api},
    settings,
};

pub(crate) fn oauth2(issuer: &Server) -> OAuth2 {
    OAuth2 {
        client_id: secret("exporter"),
        client_secret: secret("canary/1"),
        token_url: issuer.url().join("/token").unwrap(),
        scopes: Vec::new(),
        endpoint_params: Vec::new(),
        identity_pool_id: None,
        transport: Transport::default(),
    }
}

/// Issues `canary-1`, `canary-2` and so on, with this after the token.
pub(crate) async fn issuer(rest: &'static str) -> Server {
    let issued = AtomicUsize::new(0);
    Server::plain(move |_| {
        let number = 1 + issued.fetch_add(1, Ordering::Relaxed);
        answer(&format!("canary-{number}"), rest)
    })
    .await
}

fn answer(token: &str, rest: &str) -> Answer {
    let body = format!(r#"{{"access_token": "{token}", "token_type": "Bearer"{rest}}}"#);
    (200, body)
}

/// Time passes, but not while a request is under way: its deadline would.
pub(crate) async fn pass(duration: Duration) {
    tokio::time::pause();
    tokio::time::advance(duration).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_token_is_bought_with_the_secret_in_a_basic_header() {
    let (api, issuer) = (Server::api().await, issuer(r#", "expires_in": 3600"#).await);
    let client = client(settings(
        &api,
        Credential::OAuth2(OAuth2 {
            scopes: vec!["one".into(), "two".into()],
            endpoint_params: vec![("audience".into(), Secret::Literal("https://a".into()))],
            identity_pool_id: Some("pool-1".into()),
            ..oauth2(&issuer)
        }),
    ));
    let log = RequestLog::default();
    let session = client.session(&log, NOW).await.unwrap();
    assert_eq!(
        session.credential_expiry(),
        Some(NOW + Duration::from_secs(3600))
    );
    session.links(&"lkc-1".into()).await.unwrap();

    let [asked] = &issuer.seen()[..] else {
        panic!("{:?}", issuer.seen());
    };
    assert_eq!(
        (
            asked.method.as_str(),
            asked.path.as_str(),
            asked.header("content-type"),
            asked.header("authorization"),
            asked.body.as_str(),
        ),
        (
            "POST",
            "/token",
            "application/x-www-form-urlencoded",
            // exporter:canary%2F1
            "Basic ZXhwb3J0ZXI6Y2FuYXJ5JTJGMQ==",
            "grant_type=client_credentials&scope=one+two&audience=https%3A%2F%2Fa",
        )
    );
    assert_eq!(api.headers("authorization"), ["Bearer canary-1"]);
    assert_eq!(api.headers("confluent-identity-pool-id"), ["pool-1"]);
    drop(session);
    assert_eq!(log.into_requests().len(), 1, "only the API's are counted");
}

#[tokio::test]
async fn a_provider_that_wants_the_secret_in_the_form_is_remembered() {
    let api = Server::api().await;
    let issuer = Server::plain(|seen| {
        if seen
            .body
            .contains("client_id=exporter&client_secret=canary%2F1")
        {
            answer("canary", r#", "expires_in": 60"#)
        } else {
            (401, r#"{"error": "invalid_client"}"#.into())
        }
    })
    .await;
    let client = client(settings(&api, Credential::OAuth2(oauth2(&issuer))));
    list(&client).await.unwrap();
    pass(Duration::from_secs(45)).await;
    list(&client).await.unwrap();
    let basic = issuer.headers("authorization");
    let in_a_header: Vec<_> = basic.iter().map(|header| !header.is_empty()).collect();
    assert_eq!(in_a_header, [true, false, false]);
}

#[tokio::test]
async fn a_token_is_refreshed_three_minutes_early_or_at_half_its_lifetime() {
    for (rest, refreshed_after) in [
        (r#", "expires_in": 3600"#, 3420),
        (r#", "expires_in": "3600""#, 3420),
        (r#", "expires_in": 300"#, 150),
        ("", 30),
    ] {
        let (api, issuer) = (Server::api().await, issuer(rest).await);
        let client = client(settings(&api, Credential::OAuth2(oauth2(&issuer))));
        list(&client).await.unwrap();
        pass(Duration::from_secs(refreshed_after - 2)).await;
        list(&client).await.unwrap();
        assert_eq!(issuer.seen().len(), 1, "too early: {rest}");
        pass(Duration::from_secs(2)).await;
        list(&client).await.unwrap();
        assert_eq!(issuer.seen().len(), 2, "too late: {rest}");
        assert_eq!(
            api.headers("authorization"),
            ["Bearer canary-1", "Bearer canary-1", "Bearer canary-2"]
        );
    }
}

#[tokio::test]
async fn however_many_want_a_token_one_is_fetched() {
    let (api, issuer) = (Server::api().await, issuer(r#", "expires_in": 60"#).await);
    let client = client(settings(&api, Credential::OAuth2(oauth2(&issuer))));
    for listed in join_all((0..20).map(|_| list(&client))).await {
        listed.unwrap();
    }
    assert_eq!((issuer.seen().len(), api.seen().len()), (1, 20));
}

#[tokio::test]
async fn a_token_that_the_api_refuses_is_not_used_again() {
    let issuer = issuer(r#", "expires_in": 3600"#).await;
    let api = Server::plain(|seen| match seen.header("authorization") {
        "Bearer canary-2" => empty_api(seen),
        _ => (401, "revoked".into()),
    })
    .await;
    let client = client(settings(&api, Credential::OAuth2(oauth2(&issuer))));
    let error = list(&client).await.unwrap_err();
    assert_eq!(error.reason().label(), "auth");
    list(&client).await.unwrap();
    list(&client).await.unwrap();
    assert_eq!(issuer.seen().len(), 2);
}

#[tokio::test]
async fn the_metadata_service_sells_a_token_for_a_user_and_password() {
    let api = Server::api().await;
    let issuer = Server::plain(|_| {
        let body = r#"{"auth_token": "canary-1", "token_type": "Bearer", "expires_in": 3600}"#;
        (200, body.into())
    })
    .await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "canary").unwrap();
    let client: Client = client(settings(
        &api,
        Credential::MetadataService(MetadataService {
            url: issuer.url(),
            username: secret("key"),
            password: Secret::File(file.path().into()),
            transport: Transport::default(),
        }),
    ));
    let expiry = list(&client).await.unwrap();
    assert_eq!(expiry, Some(NOW + Duration::from_secs(3600)));
    list(&client).await.unwrap();
    let [asked] = &issuer.seen()[..] else {
        panic!("{:?}", issuer.seen());
    };
    assert_eq!(
        (
            asked.method.as_str(),
            asked.path.as_str(),
            asked.header("authorization")
        ),
        (
            "GET",
            "/security/1.0/authenticate",
            "Basic a2V5OmNhbmFyeQ=="
        )
    );
    assert_eq!(
        api.headers("authorization"),
        ["Bearer canary-1", "Bearer canary-1"]
    );
}
