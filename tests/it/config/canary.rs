//! A canary stands wherever a secret can stand, rightly or by mistake; no message and no `Debug` may sing.

use std::fs;

use cluster_link_exporter::config::{Config, Source};
use proptest::prelude::*;

use super::environment;

const CANARY: &str = "canary7Zq+/x";
/// For the places where a number stands by mistake.
const NUMBER: &str = "7130977130";

/// Everything that can be printed after loading `yaml`.
fn printed(yaml: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), yaml).unwrap();
    let environment = environment([
        ("LAB", CANARY),
        ("CLUSTERLINK_API_SECRET", CANARY),
        ("CLUSTERLINK_STRAY", CANARY),
    ]);
    match Config::load(&Source::File(file.path().into()), &environment) {
        Ok(config) => format!("{config:?}{config:#?}"),
        Err(problems) => format!("{problems}{problems:?}{problems:#?}"),
    }
}

fn assert_silent(yaml: &str) {
    let printed = printed(yaml.as_bytes());
    for secret in [CANARY, "canary", NUMBER] {
        assert!(
            !printed.contains(secret),
            "`{secret}` of\n{yaml}\nis printed:\n{printed}"
        );
    }
}

/// What stands under a cluster, `C` being the canary.
const UNDER_A_CLUSTER: [&str; 54] = [
    "basic_auth: { username: C, password: C }",
    "basic_auth: { username: a, password: 'C' }",
    "basic_auth: { username: a, password: N }",
    "basic_auth: { username: N, password: N }",
    "basic_auth: { username: a, passwrd: C }",
    "basic_auth: { username: a, password:C }",
    "basic_auth: { a, C }",
    "basic_auth: { C: C }",
    "basic_auth: { username: a, password: C, password: C }",
    "basic_auth: { username: a, password: [C] }",
    "basic_auth: { username: a, password: { value: C } }",
    "basic_auth: { username: a, password_file: C }",
    "basic_auth: { username: a, password_env: C }",
    "basic_auth: { username: a, password_env: LAB }",
    "basic_auth: C",
    "basic_auth: [C, C]",
    "basic_auth: a:C",
    "authorization: { credentials: C }",
    "authorization: { credentials: N }",
    "authorization: { type: Bearer C }",
    "authorization: Bearer C",
    "authorization: { credentials: C, credentials_file: C }",
    "authorization: { credentials: C, identity_pool_id: 'a C' }",
    "oauth2: { client_secret: C }",
    "oauth2: { client_id: C, client_secret: C, token_url: 'https://idp' }",
    "oauth2: { client_id: C, client_secret: C, token_url: 'https://a:C@idp/C' }",
    "oauth2: { client_id: a, client_secret: N, token_url: C }",
    "oauth2: { client_id: a, client_secret: C, token_url: 'https://idp', endpoint_params: { a: C } }",
    "oauth2: { client_id: a, client_secret: C, token_url: 'https://idp', endpoint_params: { a: N, C: C, password:C } }",
    "oauth2: { client_id: a, client_secret: C, token_url: 'https://idp', proxy_url: 'http://a:C@proxy:1' }",
    "oauth2: { client_id: a, client_secret: C, token_url: 'https://idp', tls_config: { key_file: C } }",
    "metadata_service: { url: 'https://a:C@mds', username: C, password: C }",
    "metadata_service: { url: 'https://mds', username: C, password: C, tls_config: { ca_file: C } }",
    "proxy_url: http://a:C@proxy",
    "proxy_url: http://C@proxy:3128/C?C#C",
    "proxy_url: C",
    "proxy_url: C://C",
    "tls_config: { ca_file: C, cert_file: C, key_file: C }",
    "tls_config: { server_name: 'C C', min_version: C, insecure_skip_verify: C }",
    "tls_config: C",
    "password: C",
    "poll_interval: C",
    "max_concurrent_requests: C",
    "allow_insecure_http: C",
    "base_path: C",
    "links: { include: ['C('] }",
    "links: { include: ['(?x)a # C'] }",
    "basic_auth: { username: a, password: @C }",
    "basic_auth: { username: a, password: *C }",
    "basic_auth: { username: a, password: !C }",
    "basic_auth: { username: a, password: !!int C }",
    "basic_auth: { username: a, password: 'C }",
    "basic_auth: { username: a, password: \"\\C\" }",
    "basic_auth: a: C",
];

