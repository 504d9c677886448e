//! Lays the sources of the configuration over one another: built-in defaults < file < environment.
//!
//! figment merges the values; [`Origins`] remembers beside it where each of them stands, which figment cannot tell.

use std::{mem, path::Path};

use figment::{
    Error, Figment, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use super::{
    environment::{self, Environment},
    global, key,
    origins::Origins,
    problem::{Location, Position, Problem},
    section::kind,
    yaml::{Entry, Item, Node},
};

/// What the sources said, so far.
pub(super) struct Layers {
    figment: Figment,
    pub(super) origins: Origins,
    pub(super) problems: Vec<Problem>,
}

impl Layers {
    /// The built-in defaults. `file` is named in problems.
    pub(super) fn new(file: Option<&Path>) -> Self {
        Self {
            figment: Figment::from(Layer(global::defaults())),
            origins: Origins::new(file),
            problems: Vec::new(),
        }
    }

    /// Adds the file.
    pub(super) fn with_file(mut self, entries: Vec<Entry>) -> Self {
        let mut dict = self.dict(entries, "");
        // figment would let anything but a mapping replace the defaults as a whole.
        match dict.get("global") {
            None | Some(Value::Dict(..)) => {}
            Some(other) => {
                if !matches!(other, Value::Empty(..)) {
                    let (found, instead) = (kind(other), "write keys of its own under it");
                    let problem = self.origins.problem("global", found.into(), instead.into());
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
            let name = environment::global(key);
            if let Some(text) = environment.get(&name) {
                // YAML tells a number from a text; a variable cannot.
                let value = match text.parse::<u64>() {
                    Ok(number) => Value::from(number),
                    Err(_) => Value::from(text),
                };
                global.insert(key.to_owned(), value);
                self.origins.in_variable(&format!("global.{key}"), &name);
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

    /// Turns the file's tree into figment's, which knows no places: they go to the origins.
    fn value(&mut self, node: Node, path: &str) -> Value {
        match node {
            Node::Null => Value::from(figment::value::Empty::None),
            Node::Flag(flag) => flag.into(),
            Node::Number(Some(number)) => number.into(),
            Node::Number(None) => f64::NAN.into(),
            Node::Text(text) => text.into(),
            Node::List(items) => self.list(items, path),
            Node::Map(entries) => self.dict(entries, path).into(),
        }
    }

    fn list(&mut self, items: Vec<Item>, path: &str) -> Value {
        let values = items.into_iter().enumerate().map(|(index, item)| {
            let path = format!("{path}[{index}]");
            self.origins.in_file(path.clone(), item.position);
            self.value(item.node, &path)
        });
        values.collect::<Vec<_>>().into()
    }

    fn dict(&mut self, entries: Vec<Entry>, parent: &str) -> Dict {
        let mut dict = Dict::new();
        for Entry {
            position,
            key,
            node,
        } in entries
        {
            let path = key::join(parent, key::shown(&key, !matches!(node, Node::Null)));
            if dict.contains_key(&key) {
                self.second(position, path);
                continue;
            }
            self.origins.in_file(key::join(parent, &key), position);
            let value = self.value(node, &path);
            dict.insert(key, value);
        }
        dict
    }

    fn second(&mut self, position: Position, path: String) {
        let Location::File { path: file, .. } = self.origins.location("") else {
            return;
        };
        self.problems.push(Problem {
            location: Location::File {
                path: file,
                position: Some(position),
            },
            key: Some(path),
            found: "the key a second time".to_owned(),
            instead: "keep one of them".to_owned(),
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
