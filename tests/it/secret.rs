//! A secret that is put everywhere a secret can stand, while servers echo whatever they are sent, is printed nowhere.

mod echo;
mod proxy;

use std::{fmt::Write as _, fs, path::PathBuf, process::Command};

use base64::{Engine, engine::general_purpose::STANDARD};
use echo::Echo;
use tempfile::TempDir;

use crate::support::program::{Running, get, program, until_ready};

const CANARY: &str = "canary-5ec2e7/\\\"+";

/// Every form in which the secret could be printed.
fn forms() -> Vec<String> {
    let escaped = CANARY.replace('\\', r"\\").replace('"', "\\\"");
    let basic = STANDARD.encode(format!("key:{CANARY}"));
    // The part that no escaping touches, plainly and as base64 spells it after a pair's `key:`.
    let part = "canary-5ec2e7";
    let encoded = STANDARD.encode(format!("key:{part}"));
    let encoded = encoded.trim_end_matches('=').to_owned();
    // The beginnings that stay the same whatever follows: of the pair, of the secret alone, and of what is spelt out.
    let pair = STANDARD.encode("key:canary-5ec2");
    let alone = STANDARD.encode("canary-5ec2e");
    let spelt = |text: &str| -> String {
        let units = text.encode_utf16();
        units
            .map(|unit| format!("u{unit:04x}"))
            .collect::<Vec<_>>()
            .concat()
    };
    let spelt = [spelt("canary"), spelt(&pair)];
    // In octal, a dump, a list of bytes, quoted-printable, upper case and backwards.
    let written = [
        "\\143\\141\\156\\141\\162\\171",
        "143141156141162171",
        "63 61 6e 61 72 79",
        "99, 97, 110, 97, 114, 121",
        "=63=61=6E=61=72=79",
        "CANARY-5EC2E7",
        "7e2ce5-yranac",
    ]
    .map(str::to_owned);
    let upper = pair.to_uppercase();
    let plain = [CANARY, &escaped, &basic, part, &encoded, &pair, &alone];
    let plain = plain.map(str::to_owned).into_iter();
    plain.chain(spelt).chain(written).chain([upper]).collect()
}

#[track_caller]
fn assert_silent(place: &str, text: &str) {
    // However many backslashes are before what is spelt out.
    let bare = text.replace('\\', "");
    for form in forms() {
        let is_told = text.contains(&form) || bare.contains(&form);
        assert!(!is_told, "{place} holds `{form}`:\n{text}");
    }
}

/// The ways to sign in, by the keys of the configuration.
const WAYS: [(&str, &str); 6] = [
    (
        "basic-literal",
        "basic_auth: { username: key, password: LITERAL }",
    ),
    (
        "basic-file",
        "basic_auth: { username: key, password_file: secret }",
    ),
    (
        "basic-env",
        "basic_auth: { username: key, password_env: DR_SECRET }",
    ),
    ("bearer-literal", "authorization: { credentials: LITERAL }"),
    ("bearer-file", "authorization: { credentials_file: secret }"),
    (
        "bearer-env",
        "authorization: { credentials_env: DR_SECRET }",
    ),
];

/// The secrets of receivers, by the keys of the configuration; `ECHO` is the server.
const RECEIVERS: [(&str, &str); 11] = [
    ("path-literal", "webhook: { url: 'ECHO/hooks/CANARY' }"),
    ("query-literal", "webhook: { url: 'ECHO/?token=CANARY' }"),
    ("path-file", "webhook: { url_file: hook }"),
    ("path-env", "webhook: { url_env: HOOK }"),
    (
        "basic-file",
        "webhook: { url: 'ECHO', basic_auth: { username: key, password_file: secret } }",
    ),
    (
        "basic-unicode",
        "webhook: { url: 'ECHO/?unicode', basic_auth: { username: key, password_file: secret } }",
    ),
    (
        "routing-key-literal",
        "pagerduty: { routing_key: 'CANARY', url: 'ECHO' }",
    ),
    ("slack-literal", "slack: { url: 'ECHO/services/CANARY' }"),
    ("slack-file", "slack: { url_file: hook }"),
    ("teams-literal", "teams: { url: 'ECHO/?sig=CANARY' }"),
    (
        "routing-key-file",
        "pagerduty: { routing_key_file: secret, url: 'ECHO' }",
    ),
];

/// A folder with a configuration: every way to sign in, at every kind of answer.
struct Configuration {
    folder: TempDir,
    clusters: usize,
}

