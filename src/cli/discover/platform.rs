//! The clusters that one REST API knows: on Confluent Platform, where nobody knows the id by heart.

use std::{collections::BTreeSet, process::ExitCode};

use url::Url;

use super::yaml;
use crate::{
    api::{self, ApiError, Client, RequestLog},
    cli::{block_on, complain, output, say},
    client::{Credential, Transport},
    clock::Clock,
    config::{Config, Environment},
    model::ClusterId,
    text::printable,
};

/// The clusters at this URL.
pub(super) fn at(url: &Url, base_path: &str) -> ExitCode {
    if !base_path.starts_with('/') || base_path.ends_with('/') || base_path.contains(['?', '#']) {
        complain(
            "error: invalid value for '--base-path': write a path that begins with `/` and does not end with one, such as \
             `/kafka/v3` or `/v3`; try `--help`",
        );
        return ExitCode::from(2);
    }
    let credential = match Environment::capture().credential(url) {
        Ok(credential) => credential,
        Err(problem) => {
            complain(problem);
            return ExitCode::from(2);
        }
    };
    list(api::Settings {
        endpoint: url.clone(),
        base_path: base_path.to_owned(),
        cluster_id: None,
        credential: credential.unwrap_or(Credential::None),
        transport: Transport::default(),
        request_timeout: api::Settings::REQUEST_TIMEOUT,
    })
}

/// The clusters at the endpoint of the cluster of this name.
pub(super) fn of(config: &Config, name: &str) -> ExitCode {
    let mut clusters = config.clusters.iter();
    if let Some(cluster) = clusters.find(|it| it.name.as_str() == name) {
        return list(api::Settings {
            cluster_id: None,
            ..cluster.api.clone()
        });
    }
    let known: Vec<_> = config.clusters.iter().map(|it| it.name.as_str()).collect();
    let known = if known.is_empty() {
        "lists none by hand".to_owned()
    } else {
        format!("has `{}`", known.join("`, `"))
    };
    complain(printable(&format!(
        "no cluster is called `{name}`; the configuration {known}"
    )));
    ExitCode::from(2)
}

fn list(settings: api::Settings) -> ExitCode {
    let endpoint = settings.endpoint.clone();
    let refused = |error: ApiError| {
        let origin = endpoint.origin().ascii_serialization();
        complain(printable(&format!("{origin}: {error}")));
        ExitCode::from(2)
    };
    let base_path = settings.base_path.clone();
    let client = match Client::new(settings) {
        Ok(client) => client,
        Err(error) => return refused(error),
    };
    match block_on(ask(&client)) {
        Ok(clusters) => told(&endpoint, &base_path, &clusters),
        Err(error) => refused(error),
    }
}

async fn ask(client: &Client) -> Result<Vec<Option<ClusterId>>, ApiError> {
    let log = RequestLog::default();
    let session = client.session(&log, Clock::system().now()).await?;
    session.clusters().await
}

/// Each cluster as an item of `clusters`, and which id to write where there are several.
fn told(endpoint: &Url, base_path: &str, clusters: &[Option<ClusterId>]) -> ExitCode {
    let nameless = clusters.iter().filter(|id| id.is_none()).count();
    let ids: BTreeSet<_> = clusters.iter().flatten().collect();
    if ids.is_empty() {
        complain(format_args!(
            "{}: the server lists no cluster that has a `cluster_id`; check `--url` and `--base-path`",
            endpoint.origin().ascii_serialization()
        ));
        return ExitCode::from(2);
    }
    let mut lines = Vec::new();
    if ids.len() + nameless > 1 {
        lines.push(format!(
            "# The server knows {} clusters: keep the item of the one that is meant, with its `cluster_id`, or one of each.",
            ids.len() + nameless
        ));
    }
    lines.push("clusters:".to_owned());
    for id in ids {
        let id = yaml::quoted(id.as_str());
        lines.push(format!("  - name: {id} # a name of your own"));
        lines.push(format!("    cluster_id: {id}"));
        lines.push(format!("    endpoint: {}", yaml::quoted(endpoint.as_str())));
        if base_path != api::Settings::BASE_PATH {
            lines.push(format!("    base_path: {}", yaml::quoted(base_path)));
        }
    }
    if nameless > 0 {
        lines.push(format!("# {nameless} without a `cluster_id`"));
    }
    output::verdict(say(lines.join("\n")), ExitCode::SUCCESS)
}
