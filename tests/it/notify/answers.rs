//! Receivers that are in trouble, and what becomes of the alerts.

use std::time::Duration;

use cluster_link_exporter::notify::Settings;
use futures_util::future::join_all;

use super::{Scene, alert, alertmanager, resolved, webhook};
use crate::support::endpoint::{Answer, Server};

fn ok() -> Answer {
    Answer::Says(200, String::new())
}

#[tokio::test]
async fn a_receiver_in_trouble_is_tried_again_and_nothing_is_lost() {
    let troubles = [
        Answer::Says(500, "oops".into()),
        Answer::Says(404, String::new()),
        Answer::Elsewhere(302, "/login".into()),
        Answer::Hangs,
        Answer::Closes,
    ];
    let tried = troubles.map(|trouble| async move {
        let server = Server::scripted([trouble.clone(), ok()]).await;
        let scene = Scene::notifying(&[Settings {
            timeout: Duration::from_millis(300),
            ..webhook(&server.url())
        }]);
        scene.notify(&alert("orders"));
        scene.until_sent().await;
        let seen = server.seen();
        assert_eq!(seen.len(), 2, "{trouble:?}");
        assert_eq!(seen[0].body, seen[1].body);
        assert_eq!(scene.counts("ops"), "delivered 1, failed 1", "{trouble:?}");
        assert_eq!(scene.notifiers.health()[0].failing, None);
    });
    join_all(tried).await;
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_tried_until_it_is() {
    let gone = Server::kind().await.url();
    let mut nobody = gone;
    nobody.set_port(Some(1)).unwrap();
    let scene = Scene::notifying(&[webhook(&nobody)]);
    scene.notify(&alert("orders"));
    let health = scene.until(|health| health.failing.is_some()).await;
    let problem = health.failing.unwrap().problem;
    assert_eq!(
        problem,
        "no connection to `127.0.0.1:1`: tcp connect error: Connection refused (os error 111); check `url`, DNS, firewall and `proxy_url`"
    );
    assert_eq!(health.queued, 1);
}

#[tokio::test]
async fn a_pause_that_the_receiver_asks_for_is_kept() {
    let server = Server::scripted([Answer::Later(429, 1), ok()]).await;
    let scene = Scene::notifying(&[webhook(&server.url())]);
    scene.notify(&alert("orders"));
    let seen = server.until(2).await;
    assert!(seen[1].at - seen[0].at >= Duration::from_secs(1));
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_sent_again_and_the_next_is() {
    let server = Server::scripted([Answer::Says(400, "bad".into()), ok()]).await;
    let scene = Scene::notifying(&[webhook(&server.url())]);
    scene.notify(&alert("orders"));
    scene.until_sent().await;
    assert_eq!(scene.counts("ops"), "refused 1");
    for again in [alert("orders"), resolved(&alert("orders")), alert("sales")] {
        scene.notify(&again);
    }
    scene.until_sent().await;
    assert_eq!(scene.counts("ops"), "delivered 1, refused 1");
    assert_eq!(server.seen()[1].body["commonLabels"]["link_name"], "sales");
}

#[tokio::test]
async fn a_problem_quotes_two_hundred_bytes_and_says_what_to_check() {
    let cases = [
        (
            500,
            "x".repeat(500),
            format!(
                "`{}`; the receiver or a proxy before it is in trouble",
                "x".repeat(200)
            ),
        ),
        (
            401,
            "who\nare you".to_owned(),
            "`who are you`; check the receiver's credentials".to_owned(),
        ),
    ];
    for (status, body, said) in cases {
        let server = Server::scripted([Answer::Says(status, body)]).await;
        let scene = Scene::notifying(&[alertmanager(&server.url())]);
        scene.notify(&alert("orders"));
        let health = scene.until(|health| health.failing.is_some()).await;
        assert_eq!(
            health.failing.unwrap().problem,
            format!("HTTP {status}: {said}")
        );
    }
}

#[tokio::test]
async fn an_answer_that_leads_elsewhere_says_what_to_write_and_a_304_is_none() {
    for (answer, said) in [
        (
            Answer::Elsewhere(307, "/canary".into()),
            "HTTP 307, empty body; redirects are not followed: write the place that this one leads to as `url`",
        ),
        (
            Answer::Says(304, String::new()),
            "HTTP 304, empty body; nothing was asked conditionally: look at a cache before the receiver",
        ),
    ] {
        let server = Server::scripted([answer]).await;
        let scene = Scene::notifying(&[webhook(&server.url())]);
        scene.notify(&alert("orders"));
        let health = scene.until(|health| health.failing.is_some()).await;
        assert_eq!(health.failing.unwrap().problem, said);
    }
}

#[tokio::test]
async fn one_receiver_that_hangs_holds_up_no_other() {
    let (hanging, kind) = (
        Server::scripted([Answer::Hangs]).await,
        Server::kind().await,
    );
    let scene = Scene::notifying(&[webhook(&hanging.url()), alertmanager(&kind.url())]);
    scene.notify(&alert("orders"));
    kind.until(1).await;
    hanging.until(1).await;
    assert_eq!(
        scene.until(|health| health.queued == 1).await.receiver,
        "ops"
    );
}

#[tokio::test]
async fn a_stop_sends_what_is_left() {
    let server = Server::scripted([Answer::Later(503, 600), ok()]).await;
    let scene = Scene::notifying(&[webhook(&server.url())]);
    scene.notify(&alert("orders"));
    server.until(1).await;
    scene.notify(&resolved(&alert("orders")));
    scene.notify(&alert("sales"));
    scene.stop().await;
    let notified = server.seen().into_iter().skip(1);
    let notified: Vec<_> = notified
        .map(|seen| {
            format!(
                "{} {}",
                seen.body["commonLabels"]["link_name"], seen.body["status"]
            )
        })
        .collect();
    assert_eq!(notified.len(), 3, "{notified:?}");
    let place = |what: &str| {
        notified
            .iter()
            .position(|notified| notified == what)
            .unwrap()
    };
    assert!(
        place("\"orders\" \"firing\"") < place("\"orders\" \"resolved\""),
        "{notified:?}"
    );
}
