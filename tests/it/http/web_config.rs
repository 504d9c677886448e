//! The web configuration file: what is accepted, what is refused and in which words, and whether `promtool` agrees.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use assert_cmd::cargo::CommandCargoExt;
use cluster_link_exporter::http::WebConfig;

use super::certificates::Authority;
use crate::support::{self, golden::golden, installed};

/// The text with hashes in it, which no message may repeat.
fn with_hashes(text: &str) -> String {
    let hash = bcrypt::hash("canary", 4).unwrap();
    let hash = hash.replacen("$2b$", "$2y$", 1);
    let text =
        ["00", "03", "15", "17", "31", "32", "99"]
            .iter()
            .fold(text.to_owned(), |text, cost| {
                let dear = hash.replacen("$04$", &format!("${cost}$"), 1);
                text.replace(&format!("HASH-{cost}"), &dear)
            });
    text.replace("HASH", &hash)
}

const GOOD: &[&str] = &[
    "",
    "# only a comment\n",
    "tls_server_config: {}\nbasic_auth_users: {}\n",
    "tls_server_config: { cert_file: server.pem, key_file: server.key }\n",
    "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  client_ca_file: ca.pem\n  \
     client_auth_type: RequireAndVerifyClientCert\n  min_version: TLS12\n  max_version: TLS13\n  \
     prefer_server_cipher_suites: false\n  cipher_suites: []\n  curve_preferences: []\n",
    "http_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: sameorigin\n    \
     X-Content-Type-Options: nosniff\n    X-XSS-Protection: '0'\n    Strict-Transport-Security: max-age=3600\n    \
     Content-Security-Policy: default-src 'self'\n",
    "basic_auth_users:\n  no: HASH\n  prometheus: 'HASH'\n",
];

/// Refused by every exporter.
const BAD: &[&str] = &[
    "tls_server_confg: {}\nusers: { alice: canary }\n",
    "- canary\n",
    "canary\n",
    "tls_server_config: { cert_file: absent.pem, key_file: absent.key }\n",
    "tls_server_config: { cert_file: server.pem }\n",
    "tls_server_config: { cert_file: server.key, key_file: server.pem }\n",
    "tls_server_config: { cert_file: ca.pem, key_file: server.key }\n",
    "tls_server_config: { cert_file: server.pem, key_file: server.key, client_ca_file: ca.pem }\n",
    "tls_server_config: { cert_file: server.pem, key_file: server.key, client_auth_type: Canary, min_version: TLS14 }\n",
    "tls_server_config: { cert_file: server.pem, key_file: server.key, prefer_server_cipher_suites: canary, \
     cert_fil: canary }\n",
    "http_server_config: { http2: canary, headers: { X-Frame-Options: canary, Server: canary } }\n",
    "basic_auth_users: { alice: canary, 'HASH': bob, carol: '' }\n",
    "basic_auth_users: { alice: 'HASH-03', bob: 'HASH-00', carol: 'HASH-32', dave: 'HASH-99', eve: 'HASHx' }\n",
    "basic_auth_users: [canary]\n",
    "basic_auth_users:\n  alice: HASH\n  alice: HASH\n",
    "basic_auth_users: { alice: 'canary\n",
    "tls_server_config: &a [*a]\n",
    "tls_server_config: { cert_file: *canary }\n",
];

/// Accepted by exporters that are written in Go, and refused here: it asks for what rustls does not do, or for less
/// protection than it seems to.
const BAD_HERE: &[&str] = &[
    "tls_server_config: { cert_file: server.pem, key_file: server.key, min_version: TLS10, max_version: TLS11 }\n",
    "tls_server_config: { cert_file: server.pem, key_file: server.key, min_version: TLS13, max_version: TLS12 }\n",
    "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  \
     cipher_suites: [TLS_AES_128_GCM_SHA256]\n  curve_preferences: [X25519]\n",
    "tls_server_config: { cert_file: server.pem, key_file: server.key, client_auth_type: RequireAndVerifyClientCert }\n",
    "tls_server_config: { min_version: TLS13 }\n",
    "basic_auth_users: { alice: 'HASH-15', bob: 'HASH-17', carol: 'HASH-31' }\n",
    "basic_auth_users: { '': 'HASH', ':': 'HASH', 'team:alice': 'HASH' }\n",
];

