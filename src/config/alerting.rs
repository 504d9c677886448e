//! Which receivers are notified of alerts, and what every alert says: `alerting` without its rules.

mod mute;
mod receiver;

use std::collections::BTreeMap;

use url::Url;

use self::receiver::Names;
use super::{
    Alerting,
    endpoint::{self, Shape},
    rules::KEEP_LABELS,
};
use crate::{
    alert::{KeptLabels, is_label_name, is_ours},
    document::{Parsed, Section},
    notify,
};

const EXTERNAL_URL: Shape = Shape {
    key: "external_url",
    wanted: "where people find this exporter's page, such as `https://exporter.example.com`",
    user: "remove them: whoever reads an alert reads this URL",
    path: None,
    query: Some("remove the `?` and what follows it"),
};

/// Reads all but the rules and their runbooks: what is right, and reports what is wrong with the rest.
pub(super) fn read(section: &Section, kept: &KeptLabels) -> Alerting {
    let external_labels = external_labels(section).unwrap_or_default();
    let external_url = endpoint::optional_url(section, &EXTERNAL_URL);
    let external_url = external_url.unwrap_or_default();
    let receivers = receivers(section, external_url.as_ref());
    if section.has("alertmanagers") {
        warn_of_other_labels(section, kept, &external_labels);
    }
    Alerting {
        external_labels,
        external_url,
        receivers,
        mutes: mute::read(section),
        ..Alerting::default()
    }
}

/// Warns of labels that the rules keep and that the exporter's own alerts have not.
fn warn_of_other_labels(
    section: &Section,
    kept: &KeptLabels,
    external_labels: &BTreeMap<String, String>,
) {
    if kept
        .iter()
        .any(|label| !external_labels.contains_key(label))
    {
        section.warn(
            KEEP_LABELS,
            "names labels that are not among `external_labels`: Alertmanager takes what this exporter sends and what \
             Prometheus sends for different alerts; write them there too, with the values that scraping attaches",
        );
    }
}

fn receivers(section: &Section, external_url: Option<&Url>) -> Vec<notify::Settings> {
    let mut names = Names::new();
    let alertmanagers = section.sections("alertmanagers").into_iter().flatten();
    let alertmanagers: Vec<_> = alertmanagers
        .flatten()
        .filter_map(|item| receiver::alertmanager(&item, external_url, &mut names).ok())
        .collect();
    let receivers = section.sections("receivers").into_iter().flatten();
    let receivers = receivers
        .flatten()
        .filter_map(|item| receiver::receiver(&item, external_url, &mut names).ok());
    alertmanagers.into_iter().chain(receivers).collect()
}

fn external_labels(section: &Section) -> Parsed<BTreeMap<String, String>> {
    let Some(labels) = section.section("external_labels")? else {
        return Ok(BTreeMap::new());
    };
    let mut read = labels.all_texts("a text");
    for name in labels.keys() {
        let wrong = if !is_label_name(name) {
            let instead = "write letters, digits and `_`, beginning with a letter or a single `_`";
            Some(("a text that is no name of a label", instead))
        } else if is_ours(name) {
            Some(("a label that alerts have already", "choose another name"))
        } else {
            None
        };
        if let Some((found, instead)) = wrong {
            read = Err(labels.report_own(name, found, instead.to_owned()));
        }
    }
    Ok(read?.into_iter().collect())
}
