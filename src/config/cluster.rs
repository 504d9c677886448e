//! One item of `clusters`.

use std::collections::BTreeMap;

use url::Url;

use super::{
    ClusterConfig, authentication,
    endpoint::{self, Insecure, Sent},
    expect, pattern,
    schedule::Schedule,
    transport,
};
use crate::{
    api,
    document::{AlreadyReported, Parsed, Section},
    model::{ClusterName, MirrorDetail},
    poll::{Collect, LinkFilter},
};

/// The clusters that were read before, to find what is given twice.
#[derive(Default)]
pub(super) struct Seen {
    /// Their key paths by their names.
    names: BTreeMap<String, String>,
    /// Their key paths and where they are reached, by their ids.
    ids: BTreeMap<String, Vec<(String, Location)>>,
}

/// `endpoint` and `base_path`.
type Location = (Url, String);

impl Seen {
    /// Takes in an id and warns where a cluster at another place has it too.
    fn id(&mut self, section: &Section, id: &str, location: Location) {
        let known = self.ids.entry(id.to_owned()).or_default();
        if let Some((first, _)) = known.iter().find(|(_, other)| *other != location) {
            let what = format!(
                "is that of `{first}`, whose endpoint is another one: a Kafka cluster has an id of its own; correct the \
                 one that was copied, or remove one of them where they are the same cluster"
            );
            section.warn("cluster_id", &what);
        }
        // Of many at one place the first stands for all.
        if !known.iter().any(|(_, other)| *other == location) {
            known.push((section.path().to_owned(), location));
        }
    }
}

/// Reads a cluster and reports everything that is wrong with it.
pub(super) fn read(section: &Section, global: &Schedule, seen: &mut Seen) -> Parsed<ClusterConfig> {
    let name = name(section, &mut seen.names);
    let cluster_id = section.text("cluster_id", "the id, or remove the key to ask the server");
    let endpoint = endpoint::read(section);
    let base_path = endpoint::base_path(section);
    // A wrong value has its own problem; it must not bring a second one.
    let insecure = Insecure {
        is_allowed: section.flag("allow_insecure_http").unwrap_or(true),
        location: "the cluster in a configuration file",
    };
    let credential = authentication::read(section, insecure);
    let transport = transport::read(section);
    if let (Ok(url), true) = (&endpoint, authentication::is_given(section)) {
        let sent = Sent::to("endpoint", url, transport.as_ref().ok());
        endpoint::check_credentials_are_safe(section, sent, insecure);
    }
    let timing = Schedule::cluster(section, global).timing();
    let links = links(section);
    let collect = collect(section);
    let expect = expect::read(section);
    if let (Ok(Some(id)), Ok(endpoint), Ok(base_path)) = (&cluster_id, &endpoint, &base_path) {
        seen.id(section, id, (endpoint.clone(), base_path.clone()));
    }

    let timing = timing?;
    Ok(ClusterConfig {
        name: name?,
        api: api::Settings {
            endpoint: endpoint?,
            base_path: base_path?,
            cluster_id: cluster_id?.map(Into::into),
            credential: credential?,
            transport: transport?,
            request_timeout: timing.request_timeout,
        },
        poll: timing.poll(links?, collect?),
        expect: expect?,
        unusable: None,
    })
}

fn name(section: &Section, names: &mut BTreeMap<String, String>) -> Parsed<ClusterName> {
    let name = section.required_text("name", "a name such as `prod-dr`")?;
    if let Some(first) = names.get(&name) {
        let found = format!("the name of `{first}`");
        return Err(section.report("name", &found, "give each cluster a name of its own"));
    }
    names.insert(name.clone(), section.path().to_owned());
    Ok(name.into())
}

fn links(cluster: &Section) -> Parsed<LinkFilter> {
    let Some(section) = cluster.section("links")? else {
        return Ok(LinkFilter::all());
    };
    let include = pattern::list(&section, "include");
    let exclude = pattern::list(&section, "exclude");
    if let Ok(Some([])) = include.as_ref().map(Option::as_deref) {
        let instead = "write at least one pattern, or remove the key to include every link";
        section.report("include", "an empty list", instead);
    }
    match (include, exclude) {
        (Ok(include), Ok(exclude)) => {
            let include = include.unwrap_or_else(|| vec![".*".to_owned()]);
            LinkFilter::new(&include, &exclude.unwrap_or_default()).map_err(|error| {
                section.report("", &pattern::found(&error), "write fewer or shorter ones")
            })
        }
        _ => Err(AlreadyReported),
    }
}

fn collect(cluster: &Section) -> Parsed<Collect> {
    let Some(section) = cluster.section("collect")? else {
        return Ok(Collect::default());
    };
    let configs = section.flag_or("configs", Collect::default().configs);
    let mirrors = mirrors(&section);
    Ok(Collect {
        configs: configs?,
        mirrors: mirrors?,
    })
}

fn mirrors(section: &Section) -> Parsed<MirrorDetail> {
    let words: Vec<_> = MirrorDetail::ALL.iter().map(|it| it.as_str()).collect();
    let wanted = format!("one of `{}`", words.join("`, `"));
    // `off` is a boolean to YAML of old, and whoever knows that writes what it meant.
    if section.is_false("mirrors") {
        return Err(section.report("mirrors", "`false`", "write `off`"));
    }
    let Some(word) = section.word("mirrors", &wanted)? else {
        return Ok(Collect::default().mirrors);
    };
    word.parse().map_err(|_| {
        let found = "another word";
        section.report("mirrors", found, format!("write {wanted}"))
    })
}
