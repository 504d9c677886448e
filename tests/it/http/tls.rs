//! TLS: who gets through the handshake, and what happens when a certificate is renewed.

use std::{fs, time::Duration};

use cluster_link_exporter::http::Limits;
use rustls::{
    ALL_VERSIONS, SupportedProtocolVersion,
    version::{TLS12, TLS13},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    certificates::{Authority, Identity},
    server::{Server, ask, rest},
};

const SERVER: &str = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";

async fn serve(authority: &Authority, text: &str) -> Server {
    Server::start(authority.load(text), Limits::default()).await
}

/// Whether such a client gets an answer. TLS 1.3 tells a client that it was refused only after its own handshake.
async fn answers(
    server: &Server,
    authority: &Authority,
    identity: Option<&Identity>,
    versions: &[&'static SupportedProtocolVersion],
) -> bool {
    let connected = authority.connect(server.address, identity, versions).await;
    let Ok(mut stream) = connected else {
        return false;
    };
    let request = b"GET /-/healthy HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\n\r\n";
    let _ = stream.write_all(request).await;
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text).await;
    text.starts_with("HTTP/1.1 200")
}

#[tokio::test]
async fn it_serves_tls_and_nothing_in_clear() {
    let authority = Authority::new();
    let server = serve(&authority, SERVER).await;
    let stream = authority
        .connect(server.address, None, ALL_VERSIONS)
        .await
        .unwrap();
    assert_eq!(ask(stream, "GET /metrics", "").await.status, 200);

    let mut plain = server.connect().await;
    plain
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let told = rest(&mut plain).await;
    assert!(
        !told.starts_with(b"HTTP"),
        "{}",
        String::from_utf8_lossy(&told)
    );
}

#[tokio::test]
async fn each_policy_lets_in_the_clients_it_names() {
    let authority = Authority::new();
    let (ours, strangers) = (authority.identity(), Authority::new().identity());
    let cases = [
        ("NoClientCert", "", [true, true, true]),
        ("RequestClientCert", "", [true, true, true]),
        ("RequireAnyClientCert", "", [false, true, true]),
        (
            "VerifyClientCertIfGiven",
            "  client_ca_file: ca.pem\n",
            [true, true, false],
        ),
        (
            "RequireAndVerifyClientCert",
            "  client_ca_file: ca.pem\n",
            [false, true, false],
        ),
    ];
    for (policy, authority_file, expected) in cases {
        let text = format!("{SERVER}  client_auth_type: {policy}\n{authority_file}");
        let server = serve(&authority, &text).await;
        for versions in [&[&TLS12][..], &[&TLS13]] {
            let mut let_in = Vec::new();
            for identity in [None, Some(&ours), Some(&strangers)] {
                let_in.push(answers(&server, &authority, identity, versions).await);
            }
            assert_eq!(
                let_in, expected,
                "{policy}: none, ours, a stranger's; {versions:?}"
            );
        }
    }
}

#[tokio::test]
async fn versions_outside_the_limits_are_refused() {
    let authority = Authority::new();
    for (limit, expected) in [
        ("", [true, true]),
        ("  min_version: TLS13\n", [false, true]),
        ("  max_version: TLS12\n", [true, false]),
    ] {
        let server = serve(&authority, &format!("{SERVER}{limit}")).await;
        let answered = [
            answers(&server, &authority, None, &[&TLS12]).await,
            answers(&server, &authority, None, &[&TLS13]).await,
        ];
        assert_eq!(answered, expected, "{limit}");
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_used_at_once_and_a_broken_one_never() {
    let authority = Authority::new();
    let server = serve(&authority, SERVER).await;
    let shown = async || {
        let stream = authority
            .connect(server.address, None, ALL_VERSIONS)
            .await
            .unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].clone()
    };
    let first = authority.server_certificate();
    assert_eq!(shown().await, first);

    authority.renew_server();
    let second = authority.server_certificate();
    assert_ne!(first, second);
    assert_eq!(shown().await, second);

    fs::write(authority.path().join("server.key"), "broken").unwrap();
    assert_eq!(shown().await, second);
    fs::remove_file(authority.path().join("server.pem")).unwrap();
    assert_eq!(shown().await, second);

    authority.renew_server();
    assert_eq!(shown().await, authority.server_certificate());
}

#[tokio::test]
async fn a_file_that_would_turn_tls_off_changes_nothing() {
    let authority = Authority::new();
    let server = serve(&authority, SERVER).await;
    authority.write("");
    assert!(answers(&server, &authority, None, ALL_VERSIONS).await);
}

#[tokio::test]
async fn a_file_that_would_let_in_clients_without_a_certificate_changes_nothing() {
    let authority = Authority::new();
    let ours = authority.identity();
    let required = format!(
        "{SERVER}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
    );
    let server = serve(&authority, &required).await;
    let optional = required.replace("RequireAndVerifyClientCert", "VerifyClientCertIfGiven");
    for text in [SERVER, &optional] {
        authority.write(text);
        assert!(
            !answers(&server, &authority, None, ALL_VERSIONS).await,
            "{text}"
        );
        assert!(
            answers(&server, &authority, Some(&ours), ALL_VERSIONS).await,
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_client_that_never_speaks_tls_is_cut_off_and_hurts_nobody() {
    let authority = Authority::new();
    let limits = Limits {
        handshake_timeout: Duration::from_millis(300),
        connections: 1,
        ..Limits::default()
    };
    let server = Server::start(authority.load(SERVER), limits).await;
    let mut silent = server.connect().await;
    assert!(answers(&server, &authority, None, ALL_VERSIONS).await);
    assert_eq!(rest(&mut silent).await, b"");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_handshake() {
    let authority = Authority::new();
    let server = serve(&authority, SERVER).await;
    let _silent = server.connect().await;
    // Accepted in order: when this one was answered, the silent one is in its handshake.
    assert!(answers(&server, &authority, None, ALL_VERSIONS).await);
    server.shutdown.cancel();
    let stopped = tokio::time::timeout(Duration::from_secs(2), server.stopped).await;
    stopped
        .expect("a handshake is no answer under way")
        .unwrap();
}
