//! Basic authentication and headers, as the file says at this moment.

use std::fs;

use base64::{Engine, prelude::BASE64_STANDARD};
use cluster_link_exporter::http::{Limits, WebConfig};

use crate::server::Server;

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

    fs::write(
        &file,
        "http_server_config: { headers: { X-Frame-Options: deny } }",
    )
    .unwrap();
    assert_eq!(statuses().await, [200, 200, 200]);
    let answer = server.ask("GET /", "").await;
    assert_eq!(answer.header("x-frame-options"), "deny");
}
