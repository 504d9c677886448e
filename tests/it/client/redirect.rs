//! Redirects: one is followed, none costs requests that nobody counts, and each of the others says what it is.

use cluster_link_exporter::api::RequestLog;
use cluster_link_exporter::client::Credential;

use super::{
    NOW, basic, client, failure, list,
    server::{Answer, Seen, Server, empty_api},
    settings,
    token::oauth2,
};

const LINKS: &str = "/kafka/v3/clusters/lkc-1/links";
const TOKEN: &str = "no token from the token endpoint (`oauth2.token_url`)";

fn itself(status: u16) -> impl Fn(&Seen) -> Answer {
    move |seen| (status, seen.path.clone())
}

/// Every answer leads to another place of the server.
fn on_and_on(seen: &Seen) -> Answer {
    (307, format!("{}/more", seen.path))
}

#[tokio::test]
async fn a_server_that_redirects_to_itself_is_asked_once() {
    let check = "check `endpoint` and `base_path`, and a proxy before it";
    for status in [301, 302, 303, 307, 308] {
        let api = Server::plain(itself(status)).await;
        assert_eq!(
            failure(&client(settings(&api, basic()))).await,
            format!("bad_response: HTTP {status} redirects in a circle; {check}")
        );
        assert_eq!(api.seen().len(), 1);
    }
    // A fragment is not sent, and neither is a user: the same place.
    for more in ["#canary", "#1"] {
        let api = Server::plain(move |seen| (307, format!("{}{more}", seen.path))).await;
        failure(&client(settings(&api, basic()))).await;
        assert_eq!(api.seen().len(), 1);
    }
    let api = Server::plain(on_and_on).await;
    assert_eq!(
        failure(&client(settings(&api, basic()))).await,
        format!("bad_response: HTTP 307 redirects again after one redirect was followed; {check}")
    );
    assert_eq!(api.seen().len(), 2);
    let there_and_back = |seen: &Seen| match seen.path.as_str() {
        LINKS => (307, "/canary".into()),
        _ => (308, LINKS.into()),
    };
    let api = Server::plain(there_and_back).await;
    assert_eq!(
        failure(&client(settings(&api, basic()))).await,
        format!("bad_response: HTTP 308 redirects in a circle; {check}")
    );
    assert_eq!(api.seen().len(), 2);
}

#[tokio::test]
async fn one_redirect_within_the_origin_is_followed_and_counted() {
    let moved = |seen: &Seen| match seen.path.as_str() {
        LINKS => (307, format!("{LINKS}/")),
        _ => empty_api(seen),
    };
    let api = Server::plain(moved).await;
    let client = client(settings(&api, basic()));
    let log = RequestLog::default();
    let session = client.session(&log, NOW).await.unwrap();
    let cluster = session.cluster_id().await.unwrap();
    session.links(&cluster).await.unwrap();
    drop(session);
    let statuses: Vec<_> = log.into_requests().iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Some(307), Some(200)]);
    assert_eq!(api.seen().len(), 2);
}

#[tokio::test]
async fn a_status_that_leads_nowhere_says_so() {
    let nowhere = "names no place that a redirect could be followed to; check `endpoint` and `base_path`, and a proxy \
                   before it";
    for (status, location, expected) in [
        (
            304,
            "/canary",
            "HTTP 304, though nothing was asked conditionally; look at a cache before it".to_owned(),
        ),
        (300, "/canary", format!("HTTP 300 {nowhere}")),
        (307, "http://", format!("HTTP 307 {nowhere}")),
        (
            307,
            "http://canary.invalid/",
            "HTTP 307 redirects to another place, which is not followed because the request carries credentials; \
             check `endpoint` and `base_path`"
                .to_owned(),
        ),
    ] {
        let api = Server::plain(move |_| (status, location.into())).await;
        let said = failure(&client(settings(&api, basic()))).await;
        assert_eq!(said, format!("bad_response: {expected}"));
        assert_eq!(api.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_token_endpoint_that_redirects_to_itself_is_sent_the_secret_once() {
    let api = Server::api().await;
    for (issuer, asked, expected) in [
        (
            Server::plain(itself(307)).await,
            1,
            "HTTP 307 redirects in a circle; check the URL, and a proxy before it",
        ),
        (
            Server::plain(on_and_on).await,
            2,
            "HTTP 307 redirects again after one redirect was followed; check the URL, and a proxy before it",
        ),
        (
            Server::plain(itself(304)).await,
            1,
            "HTTP 304, though nothing was asked conditionally; look at a cache before it",
        ),
    ] {
        let client = client(settings(&api, Credential::OAuth2(oauth2(&issuer))));
        assert_eq!(
            list(&client).await.unwrap_err().to_string(),
            format!("{TOKEN}: {expected}")
        );
        assert_eq!(issuer.seen().len(), asked);
    }
}
