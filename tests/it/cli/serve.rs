//! Serving: addresses, health, signals, and what is logged meanwhile.

use std::net::TcpListener;

use cluster_link_exporter::simulator::Scenario;

use super::{assert_says, described, described_at, tasks::simulator};
use crate::support::program::{Outcome, Running, get, program, until_ready};

const ANY_PORT: [&str; 2] = ["--web.listen-address", "127.0.0.1:0"];

/// An address of this machine on which nobody listens.
fn silent_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Standard error, the times and the port replaced.
fn log(outcome: &Outcome) -> String {
    let times = regex::Regex::new(r"(?m)^ts=\S+").unwrap();
    let ports = regex::Regex::new(r"127\.0\.0\.1:\d+").unwrap();
    let log = times.replace_all(&outcome.stderr, "ts=T");
    ports.replace_all(&log, "127.0.0.1:PORT").into_owned()
}

#[test]
fn an_address_that_cannot_be_had_is_one_line_and_status_1() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken
        .local_addr()
        .map(|address| (address.to_string(), taken));
    let (taken, _listener) = taken.unwrap();
    let cases = [
        (taken.as_str(), "Address already in use (os error 98)"),
        (
            "192.0.2.1:10191",
            "Cannot assign requested address (os error 99)",
        ),
    ];
    for (address, why) in cases {
        let line =
            |flag| format!("cannot listen on `{address}`: {why}; choose another with `{flag}`\n");
        let line_of_web = line("--web.listen-address");
        let web = ["--web.listen-address", address];
        assert_says(described(&web), 1, "", &line_of_web);
        for command in ["demo", "simulate"] {
            let arguments = [&[command], &web[..]].concat();
            assert_says(program(&arguments), 1, "", &line_of_web);
        }
        let arguments = [&["demo", "--api-address", address], &ANY_PORT[..]].concat();
        assert_says(program(&arguments), 1, "", &line("--api-address"));
    }
}

