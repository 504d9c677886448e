//! Lays the sources of the configuration over one another: built-in defaults < file < environment.
//!
//! figment merges the values; [`Origins`] remembers beside it where each of them stands, which figment cannot tell.

use std::mem;

use figment::{
    Error, Figment, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use super::{
    environment::{self, Environment, Half, missing_half},
    global,
    keys::{KEYS, PASSWORD, Sources, USERNAME},
};
use crate::document::{Document, Origins, Problem, kind};

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

    /// Adds the one cluster that variables describe. Its name is the cluster's id, `default` where there is none.
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
        let halves = [
            (USERNAME, environment::API_KEY),
            (PASSWORD, environment::API_SECRET),
        ];
        let basic = halves.map(|(keys, names)| self.half(environment, keys, names));
        match basic {
            [Some(username), Some(password)] => {
                let basic = Map::from([username, password]);
                cluster.insert("basic_auth".into(), basic.into());
            }
            [None, None] => {}
            [None, Some(_)] => self.problems.push(missing_half(environment::API_KEY)),
            [Some(_), None] => self.problems.push(missing_half(environment::API_SECRET)),
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

    /// Half of the credential, where one of its variables is set: the key that it stands for, and its value.
    fn half<'a>(
        &mut self,
        environment: &'a Environment,
        [_, in_file, in_variable]: Sources,
        names: [&'static str; 2],
    ) -> Option<(&'static str, &'a str)> {
        self.problems.extend(environment.second_source(names));
        Some(match environment.half(names)? {
            Half::Variable(name) => (in_variable, name),
            Half::File(path) => {
                let key = format!("clusters[0].basic_auth.{in_file}");
                self.origins.in_variable(&key, names[1]);
                (in_file, path)
            }
        })
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
