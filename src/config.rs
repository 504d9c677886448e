//! What the operator wrote, read once, checked whole and turned into the settings of the other parts.
//!
//! Built-in defaults lie under the file, the environment over it (`layers`); then the result is read key by key
//! (`document`), so that every problem is told at once, each with its place. Nothing here starts anything, and no text
//! of the file is ever repeated in a message.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use self::{cluster::Seen, layers::Layers, schedule::Schedule};
use crate::{
    alert::{Mutes, Overrides, RuleFile},
    api,
    document::{self, Findings, Reading, Section},
    model::{ClusterId, ClusterName, Expect, Intent},
    notify, poll,
    web_links::WebLinks,
};
use serde_json::json;

mod alerting;
mod authentication;
mod cluster;
mod discovered;
mod discovery;
mod endpoint;
mod environment;
mod expect;
mod file;
mod global;
mod keys;
mod layers;
mod pattern;
mod placeholder;
mod rules;
mod schedule;
mod secrets;
mod template;
mod transport;
mod web_links;

pub use crate::document::{
    Absent, Group, Key, Keys, Kind, Location, Position, Problem, Problems, Table, Unread,
};
pub use discovered::{Discovered, Outcome};
pub use environment::Environment;
pub use keys::KEYS;
pub use template::Template;
pub use web_links::base_url;

/// The JSON Schema of the file, from the table of its keys, as `cluster-link-exporter.schema.json` has it.
pub fn schema() -> String {
    let mut schema = document::json_schema("Configuration of cluster-link-exporter", KEYS);
    // The table of keys says of each key alone whether it must be there.
    schema["type"] = json!("object");
    schema["anyOf"] = json!([{ "required": ["clusters"] }, { "required": ["discovery"] }]);
    format!("{schema:#}")
}

/// The whole configuration, free of problems. Its `Debug` holds no secret.
#[derive(Clone, Debug)]
pub struct Config {
    /// Those that are listed by hand: at least one, but where a shard left the others to other processes, and where there is
    /// `discovery`; their names differ.
    pub clusters: Vec<ClusterConfig>,
    /// `discovery`, and what goes before it.
    pub discovery: Discoveries,
    /// `global.state_file`: what survives a restart; `None` keeps it in memory.
    pub state_file: Option<PathBuf>,
    /// `global.transitions_kept`: how many changes of state are kept.
    pub transitions_kept: usize,
    /// `alerting.rules`.
    pub rules: Overrides,
    /// The rest of `alerting`.
    pub alerting: Alerting,
    /// What is no problem but should be known, each a sentence for the log.
    pub warnings: Vec<String>,
}

/// `discovery`: where further clusters are learnt from.
#[derive(Clone, Debug, Default)]
pub struct Discoveries {
    /// The items.
    pub items: Vec<Discovery>,
    /// Name and id of every item of `clusters`, those of other shards included: no discovered cluster takes either.
    pub by_hand: Vec<(ClusterName, Option<ClusterId>)>,
}

/// One item of `discovery`.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// `confluent_cloud`: who is asked, and which clusters are wanted.
    pub settings: crate::discovery::Settings,
    /// `template`: what each of them has.
    pub template: Template,
}

/// `alerting`: whom to tell, and what every alert says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alerting {
    /// `external_labels`: on every alert that is sent; none of them is a label of ours.
    pub external_labels: BTreeMap<String, String>,
    /// `external_url`, `grafana_url` and `runbook_url`: where those who read an alert are led.
    pub links: WebLinks,
    /// `alertmanagers`, then `receivers`; their names differ.
    pub receivers: Vec<notify::Settings>,
    /// `mute`: when receivers other than Alertmanagers are not told that alerts fire.
    pub mutes: Mutes,
}

/// One item of `clusters`, with what `global` and the defaults say filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterConfig {
    /// `name`; label `cluster_name`.
    pub name: ClusterName,
    /// How its REST API is reached.
    pub api: api::Settings,
    /// How often it is asked, and about which links.
    pub poll: poll::Settings,
    /// `expect`: what should be true of its links.
    pub expect: Vec<Expect>,
    /// Why it cannot be polled: what a template came to for a discovered cluster is no cluster. Its polls fail with this, and
    /// nothing is sent.
    pub unusable: Option<String>,
}

impl ClusterConfig {
    /// What is wanted of the cluster's links, for those who judge them.
    pub fn intent(&self) -> Intent {
        Intent {
            links: self.poll.links.clone(),
            expect: self.expect.clone(),
        }
    }
}

/// Where the clusters are described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In this YAML file (`--config.file`). Relative paths in it are relative to its folder.
    File(PathBuf),
    /// In `CLUSTERLINK_ENDPOINT`, `CLUSTERLINK_CLUSTER_ID`, `CLUSTERLINK_API_KEY` and `CLUSTERLINK_API_SECRET`, or in the
    /// files that `CLUSTERLINK_API_KEY_FILE` and `CLUSTERLINK_API_SECRET_FILE` name: one cluster, named after its id, or
    /// `default` where that is not set.
    Environment,
}

/// What becomes of secrets and certificates in files and variables.
#[derive(Clone, Copy)]
enum Secrets {
    /// They are read, and not kept.
    Tried,
    /// They may be elsewhere.
    LeftAlone,
}

impl Config {
    /// Reads and checks everything, or says everything that is wrong.
    ///
    /// Secrets in files and variables are tried and not kept. `poll_timeout` is by default the lesser of 25 seconds and
    /// five sixths of `poll_interval`.
    pub fn load(source: &Source, environment: &Environment) -> Result<Self, Problems> {
        Self::read(source, environment, Secrets::Tried).map(|(config, _)| config)
    }