#[test]
fn a_second_start_on_the_same_port_says_so() {
    let mut first = Running::start(described(&ANY_PORT));
    let address = first.address();
    assert_says(
        described(&["--web.listen-address", &address]),
        1,
        "",
        &format!(
            "cannot listen on `{address}`: Address already in use (os error 98); \
             choose another with `--web.listen-address`\n"
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_stops_it_with_status_0_and_a_healthy_poll_says_nothing() {
    let (_simulator, endpoint) = simulator(Scenario::named("healthy").unwrap()).await;
    for signal in ["TERM", "INT"] {
        let mut command = described_at(&endpoint, &ANY_PORT);
        command
            .env("CLUSTERLINK_GLOBAL__POLL_INTERVAL", "1s")
            .env("CLUSTERLINK_GLOBAL__REQUEST_TIMEOUT", "500ms");
        let mut running = Running::start(command);
        let address = running.address();
        until_ready(&address).await;
        let (status, page) = get(&format!("http://{address}/")).await;
        assert!(status == 200 && page.contains("orders-dr"), "{page}");

        let outcome = running.stop(signal);
        assert_eq!(outcome.status.unwrap().code(), Some(0));
        assert_eq!(outcome.stdout, "");
        assert_eq!(
            log(&outcome),
            format!(
                "ts=T level=info msg=serving version={} clusters=1 scheme=http address=127.0.0.1:PORT\n\
                 ts=T level=info msg=stopping signal=SIG{signal}\n",
                env!("CARGO_PKG_VERSION")
            )
        );
    }
}

#[test]
fn health_is_asked_without_the_proxies_of_the_environment() {
    let mut running = Running::start(described(&ANY_PORT));
    let address = running.address();
    for url in [false, true] {
        let url = if url {
            format!("http://{address}/-/healthy")
        } else {
            String::new()
        };
        let arguments = match url.as_str() {
            "" => ["healthcheck", "--web.listen-address", &address],
            url => ["healthcheck", "--url", url],
        };
        let mut command = program(&arguments);
        for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env(proxy, format!("http://{}", silent_address()));
        }
        assert_says(command, 0, "", "");
    }
    let elsewhere = format!("http://{address}/elsewhere");
    assert_says(
        program(&["healthcheck", "--url", &elsewhere]),
        1,
        "",
        &format!("no health at `{elsewhere}`: HTTP 404; is cluster-link-exporter running there?\n"),
    );
}

#[test]
fn an_exporter_that_asks_for_a_password_is_healthy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yaml");
    let hash = bcrypt::hash("password", 4).unwrap();
    std::fs::write(
        &file,
        format!("basic_auth_users: {{ prometheus: '{hash}' }}\n"),
    )
    .unwrap();
    let file = file.to_str().unwrap();

    let mut running = Running::start(described(&[
        "--web.config.file",
        file,
        "--web.listen-address",
        "127.0.0.1:0",
    ]));
    let address = running.address();
    let asked = [
        "healthcheck",
        "--web.config.file",
        file,
        "--web.listen-address",
        &address,
    ];
    assert_says(program(&asked), 0, "", "");
}

#[test]
fn an_absent_server_is_not_healthy() {
    let address = silent_address();
    let line = format!(
        "no health at `http://{address}/-/healthy`: Connection refused (os error 111); \
         is cluster-link-exporter running there?\n"
    );
    let asked = ["healthcheck", "--web.listen-address", &address];
    assert_says(program(&asked), 1, "", &line);
    let signed = format!("http://user:canary@{address}/-/healthy");
    assert_says(program(&["healthcheck", "--url", &signed]), 1, "", &line);
}

#[test]
fn a_number_alone_is_no_address() {
    for (flag, command) in [
        ("--web.listen-address", &[][..]),
        ("--web.listen-address", &["healthcheck"]),
        ("--web.listen-address", &["simulate"]),
        ("--api-address", &["demo"]),
    ] {
        for number in ["18721", "0", "00080"] {
            let line = format!(
                "error: invalid value '{number}' for '{flag} <ADDRESS>': write `:{number}` for this port on every \
                 interface, or `127.0.0.1:{number}` on this machine alone; try `--help`\n"
            );
            let arguments = [command, &[flag, number]].concat();
            assert_says(described(&arguments), 2, "", &line);
        }
    }
}

#[test]
fn what_is_no_address_says_what_was_found_and_what_to_write() {
    let without_port = "a host without a port";
    for (flag, command) in [
        ("--web.listen-address", &[][..]),
        ("--web.listen-address", &["healthcheck"]),
        ("--web.listen-address", &["demo"]),
        ("--web.listen-address", &["simulate"]),
        ("--api-address", &["demo"]),
    ] {
        for (address, found) in [
            ("localhost", without_port),
            ("127.0.0.1", without_port),
            ("[::1]", without_port),
            ("::1:80", "an IPv6 address without brackets and a port"),
            (":", "no port after the colon"),
            ("host:99999", "a port that is no number from 0 to 65535"),
            (" ", "nothing"),
            ("http://127.0.0.1:10191", "a URL"),
        ] {
            let line = format!(
                "error: invalid value '{address}' for '{flag} <ADDRESS>': found {found}; write `127.0.0.1:10191`, \
                 `[::1]:10191`, or `:10191` for every interface; try `--help`\n"
            );
            let arguments = [command, &[flag, address]].concat();
            assert_says(described(&arguments), 2, "", &line);
        }
    }
}

#[tokio::test]
async fn only_a_path_that_somebody_can_ask_for_is_a_telemetry_path() {
    for path in [
        "/x?y",
        "/a b",
        "/\u{fc}n\u{ef}",
        "/a#b",
        "/a%20b",
        "/a/../b",
        "/.",
        "/a\"b",
        "/a\\b",
    ] {
        let line = format!(
            "error: invalid value '{path}' for '--web.telemetry-path <PATH>': nobody could ask for it: write letters, \
             digits, `-`, `_` and `.`, such as `/metrics`; try `--help`\n"
        );
        assert_says(described(&["--web.telemetry-path", path]), 2, "", &line);
    }
    for path in ["m", "/", "/runbooks/x", "/api/v1/", "/api/v1/status"] {
        let line = format!(
            "error: invalid value '{path}' for '--web.telemetry-path <PATH>': write a path of its own that begins with \
             `/`, such as `/metrics`; try `--help`\n"
        );
        assert_says(described(&["--web.telemetry-path", path]), 2, "", &line);
    }
    for path in ["//m", "//host/metrics", "///m"] {
        let line = format!(
            "error: invalid value '{path}' for '--web.telemetry-path <PATH>': a browser takes it for the name of another \
             host: begin it with one `/`, such as `/metrics`; try `--help`\n"
        );
        assert_says(described(&["--web.telemetry-path", path]), 2, "", &line);
    }
    for path in ["/federation/v1.2_a-b", "/a~b", "/m:$&'()*+,;=@!", "/m//n"] {
        let arguments = [&ANY_PORT[..], &["--web.telemetry-path", path]].concat();
        let mut running = Running::start(described(&arguments));
        let address = running.address();
        let (status, _) = get(&format!("http://{address}{path}")).await;
        assert_eq!(status, 200, "{path}");
    }
}
