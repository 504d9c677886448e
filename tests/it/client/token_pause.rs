//! An issuer of tokens that wants to be left alone is, for as long as it says and no longer than we put up with.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use cluster_link_exporter::client::{Credential, Message, MetadataService, Sender, Transport};

use super::{
    NOW, client, failure, list, secret,
    server::{RETRY_AFTER, Server},
    settings,
    token::{oauth2, pass},
};

/// Answers the first request with this status and header, and all others with a token.
async fn busy_issuer(status: u16, retry_after: &'static str) -> Server {
    let asked = Arc::new(AtomicUsize::new(0));
    Server::plain(move |_| {
        if asked.fetch_add(1, Ordering::Relaxed) == 0 {
            (status, format!("{RETRY_AFTER}{retry_after}"))
        } else {
            (
                200,
                r#"{"access_token": "canary", "expires_in": 3600}"#.into(),
            )
        }
    })
    .await
}

fn mds(issuer: &Server) -> Credential {
    Credential::MetadataService(MetadataService {
        url: issuer.url(),
        username: secret("key"),
        password: secret("canary"),
        transport: Transport::default(),
    })
}

/// How messages name it, and the credential that it sells tokens for.
type Source = (&'static str, fn(&Server) -> Credential);

#[tokio::test]
async fn an_issuer_that_wants_to_be_left_alone_is_not_asked_again_by_the_next_poll() {
    let throttles =
        "it throttles: wait, and look what else asks it for tokens with the same user or client";
    let trouble = "check the URL, and whether the server is in trouble";
    let sources: [Source; 2] = [
        ("the token endpoint (`oauth2.token_url`)", |issuer| {
            Credential::OAuth2(oauth2(issuer))
        }),
        ("the Metadata Service (`metadata_service.url`)", mds),
    ];
    for (from, credential) in sources {
        for (status, class, advice) in [
            (429, "throttled", throttles),
            (500, "server_error", trouble),
            (503, "server_error", trouble),
        ] {
            let (api, issuer) = (Server::api().await, busy_issuer(status, "30").await);
            let client = client(settings(&api, credential(&issuer)));
            let first = format!("{class}: no token from {from}: HTTP {status}; {advice}");
            assert_eq!(failure(&client).await, first);
            let held = format!(
                "{class}: no token from {from}: not asked, because it answered HTTP {status} and wants a pause, which \
                 is kept to for up to 15m; {advice}"
            );
            assert_eq!(failure(&client).await, held);
            pass(Duration::from_secs(28)).await;
            assert_eq!(failure(&client).await, held);
            assert_eq!(issuer.seen().len(), 1, "asked too early");
            pass(Duration::from_secs(2)).await;
            list(&client).await.unwrap();
            assert_eq!(issuer.seen().len(), 2);
        }
    }
}

/// Longer than anybody is left alone; dates are compared with the clock of the issuer, which is real.
const LONG: [&str; 5] = [
    "86400",
    "99999999999999999999999",
    "Wed, 16 Jan 2069 08:00:00 GMT",
    "Wednesday, 16-Jan-69 08:00:00 GMT",
    "Wed Jan 16 08:00:00 2069",
];

#[tokio::test]
async fn a_poll_leaves_its_issuer_alone_for_a_quarter_of_an_hour_at_most() {
    for asked_for in LONG {
        let (api, issuer) = (Server::api().await, busy_issuer(503, asked_for).await);
        let client = client(settings(&api, Credential::OAuth2(oauth2(&issuer))));
        failure(&client).await;
        pass(Duration::from_secs(15 * 60 - 2)).await;
        failure(&client).await;
        assert_eq!(issuer.seen().len(), 1, "{asked_for}: asked too early");
        pass(Duration::from_secs(2)).await;
        list(&client).await.unwrap();
    }
}

#[tokio::test]
async fn no_issuer_silences_a_receiver_for_longer_than_a_minute() {
    for asked_for in LONG {
        let (receiver, issuer) = (Server::api().await, busy_issuer(429, asked_for).await);
        let credential = Credential::OAuth2(oauth2(&issuer));
        let sender =
            Sender::new(&credential, &Transport::default(), Duration::from_secs(5)).unwrap();
        let post = async || {
            let message = Message {
                url: receiver.url(),
                body: b"{}".to_vec(),
                secrets: Vec::new(),
            };
            sender.post(message, NOW).await
        };
        assert!(post().await.is_err());
        pass(Duration::from_secs(58)).await;
        assert_eq!(
            post().await.unwrap_err().to_string(),
            "no token from the token endpoint (`oauth2.token_url`): not asked, because it answered HTTP 429 and wants a \
             pause, which is kept to for up to 1m; it throttles: wait, and look what else asks it for tokens with the \
             same user or client"
        );
        assert_eq!(issuer.seen().len(), 1, "{asked_for}: asked too early");
        pass(Duration::from_secs(2)).await;
        assert_eq!(post().await.unwrap().status, 200, "{asked_for}");
    }
}

#[tokio::test]
async fn what_asks_for_no_pause_is_asked_again_by_the_next_poll() {
    for (status, retry_after) in [
        (429, "0"),
        (429, "-30"),
        (503, "soon"),
        (503, ""),
        (503, "Sun, 06 Nov 1994 08:49:37 GMT"),
        // It refuses us, which time does not change; the Metadata Service has no second way to be asked.
        (401, "30"),
        (404, "30"),
    ] {
        let (api, issuer) = (Server::api().await, busy_issuer(status, retry_after).await);
        let client = client(settings(&api, mds(&issuer)));
        failure(&client).await;
        list(&client).await.unwrap();
        assert_eq!(issuer.seen().len(), 2, "{status} {retry_after}");
    }
}

#[tokio::test]
async fn a_token_that_still_serves_outlasts_the_pause_of_its_issuer() {
    let api = Server::api().await;
    let asked = AtomicUsize::new(0);
    let issuer = Server::plain(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        1 => (429, format!("{RETRY_AFTER}20")),
        _ => (
            200,
            r#"{"access_token": "canary", "expires_in": 100}"#.into(),
        ),
    })
    .await;
    let client = client(settings(&api, Credential::OAuth2(oauth2(&issuer))));
    list(&client).await.unwrap();
    pass(Duration::from_secs(60)).await;
    for _ in 0..3 {
        list(&client).await.unwrap();
    }
    assert_eq!(issuer.seen().len(), 2);
    pass(Duration::from_secs(20)).await;
    list(&client).await.unwrap();
    assert_eq!(issuer.seen().len(), 3);
    assert_eq!(api.seen().len(), 5);
}
