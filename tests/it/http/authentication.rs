//! Basic authentication and headers, as the file says at this moment.

use std::{fs, io::ErrorKind};

use base64::{Engine, prelude::BASE64_STANDARD};
use cluster_link_exporter::http::{Limits, WebConfig};
use tokio::io::AsyncWriteExt;

use super::server::Server;

fn basic(user_and_password: &str) -> String {
    format!(
        "Authorization: Basic {}\r\n",
        BASE64_STANDARD.encode(user_and_password)
    )
}

fn user(name: &str, password: &str) -> String {
    format!(
        "basic_auth_users:\n  {name}: '{}'\n",
        bcrypt::hash(password, 4).unwrap()
    )
}

#[tokio::test]
async fn without_the_right_password_every_path_says_401_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yml");
    fs::write(&file, user("prometheus", "right")).unwrap();
    let server = Server::start(WebConfig::load(&file).unwrap(), Limits::default()).await;
    let nothing = String::new();
    for headers in [
        nothing,
        basic("prometheus:wrong"),
        basic("nobody:right"),
        "Authorization: Bearer x\r\n".into(),
    ] {
        for line in [
            "GET /",
            "GET /metrics",
            "GET /-/healthy",
            "GET /-/ready",
            "GET /nowhere",
            "GET /api/v1/status",
            "GET /api/v1/alerts",
            "GET /api/v1/transitions",
            "GET /api/v1/openapi.json",
            "GET /api/v1/nowhere",
            "POST /api/v1/status?x=y",
            "POST /metrics",
        ] {
            let answer = server.ask(line, &headers).await;
            assert_eq!(
                (
                    answer.status,
                    answer.header("www-authenticate"),
                    answer.text()
                ),
                (401, "Basic", "Unauthorized\n"),
                "{line} {headers}"
            );
        }
    }
    for _ in 0..2 {
        let answer = server.ask("GET /metrics", &basic("prometheus:right")).await;
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn users_and_headers_follow_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yml");
    fs::write(&file, user("prometheus", "old")).unwrap();
    let server = Server::start(WebConfig::load(&file).unwrap(), Limits::default()).await;
    let old = basic("prometheus:old");
    let new = basic("prometheus:new");
    let statuses = async || {
        [
            server.ask("GET /metrics", &old).await.status,
            server.ask("GET /metrics", &new).await.status,
            server.ask("GET /metrics", "").await.status,
        ]
    };
    assert_eq!(statuses().await, [200, 401, 401]);

    // Kubernetes puts another file in its place, rather than writing into it.
    let renewed = folder.path().join("renewed.yml");
    fs::write(&renewed, user("prometheus", "new")).unwrap();
    fs::rename(&renewed, &file).unwrap();
    assert_eq!(statuses().await, [401, 200, 401]);

    fs::write(&file, "basic_auth_users: { prometheus: no hash }").unwrap();
    assert_eq!(
        statuses().await,
        [401, 200, 401],
        "a bad file changes nothing"
    );

    let headers = "http_server_config: { headers: { X-Frame-Options: deny } }\n";
    fs::write(&file, headers.to_owned() + &user("prometheus", "new")).unwrap();
    assert_eq!(statuses().await, [401, 200, 401]);
    let answer = server.ask("GET /", &new).await;
    assert_eq!(answer.header("x-frame-options"), "deny");
}

#[tokio::test]
async fn a_file_without_users_lets_in_nobody_who_was_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yml");
    let users = user("prometheus", "right");
    fs::write(&file, &users).unwrap();
    let server = Server::start(WebConfig::load(&file).unwrap(), Limits::default()).await;
    let right = basic("prometheus:right");
    let headers = "http_server_config: { headers: { X-Frame-Options: deny } }\n";
    // An editor that writes in place, seen at every stage of it, and those who wrote just that.
    let stages = [
        "",
        "basic_auth_users:\n",
        "# nobody\n",
        headers,
        "basic_auth_users: {}\n",
        "",
        &users,
        "",
        &users,
    ];
    for stage in stages {
        fs::write(&file, stage).unwrap();
        for _ in 0..2 {
            assert_eq!(server.ask("GET /metrics", "").await.status, 401, "{stage}");
            assert_eq!(
                server.ask("GET /metrics", &right).await.status,
                200,
                "{stage}"
            );
        }
    }
    // A restart takes the file as it is.
    fs::write(&file, "").unwrap();
    let server = Server::start(WebConfig::load(&file).unwrap(), Limits::default()).await;
    assert_eq!(server.ask("GET /metrics", "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_client_is_served_while_others_guess_right_after_a_reload() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yml");
    // Dear enough that the guesses together take longer than anybody would wait.
    let users = format!(
        "basic_auth_users:\n  prometheus: '{}'\n",
        bcrypt::hash("right", 8).unwrap()
    );
    fs::write(&file, &users).unwrap();
    let server = Server::start(WebConfig::load(&file).unwrap(), Limits::default()).await;
    let right = basic("prometheus:right");
    assert_eq!(server.ask("GET /metrics", &right).await.status, 200);

    let headers = "http_server_config: { headers: { X-Frame-Options: deny } }\n";
    fs::write(&file, headers.to_owned() + &users).unwrap();
    let mut guesses = Vec::new();
    for number in 0..100 {
        let mut stream = server.connect().await;
        let guess = basic(&format!("prometheus:wrong-{number}"));
        let request = format!("GET /metrics HTTP/1.1\r\nHost: exporter\r\n{guess}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        guesses.push(stream);
    }
    let answer = server.ask("GET /metrics", &right).await;
    assert_eq!(
        (answer.status, answer.header("x-frame-options")),
        (200, "deny")
    );
    let last = guesses.last().unwrap();
    let early = last.try_read(&mut [0; 1]).map_err(|error| error.kind());
    assert_eq!(
        early,
        Err(ErrorKind::WouldBlock),
        "the guesses were not under way any more"
    );
}