#[test]
fn no_secret_is_printed_wherever_it_stands() {
    for line in UNDER_A_CLUSTER {
        let line = line.replace('C', CANARY).replace('N', NUMBER);
        assert_silent(&format!(
            "clusters:\n  - name: lab\n    endpoint: https://lab\n    {line}\n"
        ));
    }
    for endpoint in [
        "https://user:C@lab",
        "https://C@lab",
        "https://lab:C",
        "https://lab/?C",
        "https://lab/C#C",
        "https://user:C@",
        "C",
        "http://[C",
    ] {
        let endpoint = endpoint.replace('C', CANARY);
        assert_silent(&format!(
            "clusters:\n  - name: lab\n    endpoint: '{endpoint}'\n"
        ));
    }
}

/// What stands under `alerting`, `C` being the canary.
const UNDER_ALERTING: [&str; 33] = [
    "receivers: [{ name: a, webhook: { url: 'https://hooks.example/C?C' } }]",
    "receivers: [{ name: a, webhook: { url: 'http://hooks.example/C', basic_auth: { username: a, password: C } } }]",
    "receivers: [{ name: a, webhook: { url: 'https://C:C@hooks.example/C#C' } }]",
    "receivers: [{ name: a, webhook: { url: C } }]",
    "receivers: [{ name: a, webhook: { url: 'http://[C' } }]",
    "receivers: [{ name: a, webhook: { url: N } }]",
    "receivers: [{ name: a, webhook: { url_file: C } }]",
    "receivers: [{ name: a, webhook: { url_env: C } }]",
    "receivers: [{ name: a, webhook: { url_env: LAB } }]",
    "receivers: [{ name: a, webhook: { url: 'https://hooks.example', url_file: C } }]",
    "receivers: [{ name: a, webhook: { ur: C, C: C } }]",
    "receivers: [{ name: a, webhook: C }]",
    "receivers: [{ name: a, pagerduty: { routing_key: C } }]",
    "receivers: [{ name: a, pagerduty: { routing_key: C, url: 'https://a:C@pd.example' } }]",
    "receivers: [{ name: a, pagerduty: { routing_key: C, url: 'http://pd.example/C' } }]",
    "receivers: [{ name: a, pagerduty: { routing_key: N } }]",
    "receivers: [{ name: a, pagerduty: { routing_key:C } }]",
    "receivers: [{ name: a, pagerduty: { routing_key_env: LAB } }]",
    "receivers: [{ name: a, pagerduty: C }]",
    "receivers: [{ name: a, C: C }]",
    "receivers: [{ name: a, slack: { url: 'https://C:C@hooks.example/C?C#C', channel: [C] } }]",
    "receivers: [{ name: a, slack: { url: 'http://hooks.example/C' } }]",
    "receivers: [{ name: a, teams: { url: 'C', C: C } }]",
    "receivers: [{ name: a, teams: { url_env: LAB, url_file: C } }]",
    "alertmanagers: [{ url: 'https://a:C@am.example' }]",
    "alertmanagers: [{ url: 'https://am.example', authorization: { credentials: C }, proxy_url: 'http://a:C@proxy' }]",
    "alertmanagers: [C]",
    "alertmanagers: C",
    "external_labels: { C: a, severity: C, a: N }",
    "external_url: 'https://a:C@exporter.example/?C'",
    "external_url: C",
    "grafana_url: 'https://C:C@grafana.example/?C#C'",
    "runbook_url: '/C'",
];