impl Configuration {
    fn write(echo: &Echo) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), CANARY).unwrap();
        let mut yaml = "clusters:\n".to_owned();
        let mut clusters = 0;
        for (way, authentication) in WAYS {
            for answer in Echo::ANSWERS {
                let literal = format!("'{CANARY}'");
                let authentication = authentication.replace("LITERAL", &literal);
                let _ = write!(
                    yaml,
                    "  - name: {way} {answer}\n    cluster_id: lkc-1\n    endpoint: {}\n    base_path: /{answer}\n    {authentication}\n",
                    echo.url,
                );
                clusters += 1;
            }
        }
        yaml.push_str("alerting:\n  receivers:\n");
        for (name, receiver) in RECEIVERS {
            let receiver = receiver
                .replace("ECHO", &echo.url)
                .replace("CANARY", CANARY);
            let _ = writeln!(yaml, "  - {{ name: {name}, {receiver} }}");
        }
        fs::write(folder.path().join("hook"), hook(echo)).unwrap();
        fs::write(folder.path().join("exporter.yaml"), yaml).unwrap();
        Self { folder, clusters }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("exporter.yaml")
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command.arg("--config.file").arg(self.file());
        command.args(["--log.level", "trace"]);
        command.env("DR_SECRET", CANARY);
        command.env("HOOK", format!("https://hooks.example/{CANARY}"));
        command
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_logged_or_served_though_the_servers_echo_it() {
    let echo = Echo::start().await;
    let configuration = Configuration::write(&echo);
    for format in ["logfmt", "json"] {
        let serve = [
            "--web.listen-address",
            "127.0.0.1:0",
            "--log.format",
            format,
        ];
        let mut running = Running::start(configuration.program(&serve));
        let address = running.address();
        until_ready(&address).await;
        let (_, page) = get(&format!("http://{address}/")).await;
        for path in ["", "metrics", "-/ready", "-/healthy"] {
            let (_, text) = get(&format!("http://{address}/{path}")).await;
            assert_silent(path, &text);
        }
        let (_, status) = get(&format!("http://{address}/api/v1/status")).await;
        assert_silent("the status", &status);
        assert!(status.contains("HTTP 401"), "{status}");
        for path in ["alerts", "transitions", "openapi.json"] {
            let (code, text) = get(&format!("http://{address}/api/v1/{path}")).await;
            assert_eq!(code, 200);
            assert_silent(path, &text);
        }
        let outcome = running.stop("TERM");
        assert_silent("standard output", &outcome.stdout);
        assert_silent("standard error", &outcome.stderr);

        // What makes the silence worth something: the servers were sent the secret, and what they said was quoted.
        for told in [
            "HTTP 401",
            "HTTP 500",
            "not what this API sends",
            "repeats our credentials",
            "redirects",
            "the body holds",
        ] {
            assert!(page.contains(told), "{told}: {page}");
            assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
        }
    }
    assert!(echo.echoed() >= 2 * configuration.clusters);
    assert_eq!(echo.asked_elsewhere(), 0, "the credential left its origin");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_table_and_the_document_of_tasks() {
    let echo = Echo::start().await;
    let configuration = Configuration::write(&echo);
    for format in ["table", "json"] {
        let output = configuration
            .program(&["tasks", "--output", format])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert_silent(
            "standard output",
            &String::from_utf8(output.stdout).unwrap(),
        );
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains("the body holds"), "{errors}");
        assert_silent("standard error", &errors);
    }
    assert_eq!(echo.asked_elsewhere(), 0, "the credential left its origin");
}

/// A URL that is a secret.
fn hook(echo: &Echo) -> String {
    format!("{}/hooks/{CANARY}", echo.url)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_receiver_is_told_by_a_test_of_it() {
    let echo = Echo::start().await;
    let configuration = Configuration::write(&echo);
    for (name, _) in RECEIVERS {
        for format in ["logfmt", "json"] {
            let mut command = configuration.program(&["test-alert", name, "--log.format", format]);
            let output = command.env("HOOK", hook(&echo)).output().unwrap();
            let errors = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{errors}");
            assert!(errors.contains("the body holds"), "{errors}");
            assert_silent("standard error", &errors);
            assert!(output.stdout.is_empty());
        }
    }
    assert_eq!(echo.echoed(), 2 * RECEIVERS.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credentials_of_a_simulated_api_are_not_printed() {
    let pair = format!("key:{CANARY}");
    let simulate = [
        "simulate",
        "healthy",
        "--log.level",
        "trace",
        "--web.listen-address",
        "127.0.0.1:0",
    ];
    let mut running = Running::start(program(&[&simulate[..], &["--basic-auth", &pair]].concat()));
    let url = url::Url::parse(&running.until("http://")).unwrap();
    for (password, expected) in [(CANARY, 200), ("canary-5ec2e7", 401)] {
        let mut signed = url.clone();
        signed.set_username("key").unwrap();
        signed.set_password(Some(password)).unwrap();
        let (status, body) = get(signed.as_str()).await;
        assert_eq!(status, expected);
        assert_silent("the simulated API", &body);
    }
    let outcome = running.stop("TERM");
    assert_silent("standard output", &outcome.stdout);
    assert_silent("standard error", &outcome.stderr);

    let output = program(&["simulate", "--basic-auth", CANARY])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_silent("standard error", &String::from_utf8(output.stderr).unwrap());
}
