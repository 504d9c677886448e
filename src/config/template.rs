//! `template` of an item of `discovery`: what each discovered cluster has.
//!
//! What it comes to is read by the same reader as an item of `clusters`. Files and variables that hold secrets are named and
//! not tried then: one that is missing is found by the polls of that cluster alone, and is no reason to leave it out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::PathBuf,
    sync::Arc,
};

use figment::value::{Dict, Value};
use url::Url;

use super::{
    ClusterConfig,
    cluster::{self, Seen},
    keys::CLUSTER,
    placeholder::{self, Found, NAMES, Values},
    schedule::Schedule,
};
use crate::{
    api,
    client::{Credential, Transport},
    discovery::{Environment, ListedCluster, Phase},
    document::{self, Keys, Kind, Origins, Parsed, Problem, Reading, Section},
    model::ClusterName,
    poll::{Collect, LinkFilter},
};

/// A template. Its `Debug` shows nothing of what stands in it.
#[derive(Clone)]
pub struct Template {
    /// Its key path.
    path: String,
    values: Dict,
    origins: Arc<Origins>,
    folder: PathBuf,
    variables: Arc<BTreeMap<String, String>>,
    /// `global`, for what the template does not say.
    schedule: Schedule,
}

/// A text of the template that is to be changed, or not.
type Change<'a> = dyn FnMut(&str, &Kind, &str) -> Option<String> + 'a;

impl Template {
    /// Reads a template and reports what would be wrong with every cluster.
    pub(super) fn read(section: &Section, schedule: &Schedule) -> Parsed<Self> {
        let reading = section.reading;
        let template = Self {
            path: section.path().to_owned(),
            values: section.values().clone(),
            origins: reading.origins(),
            folder: reading.folder.clone(),
            variables: Arc::new(reading.variables().clone()),
            schedule: *schedule,
        };
        let (is_known, untried) = template.check_placeholders(section);
        let example = example();
        let (values, problems) = template.filled(&example);
        let values = with_place(values, &example, EXAMPLE_ENDPOINT);
        let part = Reading::new(&template.folder, template.origins.clone(), problems)
            .with_variables(reading.variables());
        let part = if reading.leaves_secrets() {
            part.without_secrets()
        } else {
            part
        };
        let filled = Section::at(&part, &template.path, &values, Keys::Known(CLUSTER));
        let read = cluster::read(&filled, schedule, &mut Seen::default());
        let mut findings = part.finish();
        // What other names will be filled in for cannot be tried.
        let is_tried = |problem: &Problem| {
            let key = problem.key.as_ref();
            key.is_none_or(|key| !untried.contains(key))
        };
        findings.problems.retain(is_tried);
        let has_problems = !findings.problems.is_empty();
        reading.absorb(findings);
        match (is_known?, read) {
            ((), Err(reported)) if has_problems => Err(reported),
            _ => Ok(template),
        }
    }

    /// The name of the cluster, and what the template comes to for it, or every problem with that.
    pub fn fill(
        &self,
        cluster: &ListedCluster,
        endpoint: &str,
    ) -> (ClusterName, Result<ClusterConfig, String>) {
        let (values, problems) = self.filled(cluster);
        let name = match self.values.get("name") {
            Some(Value::String(_, name)) => {
                placeholder::fill(name, &Kind::Text, &Values::of(cluster)).ok()
            }
            _ => None,
        };
        let name = name.map_or_else(|| cluster.id.as_str().into(), ClusterName::from);
        let values = with_place(values, cluster, endpoint);
        let reading = Reading::new(&self.folder, self.origins.clone(), problems)
            .with_variables(&self.variables)
            .without_trying_secrets();
        let section = Section::at(&reading, &self.path, &values, Keys::Known(CLUSTER));
        let read = cluster::read(&section, &self.schedule, &mut Seen::default());
        let problems = reading.finish().problems;
        let said = || {
            let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
            problems.join("; ")
        };
        match read {
            Ok(config) if problems.is_empty() => (name, Ok(config)),
            _ => (name, Err(said())),
        }
    }

    /// What stands for a cluster that the template comes to no good for: it is polled by no request, and each poll fails with
    /// this reason.
    pub(super) fn unusable(
        &self,
        cluster: &ListedCluster,
        endpoint: &str,
        why: &str,
    ) -> ClusterConfig {
        // Nobody is shown a user or a password that the organisation's list may have in it.
        let is_usable = |url: &Url| {
            let is_anonymous = url.username().is_empty() && url.password().is_none();
            matches!(url.scheme(), "http" | "https") && url.has_host() && is_anonymous
        };
        let endpoint = Url::parse(endpoint).ok().filter(is_usable);
        let nowhere = || Url::parse("https://unknown.invalid").expect("a literal URL is valid");
        let timing = self.schedule.timing();
        let timing = timing.expect("a configuration whose `global` is wrong is not used");
        ClusterConfig {
            name: cluster.id.as_str().into(),
            api: api::Settings {
                endpoint: endpoint.unwrap_or_else(nowhere),
                base_path: api::Settings::BASE_PATH.to_owned(),
                cluster_id: Some(cluster.id.clone()),
                credential: Credential::None,
                transport: Transport::default(),
                request_timeout: timing.request_timeout,
            },
            poll: timing.poll(LinkFilter::all(), Collect::default()),
            expect: Vec::new(),
            unusable: Some(why.to_owned()),
        }
    }

