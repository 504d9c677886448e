//! The environment as a source: one cluster without a file, and the scalars of `global` over a file.

use std::{fs, path::Path};

use cluster_link_exporter::config::{Config, Environment, Source};

use super::environment;

fn without_file(environment: &Environment) -> String {
    match Config::load(&Source::Environment, environment) {
        Ok(config) => format!("{config:#?}"),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn variables_describe_one_cluster() {
    let environment = environment([
        ("CLUSTERLINK_ENDPOINT", "https://lab.example.com:443"),
        ("CLUSTERLINK_CLUSTER_ID", "lkc-ok51xj"),
        ("CLUSTERLINK_API_KEY", "canary"),
        ("CLUSTERLINK_API_SECRET", "0012345"),
    ]);
    let config = Config::load(&Source::Environment, &environment).unwrap();
    let [cluster] = &config.clusters[..] else {
        panic!("{config:?}");
    };
    assert_eq!(
        (
            cluster.name.as_str(),
            cluster.api.endpoint.as_str(),
            format!("{:?}", cluster.api.cluster_id),
            format!("{:?}", cluster.api.credential),
        ),
        (
            "lkc-ok51xj",
            "https://lab.example.com/",
            r#"Some("lkc-ok51xj")"#.to_owned(),
            "Basic { username: environment variable `CLUSTERLINK_API_KEY`, \
             password: environment variable `CLUSTERLINK_API_SECRET` }"
                .to_owned(),
        )
    );
}

/// The variables of one cluster, with these for its credential.
fn with_credential(credential: &[(&str, &str)]) -> Environment {
    let endpoint = ("CLUSTERLINK_ENDPOINT", "https://lab.example.com:443");
    let variables = [endpoint].into_iter().chain(credential.iter().copied());
    variables.collect()
}

#[test]
fn each_half_of_the_credential_may_be_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let [key, secret] = ["key", "secret"].map(|name| {
        let path = folder.path().join(name);
        fs::write(&path, "canary\n").unwrap();
        path.to_str().unwrap().to_owned()
    });
    for (variables, expected) in [
        (
            [
                ("CLUSTERLINK_API_KEY_FILE", key.as_str()),
                ("CLUSTERLINK_API_SECRET_FILE", &secret),
            ],
            format!("Basic {{ username: secret file `{key}`, password: secret file `{secret}` }}"),
        ),
        (
            [
                ("CLUSTERLINK_API_KEY", "canary"),
                ("CLUSTERLINK_API_SECRET_FILE", &secret),
            ],
            format!(
                "Basic {{ username: environment variable `CLUSTERLINK_API_KEY`, password: secret file `{secret}` }}"
            ),
        ),
        (
            [
                ("CLUSTERLINK_API_KEY_FILE", &key),
                ("CLUSTERLINK_API_SECRET", "canary"),
            ],
            format!(
                "Basic {{ username: secret file `{key}`, password: environment variable `CLUSTERLINK_API_SECRET` }}"
            ),
        ),
    ] {
        let environment = with_credential(&variables);
        let config = Config::load(&Source::Environment, &environment).unwrap();
        assert_eq!(format!("{:?}", config.clusters[0].api.credential), expected);
    }
}

#[test]
fn a_credential_that_is_given_twice_in_half_or_in_a_bad_file_is_a_problem() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let empty = empty.path().to_str().unwrap();
    let twice = "environment: `CLUSTERLINK_API_SECRET_FILE`: found a second source beside `CLUSTERLINK_API_SECRET`; unset one \
        of them";
    let half = "environment: `CLUSTERLINK_API_KEY`: found nothing, while the other half of the credential is set; set it, or \
        `CLUSTERLINK_API_KEY_FILE`; or neither half";
    let instead = "name a file that this user may read and that holds the secret";
    for (variables, expected) in [
        (
            &[
                ("CLUSTERLINK_API_KEY", "canary"),
                ("CLUSTERLINK_API_SECRET", "canary"),
                ("CLUSTERLINK_API_SECRET_FILE", "/canary"),
            ][..],
            twice.to_owned(),
        ),
        (
            &[("CLUSTERLINK_API_SECRET_FILE", "/canary")],
            half.to_owned(),
        ),
        (
            &[
                ("CLUSTERLINK_API_SECRET", "canary"),
                ("CLUSTERLINK_API_SECRET_FILE", "/canary"),
            ],
            format!("{half}\n{twice}"),
        ),
        (
            &[
                ("CLUSTERLINK_API_KEY", "canary"),
                ("CLUSTERLINK_API_SECRET_FILE", "/nowhere/canary"),
            ],
            format!(
                "environment: `CLUSTERLINK_API_SECRET_FILE`: found the path of a file that cannot be read (No such file or \
                 directory (os error 2)); {instead}"
            ),
        ),
        (
            &[
                ("CLUSTERLINK_API_KEY_FILE", empty),
                ("CLUSTERLINK_API_SECRET", "canary"),
            ],
            format!(
                "environment: `CLUSTERLINK_API_KEY_FILE`: found the path of an empty file; {instead}"
            ),
        ),
        // An empty variable is not set.
        (
            &[
                ("CLUSTERLINK_API_KEY", ""),
                ("CLUSTERLINK_API_KEY_FILE", "."),
                ("CLUSTERLINK_API_SECRET", "canary"),
            ],
            format!(
                "environment: `CLUSTERLINK_API_KEY_FILE`: found the path of a file that cannot be read (it is a folder and no \
                 regular file); {instead}"
            ),
        ),
    ] {
        assert_eq!(without_file(&with_credential(variables)), expected);
    }
}

