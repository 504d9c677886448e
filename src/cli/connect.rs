//! `check-config --connect`: what the credentials of each cluster allow, and which commands grant what is missing. Asks
//! each question once; a cluster that does not answer keeps no other.

mod report;

use std::{collections::BTreeSet, process::ExitCode};

use futures_util::future::join_all;

use super::{Output, output};
use crate::{
    app::{self, StartError},
    client::Credential,
    clock::Clock,
    config::{ClusterConfig, Config},
    model::Endpoint,
    poll::{Answer, Probe},
    rights::{Grants, Principal, Product},
    text::printable,
};

/// What trying a cluster brought.
struct Tried<'a> {
    cluster: &'a ClusterConfig,
    probe: Probe,
}

/// Prints what is allowed on every cluster, those that are discovered included, and sums up: 1 something is forbidden, else
/// 2 something is not known, else 0.
pub(super) fn run(config: Config, shape: Output) -> ExitCode {
    let (config, mut is_whole) = super::with_discovered(config);
    let (usable, unusable): (Vec<_>, Vec<_>) = config
        .clusters
        .iter()
        .partition(|cluster| cluster.unusable.is_none());
    for cluster in unusable {
        // Its polls fail with the same words.
        let error = StartError::unusable(cluster);
        super::complain(printable(&format!("cluster `{}`: {error}", cluster.name)));
        is_whole = false;
    }
    let tried = super::block_on(all(usable.into_iter()));
    let said = match shape {
        Output::Table => super::say(report::text(&tried, super::terminal_width())),
        Output::Json => super::say_json(&report::json(&tried)),
    };
    output::verdict(said, output::of_whole(verdict(&tried), is_whole))
}

/// Says on standard error what is allowed on these clusters, of which something was refused to another command.
pub(super) fn explain<'a>(clusters: impl Iterator<Item = &'a ClusterConfig>) {
    let tried = super::block_on(all(clusters));
    if !tried.is_empty() {
        super::complain(report::text(&tried, super::terminal_width()));
    }
}

/// Tries every cluster, all at the same time.
async fn all<'a>(clusters: impl Iterator<Item = &'a ClusterConfig>) -> Vec<Tried<'a>> {
    let clock = &Clock::system();
    let tries = clusters.map(|cluster| async move {
        let probe = app::probe(cluster, clock).await;
        Tried { cluster, probe }
    });
    join_all(tries).await
}

fn verdict(tried: &[Tried<'_>]) -> ExitCode {
    let answers = || {
        let answers = tried.iter().flat_map(|tried| &tried.probe.answers);
        answers.map(|(_, answer)| answer)
    };
    if answers().any(|answer| matches!(answer, Answer::Forbidden(_))) {
        ExitCode::from(1)
    } else if answers().any(|answer| *answer != Answer::Allowed) {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}

impl Tried<'_> {
    fn product(&self) -> Product {
        let host = self.cluster.api.endpoint.host_str();
        Product::of(host, self.probe.cluster_id.as_ref())
    }

    /// What is to be granted; `None` where nothing was refused. What could not be tried because the list was refused is
    /// granted with it: else it would be refused next.
    fn grants(&self) -> Option<Grants> {
        let forbidden = |answer: &Answer| matches!(answer, Answer::Forbidden(_));
        let mut answers = self.probe.answers.iter();
        let no_list = answers.any(|(it, answer)| *it == Endpoint::Links && forbidden(answer));
        let refused = self.probe.answers.iter().filter(|(_, answer)| {
            forbidden(answer) || (no_list && matches!(answer, Answer::NotTried(_)))
        });
        let refused: BTreeSet<_> = refused.map(|(endpoint, _)| *endpoint).collect();
        if refused.is_empty() {
            return None;
        }
        Some(Grants {
            product: self.product(),
            cluster_id: self.probe.cluster_id.clone(),
            principal: principal(&self.cluster.api.credential),
            refused,
        })
    }
}

fn principal(credential: &Credential) -> Principal {
    let pool = match credential {
        Credential::Header {
            identity_pool_id, ..
        } => identity_pool_id.as_ref(),
        Credential::OAuth2(oauth2) => oauth2.identity_pool_id.as_ref(),
        Credential::None | Credential::Basic { .. } | Credential::MetadataService(_) => None,
    };
    pool.map_or(Principal::Owner, |pool| {
        Principal::IdentityPool(pool.clone())
    })
}
