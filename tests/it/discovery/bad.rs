//! Answers that are no list: each says what was found, what to do, and nothing of the credentials.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    asked::listed,
    server::{Answer, KEY, SECRET, Server, cluster, environment, list, page, settings},
};

/// The environments are there; the clusters are answered so.
async fn refused(answer: Answer) -> (String, Option<Duration>) {
    let server = Server::new(move |asked| {
        if asked.path.starts_with("/org/") {
            list(&[environment("env-1", "prod")])
        } else {
            answer.clone()
        }
    })
    .await;
    let error = listed(settings(&server.url)).await.unwrap_err();
    let told = error.to_string();
    for secret in [
        SECRET.to_owned(),
        STANDARD.encode(format!("{KEY}:{SECRET}")),
    ] {
        assert!(!told.contains(&secret), "{told}");
    }
    (told, error.retry_after())
}

#[tokio::test]
async fn each_refusal_says_what_was_found_and_what_to_do() {
    let of = "clusters of environment `env-1`: ";
    let body = r#"{"errors":[{"status":"401","code":"unauthorized","detail":"no"}]}"#;
    let role = "give the owner of the API key a role that may see environments and clusters, such as OrganizationAdmin or \
                EnvironmentAdmin, or leave the environment out of `environments`";
    for (answer, told) in [
        (
            Answer::status(401, body),
            format!(
                "HTTP 401: `{body}`; check the API key and secret, and that it is a Cloud API key: the key of a Kafka \
                 cluster is the wrong kind"
            ),
        ),
        (Answer::status(403, ""), format!("HTTP 403, empty body; {role}")),
        (
            Answer::status(404, "no"),
            "HTTP 404: `no`; check `url`: it is scheme and host of the organisation API, without `/org/v2`".to_owned(),
        ),
        (
            Answer::status(429, ""),
            "HTTP 429, empty body; the API throttles; raise `refresh_interval`".to_owned(),
        ),
        (
            Answer::status(500, "<html>\noops</html>"),
            "HTTP 500: `<html> oops</html>`; the server or a proxy before it is in trouble; the exporter asks again".to_owned(),
        ),
        (
            Answer::status(200, "<html>sign in</html>"),
            "the answer is not what this API sends: expected value at line 1 column 1: `<html>sign in</html>`; check `url`"
                .to_owned(),
        ),
        (
            Answer::json(&json!({ "data": null })),
            "the answer is not what this API sends: `data` is missing or null: `{\"data\":null}`; check `url`".to_owned(),
        ),
        (
            Answer::json(&json!({ "data": {} })),
            "the answer is not what this API sends: `data` is not a list: `{\"data\":{}}`; check `url`".to_owned(),
        ),
        (
            Answer::json(&json!({ "data": [], "metadata": { "next": 7 } })),
            "the answer is not what this API sends: `metadata.next` is neither a text nor null: \
             `{\"data\":[],\"metadata\":{\"next\":7}}`; check `url`"
                .to_owned(),
        ),
        // A cluster of a page that nobody names would count as gone.
        (
            Answer::json(&json!({ "data": [] })),
            "the answer is not what this API sends: `metadata` has neither `next` nor `total_size`, which say whether there is a further page: \
             `{\"data\":[]}`; check `url`"
                .to_owned(),
        ),
        (
            Answer::json(&json!({ "data": [], "metadata": { "first": null } })),
            "the answer is not what this API sends: `metadata` has neither `next` nor `total_size`, which say whether there is a further page: \
             `{\"data\":[],\"metadata\":{\"first\":null}}`; check `url`"
                .to_owned(),
        ),
        (
            Answer::json(&json!({ "data": [], "metadata": { "total_size": "2" } })),
            "the answer is not what this API sends: `metadata.total_size` is no whole number: \
             `{\"data\":[],\"metadata\":{\"total_size\":\"2\"}}`; check `url`"
                .to_owned(),
        ),
        (
            Answer::json(&json!({ "data": [], "metadata": { "total_size": 1 } })),
            "the list cannot be followed to its end: `metadata.next` is missing, and `metadata.total_size` counts more than \
             came; check `url`, and what stands between"
                .to_owned(),
        ),
    ] {
        assert_eq!(refused(answer).await.0, format!("{of}{told}"));
    }
}

#[tokio::test]
async fn what_repeats_the_credentials_is_neither_used_nor_quoted() {
    let (told, _) = refused(Answer::status(500, &format!("you sent {SECRET}"))).await;
    assert!(!told.contains("you sent"), "{told}");
    let pair = STANDARD.encode(format!("{KEY}:{SECRET}"));
    let echo = cluster("lkc-1", &pair, "https://a");
    let (told, _) = refused(list(&[echo])).await;
    assert!(
        told.starts_with("the answer repeats our credentials"),
        "{told}"
    );
}