/// A tag that says something else than the value, and aliases that come to more than any web configuration holds.
const BAD_YAML: &[&str] = &[
    "basic_auth_users: { alice: !canary HASH, bob: !canary }\n!canary http_server_config: !canary { http2: !!bool true }\n",
    "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n\
     c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n\
     e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\nbasic_auth_users: [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n",
    "basic_auth_users: {}\n---\ncanary\n",
];

/// Accepted or refused by newer exporters only than the `promtool` at hand.
const BAD_AND_NEW: &[&str] = &[
    "tls_server_config: { cert: canary, cert_file: server.pem, key: canary }\n",
    "tls_server_config: { cert_file: server.pem, key_file: server.key, client_allowed_sans: [canary] }\n",
    "rate_limit: { interval: 1s, burst: 5 }\n",
];

fn problems(authority: &Authority, text: &str) -> Option<String> {
    authority.write(&with_hashes(text));
    let loaded = WebConfig::load(&authority.path().join("web.yml"));
    let folder = format!("{}/", authority.path().display());
    loaded
        .err()
        .map(|problems| problems.to_string().replace(&folder, ""))
}

#[test]
fn good_files_are_accepted() {
    let authority = Authority::new();
    for text in GOOD {
        assert_eq!(problems(&authority, text), None, "{text}");
    }
}

#[test]
fn certificates_and_keys_may_stand_in_the_file() {
    let authority = Authority::new();
    let block = |name: &str| {
        let pem = fs::read_to_string(authority.path().join(name)).unwrap();
        pem.lines()
            .fold("|\n".to_owned(), |text, line| text + "    " + line + "\n")
    };
    let text = format!(
        "tls_server_config:\n  cert: {}  key: {}  client_ca: {}  client_auth_type: VerifyClientCertIfGiven\n",
        block("server.pem"),
        block("server.key"),
        block("ca.pem")
    );
    assert_eq!(problems(&authority, &text), None, "{text}");
}

#[test]
fn every_bad_file_says_all_that_is_wrong_and_repeats_no_value() {
    let authority = Authority::new();
    let mut shown = String::new();
    for text in BAD
        .iter()
        .chain(BAD_HERE)
        .chain(BAD_YAML)
        .chain(BAD_AND_NEW)
    {
        let problems = problems(&authority, text).unwrap_or_else(|| panic!("accepted: {text}"));
        for secret in ["canary", "Canary", "$2y$"] {
            assert!(!problems.contains(secret), "{problems}");
        }
        writeln!(shown, "{text}=> {}\n", problems.replace('\n', "\n=> ")).unwrap();
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/http/bad_web_configs.txt");
    golden(&file, &shown);
}

#[test]
fn promtool_accepts_and_refuses_the_same_files() {
    let authority = Authority::new();
    let file = authority.path().join("web.yml");
    for (texts, good) in [(GOOD, true), (BAD, false), (BAD_HERE, true)] {
        for text in texts {
            authority.write(&with_hashes(text));
            let mut promtool = match installed::command("PROMTOOL") {
                Ok(promtool) => promtool,
                Err(why) => {
                    let test = "promtool_accepts_and_refuses_the_same_files";
                    return support::skip(test, &why);
                }
            };
            promtool.args(["check", "web-config"]).arg(&file);
            let check = promtool.output().expect("it ran a moment ago");
            let said = String::from_utf8_lossy(&check.stderr);
            assert_eq!(check.status.success(), good, "{text}{said}");
        }
    }
}

#[test]
fn a_bad_file_keeps_the_exporter_from_starting() {
    let authority = Authority::new();
    authority.write("rate: 1\nusers: 2\n");
    let output = Command::cargo_bin("cluster-link-exporter")
        .unwrap()
        .current_dir(authority.path())
        .env_clear()
        .env("CLUSTERLINK_ENDPOINT", "http://127.0.0.1:1")
        .arg("--web.config.file=web.yml")
        .output()
        .unwrap();
    let known = "write one of `tls_server_config`, `http_server_config`, `basic_auth_users`";
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!(
            "web.yml:1:1: `rate`: found an unknown key; {known}\nweb.yml:2:1: `users`: found an unknown key; {known}\n"
        )
    );
    assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
}