    /// Checks everything but what secrets and certificates in files and variables hold, and whether they are there. Says
    /// which were not read.
    pub fn load_without_secrets(
        source: &Source,
        environment: &Environment,
    ) -> Result<(Self, Unread), Problems> {
        Self::read(source, environment, Secrets::LeftAlone)
    }

    fn read(
        source: &Source,
        environment: &Environment,
        secrets: Secrets,
    ) -> Result<(Self, Unread), Problems> {
        let (layers, folder) = layers(source, environment)?;
        let layers = layers.with_globals_of(environment);
        let (mut config, named, unread) = Self::of(layers, folder, environment, secrets)?;
        if let Source::File(_) = source {
            let ignored = environment.ignored_beside_a_file(&named);
            config.warnings.extend(ignored);
        }
        Ok((config, unread))
    }

    /// What the layers say, the variables that they name, and what was left alone.
    fn of(
        layers: Layers,
        folder: &Path,
        environment: &Environment,
        secrets: Secrets,
    ) -> Result<(Self, BTreeSet<String>, Unread), Problems> {
        let values = layers.merged();
        let reading = Reading::new(folder, layers.origins, layers.problems)
            .with_variables(environment.variables());
        let reading = match secrets {
            Secrets::Tried => reading,
            Secrets::LeftAlone => reading.without_secrets(),
        };
        file::begin(&values, KEYS, &reading);
        let root = Section::root(&reading, &values, KEYS);
        root.finish();
        let (rules, alerting) = alerting(&root);
        let Globals {
            schedule,
            state_file,
            transitions_kept,
        } = globals(&root);
        let clusters = clusters(&root, &schedule);
        let items = discovery::read(&root, &schedule);

        let Findings {
            mut problems,
            named,
            warnings,
            unread,
        } = reading.finish();
        problems.extend(environment.unknown_variables(&named));
        if !problems.is_empty() {
            return Err(Problems::new(problems));
        }
        let config = Self {
            discovery: Discoveries::beside(&clusters, items),
            clusters,
            state_file,
            transitions_kept,
            rules,
            alerting,
            warnings,
        };
        Ok((config, named, unread))
    }

    /// Reads and checks a text instead of a file, without any variable of the environment.
    pub fn of_text(text: &str) -> Result<Self, Problems> {
        let document = file::of_text(Path::new("built-in"), text);
        let document = document.map_err(|problem| Problems::new(vec![problem]))?;
        let layers = Layers::new().with_file(document);
        let environment = Environment::default();
        let read = Self::of(layers, Path::new(""), &environment, Secrets::Tried);
        read.map(|(config, _, _)| config)
    }

    /// Reads only what concerns the alert rules: none of the clusters' secrets is looked for.
    pub fn rules_of(path: &Path, environment: &Environment) -> Result<RuleFile, Problems> {
        rules::load(path, environment)
    }
}

/// What the source says over the defaults, and the folder that relative paths in it begin at.
fn layers<'a>(
    source: &'a Source,
    environment: &Environment,
) -> Result<(Layers, &'a Path), Problems> {
    match source {
        Source::File(path) => {
            let document = file::read(path).map_err(|problem| Problems::new(vec![problem]))?;
            let folder = path.parent().unwrap_or(Path::new(""));
            Ok((Layers::new().with_file(document), folder))
        }
        Source::Environment => {
            environment.check_endpoint()?;
            let layers = Layers::new().with_cluster_of(environment);
            Ok((layers, Path::new("")))
        }
    }
}

/// Reads what is wanted of the alerts.
fn alerting(root: &Section) -> (Overrides, Alerting) {
    let Ok(Some(section)) = root.section("alerting") else {
        return (Overrides::default(), Alerting::default());
    };
    let overrides = rules::read(&section);
    // The exporter sees no labels of targets: its own alerts have `external_labels` instead.
    let kept = rules::keep_labels(&section).unwrap_or_default();
    (overrides, alerting::read(&section, &kept))
}

/// What `global` says.
struct Globals {
    schedule: Schedule,
    state_file: Option<PathBuf>,
    transitions_kept: usize,
}

fn globals(root: &Section) -> Globals {
    let global = root.section("global").ok().flatten();
    let global = global.expect("the defaults have a `global`, and only a mapping lies over it");
    let transitions_kept = global.count("transitions_kept").ok().flatten();
    Globals {
        schedule: Schedule::global(&global),
        state_file: state_file(&global),
        // Where it is wrong, the problem is reported and nothing is kept.
        transitions_kept: transitions_kept.unwrap_or_default(),
    }
}

/// Reads the clusters that are right, and reports what is wrong with the others.
fn clusters(root: &Section, schedule: &Schedule) -> Vec<ClusterConfig> {
    let sections = root.sections("clusters");
    let discoveries = root.sections("discovery");
    let is_discovered = discoveries.map_or(true, |discoveries| !discoveries.is_empty());
    if sections.as_ref().is_ok_and(Vec::is_empty) && !is_discovered {
        let instead = "write at least one item with `name:` and `endpoint:`, or `discovery:`";
        root.report("clusters", "no cluster", instead);
    }
    let mut seen = Seen::default();
    let sections = sections.into_iter().flatten().flatten();
    sections
        .filter_map(|section| cluster::read(&section, schedule, &mut seen).ok())
        .collect()
}

/// An empty text is none: that is how the default is written.
fn state_file(global: &Section) -> Option<PathBuf> {
    let path = global.text_or_empty("state_file", "the path of a file to keep");
    let path = path.ok().flatten().filter(|path| !path.is_empty())?;
    Some(global.reading.folder.join(path))
}