#[tokio::test]
async fn a_list_that_breaks_off_is_no_list() {
    let good = || list(&[cluster("lkc-1", "orders", "https://a")]);
    let (told, _) = refused(good().cut()).await;
    assert!(told.contains("the answer was cut off"), "{told}");
    let whole = String::from_utf8(good().body).unwrap();
    let (told, _) = refused(Answer::status(200, &whole[..whole.len() / 2])).await;
    assert!(
        told.contains("the answer is not what this API sends: EOF"),
        "{told}"
    );
}

#[tokio::test]
async fn half_a_list_and_then_an_error_is_no_list() {
    let server = Server::new(|asked| match asked.path.as_str() {
        path if path.starts_with("/org/") => list(&[environment("env-1", "prod")]),
        path if path.contains("page_token") => Answer::status(500, ""),
        _ => page(
            &[cluster("lkc-1", "orders", "https://a")],
            &json!("/cmk/v2/clusters?environment=env-1&page_token=2"),
        ),
    })
    .await;
    let told = listed(settings(&server.url)).await.unwrap_err().to_string();
    assert!(
        told.starts_with("clusters of environment `env-1`: HTTP 500"),
        "{told}"
    );
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_asked_for() {
    let elsewhere = Server::new(|_| list(&[])).await;
    for next in [
        format!("{}/cmk/v2/clusters?page_token=2", elsewhere.url),
        "//evil.example/cmk/v2/clusters".to_owned(),
        "https://evil.example/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let (told, _) = refused(page(&[], &json!(next))).await;
        let expected = "clusters of environment `env-1`: the list cannot be followed to its end: `metadata.next` names \
                        another origin, which is not followed because the request carries credentials; check `url`, and \
                        what stands between";
        assert_eq!(told, expected, "{next}");
    }
    assert_eq!(elsewhere.asked(), []);
}

#[tokio::test]
async fn pages_in_a_circle_or_without_end_are_left() {
    let of = "clusters of environment `env-1`: the list cannot be followed to its end: ";
    let circle = json!("/cmk/v2/clusters?environment=env-1&page_size=100");
    let (told, _) = refused(page(&[], &circle)).await;
    assert!(
        told.starts_with(&format!(
            "{of}`metadata.next` names a page that was already read"
        )),
        "{told}"
    );

    let server = Server::new(|asked| {
        if asked.path.starts_with("/org/") {
            return list(&[environment("env-1", "prod")]);
        }
        let number = asked.path.rsplit('=').next().unwrap();
        let next: u64 = number.parse::<u64>().unwrap_or(0) + 1;
        page(
            &[],
            &json!(format!(
                "/cmk/v2/clusters?environment=env-1&page_token={next}"
            )),
        )
    })
    .await;
    let told = listed(settings(&server.url)).await.unwrap_err().to_string();
    assert!(
        told.starts_with(&format!("{of}there are more than 100 pages")),
        "{told}"
    );
    assert_eq!(server.asked().len(), 101);
}

#[tokio::test]
async fn who_sees_no_environment_is_told_that_a_role_is_missing() {
    let server = Server::new(|_| list(&[])).await;
    let told = listed(settings(&server.url)).await.unwrap_err().to_string();
    assert_eq!(
        told,
        "the list of environments is empty, and every organisation has one: give the owner of the API key a role that may \
         see environments and clusters, such as OrganizationAdmin or EnvironmentAdmin"
    );
}

#[tokio::test]
async fn how_long_the_api_wants_to_be_left_alone_is_read_from_what_it_sends() {
    let seconds = |answer: Answer| async { refused(answer).await.1.map(|wait| wait.as_secs()) };
    let throttled = || Answer::status(429, "");
    let cases: [(Answer, Option<u64>); 7] = [
        (throttled(), None),
        (throttled().header("Retry-After", 7), Some(7)),
        (throttled().header("X-RateLimit-Reset", 9), Some(9)),
        (
            throttled()
                .header("Retry-After", 7)
                .header("X-RateLimit-Reset", 9),
            Some(7),
        ),
        // It says when the limit begins anew, and the limit is not what was met.
        (Answer::status(500, "").header("X-RateLimit-Reset", 9), None),
        (Answer::status(503, "").header("Retry-After", 7), Some(7)),
        // Nothing passes by waiting where the credentials are wrong.
        (Answer::status(403, "").header("Retry-After", 7), None),
    ];
    for (answer, expected) in cases {
        let said = format!("{:?}", answer.headers);
        assert_eq!(seconds(answer).await, expected, "{said}");
    }
}

#[tokio::test]
async fn nobody_who_answers_is_told_where_and_what_to_check() {
    let told = listed(settings("http://127.0.0.1:1"))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        told.starts_with("no connection to `127.0.0.1:1`: ")
            && told.ends_with("; check `url`, DNS, firewall and `proxy_url`"),
        "{told}"
    );
}
