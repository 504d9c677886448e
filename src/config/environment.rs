//! The environment variables as they stood when the program started, so that a test can bring its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fmt,
    sync::LazyLock,
};

use regex::Regex;
use url::Url;

use super::global;
use crate::{
    client::{Credential, is_loopback},
    document::{self, Location, Problem, Problems},
    secret::Secret,
};

/// What every variable of this program begins with.
const PREFIX: &str = "CLUSTERLINK_";

/// The variables that describe one cluster where there is no file.
pub(super) const ENDPOINT: &str = "CLUSTERLINK_ENDPOINT";
pub(super) const CLUSTER_ID: &str = "CLUSTERLINK_CLUSTER_ID";
/// Each half of the credential: the variable that holds it, and the one that names a file that does.
pub(super) const API_KEY: [&str; 2] = ["CLUSTERLINK_API_KEY", "CLUSTERLINK_API_KEY_FILE"];
pub(super) const API_SECRET: [&str; 2] = ["CLUSTERLINK_API_SECRET", "CLUSTERLINK_API_SECRET_FILE"];
const CLUSTER: [&str; 6] = [
    ENDPOINT,
    CLUSTER_ID,
    API_KEY[0],
    API_KEY[1],
    API_SECRET[0],
    API_SECRET[1],
];

/// A captured set of environment variables. An empty variable counts as not set. `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// Where half of the credential is.
#[derive(Clone, Copy)]
pub(super) enum Half<'a> {
    /// In this variable.
    Variable(&'static str),
    /// In the file of this path.
    File(&'a str),
}

impl From<Half<'_>> for Secret {
    fn from(half: Half<'_>) -> Self {
        match half {
            Half::Variable(name) => Self::Env(name.to_owned()),
            Half::File(path) => Self::File(path.into()),
        }
    }
}

/// That only the other half of the credential is set.
pub(super) fn missing_half([missing, file]: [&str; 2]) -> Problem {
    Problem {
        location: Location::Environment,
        key: Some(missing.to_owned()),
        found: "nothing, while the other half of the credential is set".to_owned(),
        instead: format!("set it, or `{file}`; or neither half"),
    }
}

impl Environment {
    /// Captures the variables of this process; those that are not Unicode are left out.
    pub fn capture() -> Self {
        env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of a variable that is set to something.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The API key and secret of the variables and the files that they name, where they are set, to sign in at this URL; or
    /// what is wrong with that.
    pub fn credential(&self, url: &Url) -> Result<Option<Credential>, String> {
        for names in [API_KEY, API_SECRET] {
            if let Some(problem) = self.second_source(names) {
                return Err(problem.to_string());
            }
        }
        match (self.half(API_KEY), self.half(API_SECRET)) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) if url.scheme() == "http" && !is_loopback(url) => Err(format!(
                "`{}` and `{}` would be sent unencrypted to an `http://` URL; write `https://`, or unset them",
                API_KEY[0], API_SECRET[0]
            )),
            (Some(key), Some(secret)) => Ok(Some(Credential::Basic {
                username: key.into(),
                password: secret.into(),
            })),
            (Some(_), None) => Err(missing_half(API_SECRET).to_string()),
            (None, Some(_)) => Err(missing_half(API_KEY).to_string()),
        }
    }

    /// Half of the credential, where one of its variables is set; the one that holds it goes first.
    pub(super) fn half(&self, [plain, file]: [&'static str; 2]) -> Option<Half<'_>> {
        match (self.get(plain), self.get(file)) {
            (Some(_), _) => Some(Half::Variable(plain)),
            (None, path) => path.map(Half::File),
        }
    }

    /// That both variables of a half of the credential are set.
    pub(super) fn second_source(&self, [plain, file]: [&str; 2]) -> Option<Problem> {
        let both = self.get(plain).is_some() && self.get(file).is_some();
        both.then(|| Problem {
            location: Location::Environment,
            key: Some(file.to_owned()),
            found: format!("a second source beside `{plain}`"),
            instead: "unset one of them".to_owned(),
        })
    }

    /// All of them by name.
    pub(super) fn variables(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// Where there is neither a file nor an endpoint, nothing else is worth saying, but for mistyped variables.
    pub(super) fn check_endpoint(&self) -> Result<(), Problems> {
        if self.get(ENDPOINT).is_some() {
            return Ok(());
        }
        let mut problems = self.unknown_variables(&BTreeSet::new());
        problems.push(Problem {
            location: Location::Environment,
            key: Some(ENDPOINT.to_owned()),
            found: "no such variable and no configuration file".to_owned(),
            instead: "name a file with `--config.file`, or set this variable, \
                      or look around first with `cluster-link-exporter demo`"
                .to_owned(),
        });
        Err(Problems::new(problems))
    }

    /// Says which variables describe a cluster that the file describes already.
    pub(super) fn ignored_beside_a_file(&self, named: &BTreeSet<String>) -> Vec<String> {
        CLUSTER
            .into_iter()
            .filter(|name| self.get(name).is_some() && !named.contains(*name))
            .map(|name| {
                format!("`{name}` is ignored: the clusters are described in the file; unset it")
            })
            .collect()
    }

    /// The variables of this program that nothing reads. `named` are those that the file names in a `…_env` key.
    pub(super) fn unknown_variables(&self, named: &BTreeSet<String>) -> Vec<Problem> {
        let known = known();
        self.0
            .keys()
            .filter(|name| name.starts_with(PREFIX) && !is_service_link(name))
            .filter(|name| !known.contains(name) && !named.contains(*name))
            .map(|name| unknown_variable(name, &known))
            .collect()
    }
}

fn known() -> Vec<String> {
    let cluster = CLUSTER.map(str::to_owned).into_iter();
    cluster
        .chain(global::keys().map(|key| global(key.name)))
        .collect()
}

/// The variable that overrides `global.<key>`.
pub(super) fn global(key: &str) -> String {
    format!("{PREFIX}GLOBAL__{}", key.to_uppercase())
}

/// Whether Kubernetes set the variable: a Service named `clusterlink…` puts `CLUSTERLINK_…_PORT` and the like into every
/// pod of its namespace, and that must not keep a pod from starting.
fn is_service_link(name: &str) -> bool {
    static ENDS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$")
            .expect("a literal pattern is valid")
    });
    ENDS.is_match(name)
}

