//! The client keys hold for receivers as they do for clusters, and no secret is passed on.

use std::fs;

use cluster_link_exporter::{
    client::Credential,
    notify::{PagerDuty, Receiver, Settings, Webhook},
    secret::Secret,
    telemetry::logging::LogLevel,
};

use super::{Scene, alert, log::Log, settings, webhook};
use crate::support::endpoint::{Answer, Server};

const CANARY: &str = "canary-5ec2e7";

fn secret(text: &str) -> Secret {
    Secret::Literal(text.into())
}

#[tokio::test]
async fn a_receiver_is_signed_in_to_like_a_cluster() {
    let server = Server::kind().await;
    let basic = Credential::Basic {
        username: secret("key"),
        password: secret("secret"),
    };
    let scene = Scene::notifying(&[Settings {
        credential: basic,
        ..webhook(&server.url())
    }]);
    scene.notify(&alert("orders"));
    let seen = &server.until(1).await[0];
    assert_eq!(seen.headers["authorization"], "Basic a2V5OnNlY3JldA==");
    assert_eq!(
        seen.headers["user-agent"],
        format!("cluster-link-exporter/{}", env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test]
async fn the_file_of_a_secret_url_is_read_for_every_message() {
    let (first, second) = (Server::kind().await, Server::kind().await);
    let file = tempfile::NamedTempFile::new().unwrap();
    let write = |url: &str| fs::write(file.path(), format!("{url}\n")).unwrap();
    write(first.url().as_str());
    let url = Secret::File(file.path().into());
    let scene = Scene::notifying(&[settings("ops", Receiver::Webhook(Webhook { url }))]);
    scene.notify(&alert("orders"));
    first.until(1).await;
    scene.until_sent().await;
    write(second.url().join("/hook?a=b").unwrap().as_str());
    scene.notify(&alert("sales"));
    assert_eq!(second.until(1).await[0].path, "/hook?a=b");
}

#[tokio::test]
async fn no_secret_of_a_receiver_is_passed_on_though_it_says_it_back() {
    let log = Log::of(LogLevel::Trace);
    let server = Server::answering(|seen, _| {
        let authorization = seen.headers.get("authorization");
        let authorization = authorization.map_or("", |value| value.to_str().unwrap());
        let key = &seen.body["routing_key"];
        Answer::Says(500, format!("cannot {} {authorization} {key}", seen.path))
    })
    .await;
    let in_path = server.url().join(&format!("/hooks/{CANARY}")).unwrap();
    let in_query = server.url().join(&format!("/?token={CANARY}")).unwrap();
    let bearer = Credential::Header {
        scheme: "Bearer".into(),
        credentials: secret(CANARY),
        identity_pool_id: None,
    };
    let pagerduty = PagerDuty {
        url: server.url(),
        routing_key: secret(CANARY),
    };
    let nowhere = format!("http://127.0.0.1:1/{CANARY}").parse().unwrap();
    let receivers = [
        webhook(&in_path),
        webhook(&in_query),
        Settings {
            credential: bearer,
            ..webhook(&server.url())
        },
        settings("ops", Receiver::PagerDuty(pagerduty)),
        webhook(&nowhere),
    ];
    for receiver in receivers {
        let scene = Scene::notifying(std::slice::from_ref(&receiver));
        scene.notify(&alert("orders"));
        let health = scene.until(|health| health.failing.is_some()).await;
        let shown = format!(
            "{receiver:?} {health:?} {} {:?}",
            scene.telemetry.text(),
            log.lines()
        );
        assert!(!shown.contains(CANARY), "{shown}");
        let problem = health.failing.unwrap().problem;
        assert!(
            problem.contains("the body holds the credential") || problem.contains("no connection"),
            "{problem}"
        );
    }
    assert_eq!(server.seen().len(), 4);
}