#[test]
fn no_secret_of_a_receiver_is_printed_wherever_it_stands() {
    for line in UNDER_ALERTING {
        let line = line.replace('C', CANARY).replace('N', NUMBER);
        assert_silent(&format!(
            "clusters: [{{ name: lab, endpoint: 'https://lab' }}]\nalerting:\n  {line}\n"
        ));
    }
}

/// An item of `discovery`, `C` being the canary.
const OF_DISCOVERY: [&str; 16] = [
    "{ confluent_cloud: { basic_auth: { username: C, password: C } }, template: { name: a } }",
    "{ confluent_cloud: { url: 'https://C:C@api.example/C?C#C' }, template: { name: a } }",
    "{ confluent_cloud: { url: 'http://api.example', basic_auth: { username: a, password: C } }, template: { name: a } }",
    "{ confluent_cloud: { access_points: C, environments: ['C('], refresh_interval: C }, template: C }",
    "{ confluent_cloud: C, template: C }",
    "{ C: C, confluent_cloud: { C: C }, template: { C: C } }",
    "C",
    "{ confluent_cloud: {}, template: { name: a, basic_auth: { username: C, password: C } } }",
    "{ confluent_cloud: {}, template: { name: a, basic_auth: { username: C, password: 'C {cluster_id}' } } }",
    "{ confluent_cloud: {}, template: { name: a, basic_auth: { username: C, password: 'C {C}' } } }",
    "{ confluent_cloud: {}, template: { name: a, basic_auth: { username: a, password: 'a {canary} b' } } }",
    "{ confluent_cloud: {}, template: { name: a, basic_auth: { username: a, password: N } } }",
    "{ confluent_cloud: {}, template: { name: a, authorization: { credentials_file: '{cluster_id}/C' } } }",
    "{ confluent_cloud: {}, template: { name: a, authorization: { credentials_env: '{region}C' } } }",
    "{ confluent_cloud: {}, template: { name: [C], base_path: C, proxy_url: 'http://a:C@{region}' } }",
    "{ confluent_cloud: {}, template: { name: a, expect: [{ links: ['{display_name}C('], state: C }] } }",
];

#[test]
fn no_secret_of_a_discovery_is_printed_wherever_it_stands() {
    for item in OF_DISCOVERY {
        let item = item.replace('C', CANARY).replace('N', NUMBER);
        assert_silent(&format!("discovery:\n  - {item}\n"));
    }
}

#[test]
fn no_secret_is_printed_from_a_file_that_is_no_configuration() {
    for yaml in [
        "C",
        "C: C",
        "- C",
        "global: C",
        "clusters: C",
        "clusters: [C]",
        "alerting: { receivers: [C] }",
        "a: b: C",
        "\tC",
        "a: 'C",
        "%C",
        "--- C\n--- C\n",
        "? [C]\n: C\n",
        "!C { C: C }",
    ] {
        assert_silent(&yaml.replace('C', CANARY));
    }
}

/// What an arbitrary file is made of, so that the interesting parts are reached.
fn fragments() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        "[ -~]{0,12}",
        "\\PC{0,4}",
        prop::sample::select(vec![
            "clusters:",
            "\n",
            "\n  - ",
            "name: a",
            "\n    ",
            "endpoint: https://a",
            "basic_auth:",
            "{",
            "}",
            "[",
            "]",
            ",",
            ": ",
            "&a ",
            "*a",
            "<<: ",
            "!!int ",
            "global:",
            "poll_interval: ",
            "9999999999999999y",
            "1ns",
            "links:",
            "include:",
            "'",
            "\"",
            "|",
            "---",
            "\0",
            "\u{feff}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(fragment, 0..24).prop_map(|fragments| fragments.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_loader_panic_and_every_problem_is_one_line(text in fragments()) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        if let Err(problems) = Config::load(&Source::File(file.path().into()), &environment([])) {
            prop_assert_eq!(problems.to_string().lines().count(), problems.iter().count());
        }
    }

    #[test]
    fn no_bytes_make_the_loader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        printed(&bytes);
    }
}
