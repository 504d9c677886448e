//! Slack and Microsoft Teams, as far as their answers and their secrets go.

use cluster_link_exporter::{
    notify::{Receiver, Settings, Slack, Teams},
    secret::Secret,
};

use super::{Scene, alert, resolved, settings};
use crate::support::endpoint::{Answer, Server};

const CANARY: &str = "canary-of-the-url";

/// Both at this server.
fn receivers(server: &Server) -> [Settings; 2] {
    let url = || {
        let mut url = server.url();
        url.set_path(&format!("/services/{CANARY}"));
        Secret::Literal(url.as_str().into())
    };
    let slack = Slack {
        url: url(),
        channel: None,
    };
    let teams = Teams { url: url() };
    [
        settings("ops", Receiver::Slack(slack)),
        settings("ops", Receiver::Teams(teams)),
    ]
}

#[tokio::test]
async fn each_trigger_and_each_resolve_is_one_message() {
    for (place, status) in [(0, 200), (1, 202)] {
        let taken = Answer::Says(status, "ok".into());
        let server = Server::scripted([Answer::Later(429, 1), taken.clone(), taken]).await;
        let receiver = &receivers(&server)[place];
        let scene = Scene::notifying(std::slice::from_ref(receiver));
        let firing = alert("orders");
        for alert in [&firing, &firing, &resolved(&firing)] {
            scene.notify(alert);
        }
        scene.until_sent().await;
        assert_eq!(scene.counts("ops"), "delivered 2, failed 1");
        let seen = server.seen();
        let said: Vec<_> = seen.iter().map(|seen| seen.body.to_string()).collect();
        assert_eq!(said.len(), 3);
        assert_eq!(said[0], said[1]);
        assert!(said[1].contains("FIRING: A link failed."), "{}", said[1]);
        let time = firing.starts_at.strftime("%F %T UTC").to_string();
        let first = format!("it fired since {time}");
        assert!(said[2].contains("RESOLVED: A link failed.") && said[2].contains(&first));
        assert!(seen[1].at.duration_since(seen[0].at).as_secs() >= 1);
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_without_the_url_which_is_a_secret() {
    for (status, said, outcome) in [
        (400, "invalid_payload", "refused 1"),
        (404, "no_service", "failed 1"),
        (200, "sign in", "delivered 1"),
    ] {
        let body = format!("{said} at /services/{CANARY}");
        let server = Server::scripted([Answer::Says(status, body)]).await;
        let receiver = &receivers(&server)[0];
        let scene = Scene::notifying(std::slice::from_ref(receiver));
        scene.notify(&alert("orders"));
        let health = scene.until(|health| health.last.is_some()).await;
        assert_eq!(scene.counts("ops"), outcome);
        let shown = format!("{health:?} {receiver:?}");
        assert!(!shown.contains(CANARY), "{shown}");
        // What is tried again says why.
        let withheld = "HTTP 404: `(not quoted: the body holds the credential)`; check `url`";
        assert_eq!(shown.contains(withheld), status == 404, "{shown}");
    }
}