#[test]
fn an_endpoint_alone_is_enough_and_the_cluster_is_called_default() {
    let environment = environment([("CLUSTERLINK_ENDPOINT", "http://localhost:8090")]);
    let config = Config::load(&Source::Environment, &environment).unwrap();
    assert_eq!(config.clusters[0].name.as_str(), "default");
}

#[test]
fn neither_a_file_nor_an_endpoint_says_how_to_begin() {
    assert_eq!(
        without_file(&environment([("CLUSTERLINK_ENDPONT", "canary")])),
        "environment: `CLUSTERLINK_ENDPOINT`: found no such variable and no configuration file; name a file with \
         `--config.file`, or set this variable, or look around first with `cluster-link-exporter demo`\n\
         environment: `CLUSTERLINK_ENDPONT`: found a variable that nothing reads; did you mean `CLUSTERLINK_ENDPOINT`?"
    );
}

#[test]
fn every_problem_of_the_variables_is_told_at_once() {
    assert_eq!(
        without_file(&environment([
            (
                "CLUSTERLINK_ENDPOINT",
                "http://user:canary@lab.example.com/v3"
            ),
            ("CLUSTERLINK_API_KEY", "canary"),
            ("CLUSTERLINK_GLOBAL__POLL_INTERVAL", "canary"),
            ("CLUSTERLINK_GLOBAL__MAX_CONCURRENT_REQUESTS", "many"),
            ("CLUSTERLINK_GLOBAL__POLL_TIMOUT", "1s"),
        ])),
        "environment: `CLUSTERLINK_API_SECRET`: found nothing, while the other half of the credential is set; set it, or \
         `CLUSTERLINK_API_SECRET_FILE`; or neither half\n\
         environment: `CLUSTERLINK_ENDPOINT`: found a URL with a path; write scheme, host and port only, and the path as `base_path` in a configuration file\n\
         environment: `CLUSTERLINK_ENDPOINT`: found a URL with a user or password in it; move them to `basic_auth`\n\
         environment: `CLUSTERLINK_GLOBAL__MAX_CONCURRENT_REQUESTS`: found a text; write a whole number from 1 to 1024\n\
         environment: `CLUSTERLINK_GLOBAL__POLL_INTERVAL`: found a text that is no duration; write a number and a unit, such as `30s` or `2m`\n\
         environment: `CLUSTERLINK_GLOBAL__POLL_TIMOUT`: found a variable that nothing reads; did you mean `CLUSTERLINK_GLOBAL__POLL_TIMEOUT`?"
    );
}

