//! Lays the sources of the configuration over one another: built-in defaults < file < environment.
//!
//! figment merges the values; [`Origins`] remembers beside it where each of them stands, which figment cannot tell.

use std::mem;

use figment::{
    Error, Figment, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use super::{
    environment::{self, Environment},
    global,
    keys::KEYS,
};
use crate::document::{Document, Location, Origins, Problem, kind};

/// What the sources said, so far.
pub(super) struct Layers {
    figment: Figment,
    pub(super) origins: Origins,
    pub(super) problems: Vec<Problem>,
}

impl Layers {
    /// The built-in defaults.
    pub(super) fn new() -> Self {
        Self {
            figment: Figment::from(Layer(global::defaults())),
            origins: Origins::new(None),
            problems: Vec::new(),
        }
    }

    /// Adds the file: what is over no other layer but the defaults.
    pub(super) fn with_file(mut self, document: Document) -> Self {
        let Document {
            values: mut dict,
            origins,
            problems,
        } = document;
        (self.origins, self.problems) = (origins, problems);
        // figment would let anything but a mapping replace the defaults as a whole.
        match dict.get("global") {
            None | Some(Value::Dict(..)) => {}
            Some(other) => {
                if !matches!(other, Value::Empty(..)) {
                    let (found, instead) = (kind(other), KEYS.under("global").in_words());
                    let problem = self.origins.problem("global", found.into(), instead);
                    self.problems.push(problem);
                }
                dict.remove("global");
            }
        }
        self.with(dict)
    }

    /// Adds the one cluster that the four variables describe. Its name is the cluster's id, `default` where there is none.
    pub(super) fn with_cluster_of(mut self, environment: &Environment) -> Self {
        let mut cluster = Dict::new();
        let id = environment.get(environment::CLUSTER_ID);
        cluster.insert("name".into(), id.unwrap_or("default").into());
        for (key, name) in [
            ("cluster_id", environment::CLUSTER_ID),
            ("endpoint", environment::ENDPOINT),
        ] {
            if let Some(value) = environment.get(name) {
                cluster.insert(key.into(), value.into());
                self.origins
                    .in_variable(&format!("clusters[0].{key}"), name);
            }
        }
        let credential = [environment::API_KEY, environment::API_SECRET];
        match credential.map(|name| environment.get(name).is_some()) {
            [true, true] => {
                let [username, password] = credential;
                let basic = Map::from([("username_env", username), ("password_env", password)]);
                cluster.insert("basic_auth".into(), basic.into());
            }
            [false, false] => {}
            [has_key, _] => self.half_a_credential(credential[usize::from(has_key)]),
        }
        let clusters = vec![Value::from(cluster)];
        self.with(Dict::from([("clusters".into(), clusters.into())]))
    }

    /// Adds the variables that override the scalars of `global`. Their texts are taken as they are.
    pub(super) fn with_globals_of(mut self, environment: &Environment) -> Self {
        let mut global = Dict::new();
        for key in global::keys() {
            let name = environment::global(key.name);
            if let Some(text) = environment.get(&name) {
                // YAML tells a number from a text; a variable cannot.
                let value = match text.parse::<u64>() {
                    Ok(number) => Value::from(number),
                    Err(_) => Value::from(text),
                };
                global.insert(key.name.to_owned(), value);
                self.origins
                    .in_variable(&format!("global.{}", key.name), &name);
            }
        }
        self.with(Dict::from([("global".into(), global.into())]))
    }

    /// What the layers come to.
    pub(super) fn merged(&self) -> Dict {
        self.figment
            .find_value("")
            .ok()
            .and_then(Value::into_dict)
            .expect("every layer is a mapping of plain values")
    }

    fn with(mut self, dict: Dict) -> Self {
        self.figment = mem::take(&mut self.figment).merge(Layer(dict));
        self
    }

    fn half_a_credential(&mut self, missing: &str) {
        self.problems.push(Problem {
            location: Location::Environment,
            key: Some(missing.to_owned()),
            found: "nothing, while the other half of the credential is set".to_owned(),
            instead: "set both, or neither".to_owned(),
        });
    }
}

/// One layer as figment takes it.
struct Layer(Dict);

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named("configuration")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Map::from([(Profile::Default, self.0.clone())]))
    }
}
