//! `discover`: which clusters there are. What would be polled, as the configuration and its discoveries have it now; or the
//! clusters that one REST API of Confluent Platform knows, and which id to write.

mod platform;
mod yaml;

use std::{process::ExitCode, sync::Arc};

use clap::Args;
use url::Url;

use super::{ConfigFile, Log, output};
use crate::{
    app,
    config::{ClusterConfig, Config, Outcome},
    discovery::{List, Status},
    text::printable,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// List the clusters that the REST API at this URL knows, such as http://kafka-0.example.com:8090, signed in to with
    /// CLUSTERLINK_API_KEY and CLUSTERLINK_API_SECRET where they are set
    #[arg(long, value_name = "URL", conflicts_with = "cluster")]
    url: Option<String>,
    /// Where that API begins: `/v3` for a standalone REST Proxy
    #[arg(
        long,
        value_name = "PATH",
        default_value = "/kafka/v3",
        requires = "url"
    )]
    base_path: String,
    /// List the clusters that the REST API of this cluster knows, by its name in the configuration
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    pub(super) log: Log,
}

/// Not a value parser: clap prints what a parser refuses, and this may hold a password.
fn url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_bare =
        matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let has_user = !url.username().is_empty() || url.password().is_some();
    let is_http = matches!(url.scheme(), "http" | "https");
    (is_http && is_bare && !has_user).then_some(url)
}

const NO_URL: &str = "error: invalid value for '--url': write scheme, host and port only, such as \
    `http://kafka-0.example.com:8090`, and a path as `--base-path`; credentials come from CLUSTERLINK_API_KEY and \
    CLUSTERLINK_API_SECRET; try `--help`";

pub(super) fn run(options: &Options) -> ExitCode {
    if let Some(text) = &options.url {
        let Some(url) = url(text) else {
            super::complain(NO_URL);
            return ExitCode::from(2);
        };
        return platform::at(&url, &options.base_path);
    }
    let config = match options.config.load() {
        Ok(config) => config,
        Err(status) => return status,
    };
    match &options.cluster {
        Some(name) => platform::of(&config, name),
        None => super::block_on(all(&config)),
    }
}

/// Asks every discovery. One that cannot be asked does not hide what the others find.
async fn all(config: &Config) -> ExitCode {
    let (lists, problems) = app::lists(&config.discovery).await;
    for problem in &problems {
        super::complain(printable(&problem.to_string()));
    }
    let said = super::say(shown(config, &lists));
    let verdict = if problems.is_empty() { 0 } else { 2 };
    output::verdict(said, ExitCode::from(verdict))
}

/// What would be polled as YAML, and what is left out as comments.
fn shown(config: &Config, lists: &[Option<Arc<List>>]) -> String {
    let discovered = config.discovery.discovered(lists);
    let mut lines = Vec::new();
    let clusters = config.clusters.iter().chain(&discovered.clusters);
    lines.extend(clusters.flat_map(of_cluster));
    if lines.is_empty() {
        lines.push("clusters: []".to_owned());
    } else {
        lines.insert(0, "clusters:".to_owned());
    }
    let items = config.discovery.items.iter().zip(lists);
    for ((item, list), outcomes) in items.zip(&discovered.outcomes) {
        let name = item.settings.label();
        let Some(list) = list else {
            lines.push(format!("# {name}: not known, it could not be asked"));
            continue;
        };
        lines.push(format!("# {name}: {}", counts(outcomes)));
        let unwanted = list.unwanted.iter();
        lines.extend(unwanted.map(|it| {
            format!(
                "#   environment {} {}: excluded",
                it.id,
                yaml::quoted(&it.display_name)
            )
        }));
        let left_out = outcomes.iter().filter(|it| it.status != Status::Polled);
        lines.extend(left_out.map(left_out_line));
    }
    lines.join("\n")
}

fn of_cluster(cluster: &ClusterConfig) -> Vec<String> {
    let mut lines = vec![format!("  - name: {}", yaml::quoted(cluster.name.as_str()))];
    let id = cluster.api.cluster_id.as_ref();
    lines.extend(id.map(|id| format!("    cluster_id: {}", yaml::quoted(id.as_str()))));
    let endpoint = yaml::quoted(cluster.api.endpoint.as_str());
    lines.push(format!("    endpoint: {endpoint}"));
    lines.extend(
        cluster
            .unusable
            .as_ref()
            .map(|why| format!("    # cannot be polled: {}", printable(why))),
    );
    lines
}

fn counts(outcomes: &[Outcome]) -> String {
    let counts = Status::ALL.iter().map(|status| {
        let count = outcomes.iter().filter(|it| it.status == *status).count();
        format!("{count} {}", status.label())
    });
    counts.collect::<Vec<_>>().join(", ")
}

fn left_out_line(outcome: &Outcome) -> String {
    let Outcome { cluster, status } = outcome;
    let why = match status {
        Status::NotProvisioned => format!(" (phase {})", printable(cluster.phase.as_str())),
        Status::NoEndpoint => {
            let points: Vec<_> = cluster.endpoints.keys().map(|it| printable(it)).collect();
            if points.is_empty() {
                " (it has no HTTP endpoint)".to_owned()
            } else {
                let points = points.join(", ");
                format!(" (it has endpoints at {points}; name one in `access_points`)")
            }
        }
        Status::Overridden => " (a cluster before it has its id or name)".to_owned(),
        Status::Polled | Status::Excluded => String::new(),
    };
    format!(
        "#   {} {} in {}: {}{why}",
        cluster.id,
        yaml::quoted(&cluster.display_name),
        yaml::quoted(&cluster.environment.display_name),
        status.label()
    )
}
