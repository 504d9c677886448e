//! Credentials that are sent as they are.

use std::fs;

use cluster_link_exporter::{api::Settings, client::Credential, secret::Secret};

use super::{
    basic, bearer, client, list, secret,
    server::{Server, empty_api},
    settings,
};

#[tokio::test]
async fn basic_is_sent_with_every_request() {
    let api = Server::api().await;
    list(&client(settings(&api, basic()))).await.unwrap();
    assert_eq!(api.headers("authorization"), ["Basic a2V5OmNhbmFyeQ=="]);
}

#[tokio::test]
async fn a_token_in_a_file_is_read_anew_for_every_poll() {
    let api = Server::api().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let client = client(settings(&api, bearer(Secret::File(file.path().into()))));
    // As an editor, `echo` with a blank line, and Windows leave it behind.
    for token in ["canary-1\n", "canary-2 \n\n", "\u{feff}canary-3\r\n"] {
        fs::write(file.path(), token).unwrap();
        list(&client).await.unwrap();
    }
    assert_eq!(
        api.headers("authorization"),
        ["Bearer canary-1", "Bearer canary-2", "Bearer canary-3"]
    );
}

#[tokio::test]
async fn a_jwt_goes_with_its_identity_pool() {
    let api = Server::api().await;
    let credential = Credential::Header {
        scheme: "Bearer".into(),
        credentials: secret("canary"),
        identity_pool_id: Some("pool-1".into()),
    };
    list(&client(settings(&api, credential))).await.unwrap();
    assert_eq!(api.headers("confluent-identity-pool-id"), ["pool-1"]);
}

#[tokio::test]
async fn no_credential_is_taken_to_another_origin() {
    let elsewhere = Server::api().await;
    for credential in [basic(), bearer(secret("canary"))] {
        let target = elsewhere.url().to_string();
        let api = Server::plain(move |_| (307, target.clone())).await;
        let error = list(&client(settings(&api, credential))).await.unwrap_err();
        assert_eq!(error.reason().label(), "bad_response", "{error}");
        assert_eq!(api.seen().len(), 1);
    }
    assert!(elsewhere.seen().is_empty(), "{:?}", elsewhere.seen());
}

#[tokio::test]
async fn a_cluster_id_that_is_not_configured_is_asked_for_once() {
    let api = Server::plain(empty_api).await;
    let client = client(Settings {
        cluster_id: None,
        ..settings(&api, basic())
    });
    list(&client).await.unwrap();
    list(&client).await.unwrap();
    let paths: Vec<_> = api.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(
        paths,
        [
            "/kafka/v3/clusters",
            "/kafka/v3/clusters/lkc-learnt/links",
            "/kafka/v3/clusters/lkc-learnt/links",
        ]
    );
}
