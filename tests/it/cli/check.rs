//! `check-config --no-secrets`, which judges what can be judged where the secrets are not, and `--schema`.

use std::fs;

use super::{assert_says, described};
use crate::support::program::program;

#[test]
fn the_example_is_valid_where_none_of_its_secrets_is() {
    let mut command = program(&[
        "check-config",
        "--no-secrets",
        "cluster-link-exporter.example.yaml",
    ]);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let valid = "cluster-link-exporter.example.yaml: valid, 4 clusters and 1 discovery; 15 files and 0 variables with secrets or \
        certificates not read\n";
    assert_says(command, 0, valid, "");
}

/// Each source of a secret and each file of TLS, one of them twice, and none of them there.
const ABSENT: &str = "clusters:
  - name: dr
    endpoint: https://lab.example.com
    basic_auth: { username_env: NO_SUCH_USER, password_file: nowhere/secret }
    tls_config: { ca_file: nowhere/ca.pem, cert_file: nowhere/cert.pem, key_file: '${CREDENTIALS_DIRECTORY}/key' }
  - name: lab
    endpoint: https://lab.example.com
    authorization: { credentials_file: nowhere/secret }
alerting:
  external_url: https://exporter.example.com
  receivers:
    - { name: hook, webhook: { url_env: NO_SUCH_URL } }
    - { name: pager, pagerduty: { routing_key: of-another-length } }
";

#[test]
fn secrets_and_certificates_are_counted_each_once_and_what_is_written_in_place_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("absent.yaml"), ABSENT).unwrap();
    let mut command = program(&["check-config", "--no-secrets", "absent.yaml"]);
    command.current_dir(&folder);
    let valid = "absent.yaml: valid, 2 clusters; 4 files and 2 variables with secrets or certificates not read\n";
    let warning = "`alerting.receivers[1].pagerduty.routing_key` does not have the 32 characters of an integration key: \
        PagerDuty will refuse it\n";
    assert_says(command, 0, valid, warning);

    // What is there is left alone too: it may be another one there.
    fs::create_dir(folder.path().join("nowhere")).unwrap();
    for file in ["secret", "ca.pem", "cert.pem"] {
        fs::write(folder.path().join("nowhere").join(file), "").unwrap();
    }
    let mut command = program(&["check-config", "--no-secrets", "absent.yaml"]);
    command.current_dir(&folder).env("NO_SUCH_URL", "canary");
    assert_says(command, 0, valid, warning);
}

#[test]
fn everything_else_is_judged_as_ever() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "clusters:
  - name: dr
    endpoint: http://lab.example.com
    basic_auth: { username_file: nowhere, username_env: NOWHERE, password_file: nowhere }
    tls_config: { cert_file: nowhere, min_version: TLS11 }
";
    fs::write(folder.path().join("bad.yaml"), yaml).unwrap();
    let mut command = program(&["check-config", "--no-secrets", "bad.yaml"]);
    command
        .current_dir(&folder)
        .env("CLUSTERLINK_ENDPIONT", "x");
    let problems = "bad.yaml:3:5: `clusters[0].endpoint`: found an `http://` URL, to which the credentials would be sent \
        unencrypted; write `https://`, or set `allow_insecure_http: true` on the cluster in a configuration file\n\
        bad.yaml:4:43: `clusters[0].basic_auth.username_env`: found a second source beside `username_file`; keep one of \
        them\n\
        bad.yaml:5:5: `clusters[0].tls_config.key_file`: found no such key, while `cert_file` is given; write both, or \
        neither\n\
        bad.yaml:5:39: `clusters[0].tls_config.min_version`: found a version of TLS that is not supported; write `TLS12` or \
        `TLS13`\n\
        environment: `CLUSTERLINK_ENDPIONT`: found a variable that nothing reads; did you mean \
        `CLUSTERLINK_ENDPOINT`?\n";
    assert_says(command, 2, "", problems);
}

#[test]
fn a_cluster_of_the_environment_is_judged_without_its_credential() {
    let mut command = described(&["check-config", "--no-secrets"]);
    command.env("CLUSTERLINK_API_KEY", "canary");
    command.env("CLUSTERLINK_API_SECRET_FILE", "/nowhere/secret");
    let valid = "environment: valid, 1 cluster; 1 file and 1 variable with secrets or certificates not read\n";
    assert_says(command, 0, valid, "");
}

#[test]
fn the_shipped_schema_is_what_it_prints() {
    let schema = include_str!("../../../cluster-link-exporter.schema.json");
    assert_says(program(&["check-config", "--schema"]), 0, schema, "");
    let line = "error: the argument '--schema' cannot be used with '[FILE]'; try `--help`\n";
    assert_says(
        program(&["check-config", "--schema", "exporter.yaml"]),
        2,
        "",
        line,
    );
}