fn unknown_variable(name: &str, known: &[String]) -> Problem {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let instead = match document::closest(name, &known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("unset it; there are `{}`", known.join("`, `")),
    };
    Problem {
        location: Location::Environment,
        key: Some(name.to_owned()),
        found: "a variable that nothing reads".to_owned(),
        instead,
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        // `docker run -e NAME` and `${NAME:-}` in a compose file leave empty variables behind.
        Self(variables.filter(|(_, value)| !value.is_empty()).collect())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown_variables(variables: &[&str], named: &[&str]) -> Vec<String> {
        let environment: Environment = variables.iter().map(|name| (*name, "canary")).collect();
        let named = named.iter().map(ToString::to_string).collect();
        let unknown_variables = environment.unknown_variables(&named);
        unknown_variables.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_variable_that_nothing_reads_is_a_problem_that_names_those_that_exist() {
        let all = "unset it; there are `CLUSTERLINK_ENDPOINT`, `CLUSTERLINK_CLUSTER_ID`, `CLUSTERLINK_API_KEY`, \
            `CLUSTERLINK_API_KEY_FILE`, `CLUSTERLINK_API_SECRET`, `CLUSTERLINK_API_SECRET_FILE`, \
            `CLUSTERLINK_GLOBAL__POLL_INTERVAL`, `CLUSTERLINK_GLOBAL__POLL_TIMEOUT`, \
            `CLUSTERLINK_GLOBAL__REQUEST_TIMEOUT`, `CLUSTERLINK_GLOBAL__MAX_CONCURRENT_REQUESTS`, \
            `CLUSTERLINK_GLOBAL__STALE_AFTER`, `CLUSTERLINK_GLOBAL__STATE_FILE`, \
            `CLUSTERLINK_GLOBAL__TRANSITIONS_KEPT`";
        assert_eq!(
            unknown_variables(
                &[
                    "CLUSTERLINK_ENDPIONT",
                    "CLUSTERLINK_CLUSTERS__NAME",
                    "CLUSTERLINK_PORT_OF_API"
                ],
                &[]
            ),
            [
                format!("environment: `CLUSTERLINK_CLUSTERS__NAME`: found a variable that nothing reads; {all}"),
                "environment: `CLUSTERLINK_ENDPIONT`: found a variable that nothing reads; did you mean `CLUSTERLINK_ENDPOINT`?"
                    .to_owned(),
                format!("environment: `CLUSTERLINK_PORT_OF_API`: found a variable that nothing reads; {all}"),
            ]
        );
    }

    #[test]
    fn variables_that_something_else_reads_are_left_alone() {
        let read = [
            "CLUSTERLINK_ENDPOINT",
            "CLUSTERLINK_API_SECRET_FILE",
            "CLUSTERLINK_GLOBAL__POLL_INTERVAL",
            "CLUSTERLINK_GLOBAL__STATE_FILE",
            "CLUSTERLINK_DR_SECRET",
            "CLUSTERLINK_PORT",
            "CLUSTERLINK_SERVICE_HOST",
            "CLUSTERLINK_SERVICE_PORT",
            "CLUSTERLINK_SERVICE_PORT_HTTP",
            "CLUSTERLINK_PORT_53_UDP",
            "CLUSTERLINK_PORT_53_UDP_PROTO",
            "CLUSTERLINK_EXPORTER_SERVICE_HOST",
            "CLUSTERLINK_EXPORTER_PORT_10191_TCP_ADDR",
            "PATH",
        ];
        assert!(unknown_variables(&read, &["CLUSTERLINK_DR_SECRET"]).is_empty());
    }

    #[test]
    fn debug_shows_names_only_and_an_empty_variable_is_not_set() {
        let environment: Environment = [("SET", "canary"), ("EMPTY", "")].into_iter().collect();
        assert_eq!(format!("{environment:?}"), r#"{"SET"}"#);
    }
}
