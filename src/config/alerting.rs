//! Which receivers are notified of alerts, and what every alert says: `alerting` without its rules.

mod mute;
mod receiver;

use std::collections::BTreeMap;

use self::receiver::Names;
use super::{Alerting, rules::KEEP_LABELS, web_links};
use crate::{
    alert::{KeptLabels, is_label_name, is_ours},
    document::{Parsed, Section},
    notify,
    web_links::BaseUrl,
};

/// Reads all but the rules: what is right, and reports what is wrong with the rest.
pub(super) fn read(section: &Section, kept: &KeptLabels) -> Alerting {
    let external_labels = external_labels(section).unwrap_or_default();
    let links = web_links::read(section);
    let receivers = receivers(section, links.external_url.as_ref());
    if !receivers.is_empty() {
        web_links::warn_of_none(section, &links);
    }
    if section.has("alertmanagers") {
        warn_of_other_labels(section, kept, &external_labels);
    }
    Alerting {
        external_labels,
        links,
        receivers,
        mutes: mute::read(section),
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

fn receivers(section: &Section, external_url: Option<&BaseUrl>) -> Vec<notify::Settings> {
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