#[test]
fn credentials_over_http_are_refused_here_too() {
    assert_eq!(
        without_file(&environment([
            ("CLUSTERLINK_ENDPOINT", "http://lab.example.com"),
            ("CLUSTERLINK_API_KEY", "canary"),
            ("CLUSTERLINK_API_SECRET", "canary"),
        ])),
        "environment: `CLUSTERLINK_ENDPOINT`: found an `http://` URL, to which the credentials would be sent unencrypted; \
         write `https://`, or set `allow_insecure_http: true` on the cluster in a configuration file"
    );
}

fn with_file(environment: &Environment) -> String {
    let path = Path::new("tests/config/good/smallest.yaml");
    match Config::load(&Source::File(path.to_path_buf()), environment) {
        Ok(config) => {
            let cluster = &config.clusters[0];
            let (poll, api) = (&cluster.poll, &cluster.api);
            format!(
                "{:?} {:?} {:?} {:?} {:?} {:?}",
                poll.interval,
                poll.timeout,
                poll.stale_after,
                poll.max_concurrent_requests,
                api.request_timeout,
                config.warnings
            )
        }
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn defaults_lie_under_the_file_and_the_environment_over_it() {
    assert_eq!(with_file(&environment([])), "30s 25s 120s 8 10s []");
    let over = environment([
        ("CLUSTERLINK_GLOBAL__POLL_INTERVAL", "1m"),
        ("CLUSTERLINK_GLOBAL__POLL_TIMEOUT", "50s"),
        ("CLUSTERLINK_GLOBAL__STALE_AFTER", "4m"),
        ("CLUSTERLINK_GLOBAL__MAX_CONCURRENT_REQUESTS", "2"),
        ("CLUSTERLINK_GLOBAL__REQUEST_TIMEOUT", "3s"),
    ]);
    assert_eq!(with_file(&over), "60s 50s 240s 2 3s []");
}

#[test]
fn a_variable_over_the_file_is_named_where_it_breaks_a_rule() {
    assert_eq!(
        with_file(&environment([("CLUSTERLINK_GLOBAL__POLL_TIMEOUT", "1m")])),
        "environment: `CLUSTERLINK_GLOBAL__POLL_TIMEOUT`: found `1m`; write a duration shorter than the `poll_interval` of `30s`"
    );
}

#[test]
fn a_variable_does_not_hide_that_the_file_is_wrong() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(
        file.path(),
        "global: 5\nclusters: [{name: a, endpoint: 'https://a'}]\n",
    )
    .unwrap();
    let environment = environment([("CLUSTERLINK_GLOBAL__POLL_INTERVAL", "1m")]);
    let problems = Config::load(&Source::File(file.path().into()), &environment).unwrap_err();
    assert_eq!(
        problems.to_string(),
        format!(
            "{}:1:1: `global`: found a number; write keys under it, such as `poll_interval:` and `poll_timeout:`",
            file.path().display()
        )
    );
}

#[test]
fn beside_a_file_the_variables_of_a_cluster_are_ignored_with_a_warning() {
    let variables = environment([
        ("CLUSTERLINK_ENDPOINT", "https://other.example.com"),
        ("CLUSTERLINK_CLUSTER_ID", ""),
        ("CLUSTERLINK_API_SECRET_FILE", "/nowhere/secret"),
    ]);
    assert_eq!(
        with_file(&variables),
        "30s 25s 120s 8 10s [\"`CLUSTERLINK_ENDPOINT` is ignored: the clusters are described in the file; unset it\", \
         \"`CLUSTERLINK_API_SECRET_FILE` is ignored: the clusters are described in the file; unset it\"]"
    );
}

#[test]
fn a_variable_that_the_file_names_is_no_stray() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let yaml = "clusters:\n  - name: lab\n    endpoint: https://lab.example.com\n    \
                authorization: { credentials_env: CLUSTERLINK_LAB_TOKEN }\n";
    fs::write(file.path(), yaml).unwrap();
    let environment = environment([("CLUSTERLINK_LAB_TOKEN", "canary")]);
    let config = Config::load(&Source::File(file.path().into()), &environment).unwrap();
    assert_eq!(config.warnings, Vec::<String>::new());
}