    /// Reports placeholders that are none. Says which files and variables other names will be filled in for.
    fn check_placeholders(&self, section: &Section) -> (Parsed<()>, BTreeSet<String>) {
        let (mut known, mut untried) = (Ok(()), BTreeSet::new());
        changed(
            &self.values,
            Keys::Known(CLUSTER),
            &self.path,
            &mut |path, kind, text| {
                match placeholder::find(text, kind) {
                    Found::Nothing => {}
                    Found::Known => {
                        if let Kind::File | Kind::Variable = kind {
                            untried.insert(path.to_owned());
                            self.name_variables(section.reading, text, kind);
                        }
                    }
                    Found::Unknown(name) => {
                        let instead = match document::closest(name, &NAMES) {
                            Some(meant) => format!("did you mean `{{{meant}}}`?"),
                            None => format!("write one of `{{{}}}`", NAMES.join("}`, `{")),
                        };
                        untried.insert(path.to_owned());
                        let found = "an unknown placeholder";
                        known = Err(section.reading.report(path, found, instead));
                    }
                }
                None
            },
        );
        (known, untried)
    }

    /// Notes every variable that the text may come to name, so that none of them counts as one that nothing reads.
    fn name_variables(&self, reading: &Reading, text: &str, kind: &Kind) {
        let Kind::Variable = kind else { return };
        let (before, after) = (text.split('{').next(), text.rsplit('}').next());
        let ends = before.unwrap_or_default().len() + after.unwrap_or_default().len();
        for name in self.variables.keys().filter(|name| name.len() > ends) {
            if name.starts_with(before.unwrap_or_default())
                && name.ends_with(after.unwrap_or_default())
            {
                let _ = reading.variable(name);
            }
        }
    }

    /// The values with what is known of the cluster, and what cannot be filled in.
    fn filled(&self, cluster: &ListedCluster) -> (Dict, Vec<Problem>) {
        let (values, mut problems) = (Values::of(cluster), Vec::new());
        let filled = changed(
            &self.values,
            Keys::Known(CLUSTER),
            &self.path,
            &mut |path, kind, text| match placeholder::fill(text, kind, &values) {
                Ok(text) => Some(text),
                Err((found, instead)) => {
                    problems.push(self.origins.problem(path, found, instead.to_owned()));
                    None
                }
            },
        );
        (filled, problems)
    }
}

const EXAMPLE_ENDPOINT: &str = "https://pkc-00000.us-west-2.aws.confluent.cloud:443";

/// A cluster as there may be one, to try a template before any is known.
fn example() -> ListedCluster {
    ListedCluster {
        id: "lkc-a1b2c3".into(),
        display_name: "orders".to_owned(),
        environment: Environment {
            id: "env-a1b2c3".to_owned(),
            display_name: "prod".to_owned(),
        },
        cloud: Some("AWS".to_owned()),
        region: Some("us-west-2".to_owned()),
        phase: Phase::Provisioned,
        endpoints: BTreeMap::new(),
        http_endpoint: None,
    }
}

/// The values with the two keys that are the organisation's word.
fn with_place(mut values: Dict, cluster: &ListedCluster, endpoint: &str) -> Dict {
    values.insert("cluster_id".into(), cluster.id.as_str().into());
    values.insert("endpoint".into(), endpoint.into());
    values
}

/// The values with every text as `change` has it; what it says nothing of stays.
fn changed(values: &Dict, keys: Keys, path: &str, change: &mut Change) -> Dict {
    let values = values.iter().map(|(name, value)| {
        let shown = document::shown(name, !matches!(value, Value::Empty(..)));
        let path = document::join(path, shown);
        let kind = match keys {
            Keys::Own(kind) => Some(kind),
            _ => keys.find(name).map(|key| &key.kind),
        };
        let value = match (value, kind) {
            (Value::Dict(_, values), Some(Kind::Section(_))) => {
                changed(values, keys.under(name), &path, change).into()
            }
            (Value::Array(_, items), Some(kind)) => {
                let items = items.iter().enumerate();
                let items = items.map(|(index, item)| {
                    let path = format!("{path}[{index}]");
                    match (item, kind) {
                        (Value::Dict(_, values), Kind::Sections(_)) => {
                            changed(values, keys.under(name), &path, change).into()
                        }
                        (item, kind) => text_of(item, kind, &path, change),
                    }
                });
                Value::from(items.collect::<Vec<Value>>())
            }
            (value, Some(kind)) => text_of(value, kind, &path, change),
            (value, None) => value.clone(),
        };
        (name.clone(), value)
    });
    values.collect()
}

fn text_of(value: &Value, kind: &Kind, path: &str, change: &mut Change) -> Value {
    match value {
        Value::String(_, text) => {
            change(path, kind, text).map_or_else(|| value.clone(), Value::from)
        }
        other => other.clone(),
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Template").field(&self.path).finish()
    }
}
