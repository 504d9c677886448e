//! `${CREDENTIALS_DIRECTORY}/NAME` in the path of a file: the credentials that systemd hands to a service.

use std::fs;

use cluster_link_exporter::config::{Config, Environment, Source};
use tempfile::TempDir;

use super::environment;

/// A folder with a configuration that names these files, and two credentials.
fn folder(password: &str, ca: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "clusters:\n  - name: lab\n    endpoint: https://lab.example.com\n    \
         basic_auth: {{ username: exporter, password_file: '{password}' }}\n    \
         tls_config: {{ ca_file: '{ca}' }}\n"
    );
    fs::write(folder.path().join("exporter.yaml"), text).unwrap();
    fs::write(folder.path().join("lab"), "canary").unwrap();
    let authority = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.path().join("ca.pem"), authority.cert.pem()).unwrap();
    folder
}

fn load(folder: &TempDir, environment: &Environment) -> Result<String, String> {
    let file = folder.path().join("exporter.yaml");
    let found = match Config::load(&Source::File(file), environment) {
        Ok(config) => Ok(format!("{config:?}")),
        Err(problems) => Err(problems.to_string()),
    };
    let shown = folder.path().display().to_string();
    found
        .map(|text| text.replace(&shown, "FOLDER"))
        .map_err(|text| text.replace(&shown, "FOLDER"))
}

#[test]
fn a_path_may_begin_with_the_credentials_of_systemd() {
    let there = folder(
        "${CREDENTIALS_DIRECTORY}/lab",
        "${CREDENTIALS_DIRECTORY}/ca.pem",
    );
    // Another folder than that of the configuration, to which relative paths are relative.
    let elsewhere = folder("lab", "ca.pem");
    let path = elsewhere.path().to_str().unwrap();
    let config = load(&there, &environment([("CREDENTIALS_DIRECTORY", path)])).unwrap();
    for file in ["lab", "ca.pem"] {
        assert!(config.contains(&format!("{path}/{file}")), "{config}");
    }
}

#[test]
fn without_the_variable_each_such_path_is_a_problem() {
    let there = folder(
        "${CREDENTIALS_DIRECTORY}/lab",
        "${CREDENTIALS_DIRECTORY}/ca.pem",
    );
    let why = "found `${CREDENTIALS_DIRECTORY}`, while no such variable is set; let systemd set it with `LoadCredential=`, \
               or set it to the folder that holds the file";
    for environment in [
        environment([]),
        environment([("CREDENTIALS_DIRECTORY", "")]),
    ] {
        assert_eq!(
            load(&there, &environment).unwrap_err(),
            format!(
                "FOLDER/exporter.yaml:4:39: `clusters[0].basic_auth.password_file`: {why}\n\
                 FOLDER/exporter.yaml:5:19: `clusters[0].tls_config.ca_file`: {why}"
            )
        );
    }
}

#[test]
fn a_secret_that_looks_like_a_variable_is_warned_about_and_stands() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let yaml = "clusters:\n  - name: lab\n    endpoint: https://lab.example.com\n    \
                basic_auth: { username: '${USER', password: '${CANARY}' }\n";
    fs::write(file.path(), yaml).unwrap();
    let source = Source::File(file.path().to_path_buf());
    let config = Config::load(&source, &environment([("CANARY", "other")])).unwrap();
    let warning = "`clusters[0].basic_auth.password` is taken as it stands, as `${…}` is not replaced: name the variable as \
        `password_env` if one is meant";
    assert_eq!(config.warnings, [warning]);
}

/// A name may hold any character, so that nothing else is replaced; and what is loaded by mistake is not shown.
#[test]
fn nothing_else_in_a_path_is_replaced() {
    let path = tempfile::tempdir().unwrap();
    let path = path.path().to_str().unwrap().to_owned();
    for name in [
        "$CREDENTIALS_DIRECTORY/lab",
        "${CREDENTIALS_DIRECTORY}lab",
        "./${CREDENTIALS_DIRECTORY}/lab",
        "${HOME}/lab",
        "%d/lab",
    ] {
        let there = folder(name, "ca.pem");
        let environment = environment([
            ("CREDENTIALS_DIRECTORY", path.as_str()),
            ("HOME", path.as_str()),
        ]);
        let problems = load(&there, &environment).unwrap_err();
        assert_eq!(
            problems,
            "FOLDER/exporter.yaml:4:39: `clusters[0].basic_auth.password_file`: found the path of a file that cannot be read \
             (No such file or directory (os error 2)); name a file that this user may read and that holds the secret"
        );
    }
}
