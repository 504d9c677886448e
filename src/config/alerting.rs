//! Whom to tell of alerts, and what every alert says: `alerting` without its rules.

mod receiver;

use std::collections::BTreeMap;

use url::Url;

use self::receiver::Names;
use super::{
    Alerting,
    endpoint::{self, Shape},
    section::{Parsed, Section},
};
use crate::{
    metrics::{Family, families},
    notify,
};

const EXTERNAL_URL: Shape = Shape {
    key: "external_url",
    wanted: "where people find this exporter's page, such as `https://exporter.example.com`",
    user: "remove them: whoever reads an alert reads this URL",
    path: None,
    query: Some("remove the `?` and what follows it"),
};

/// Labels of every alert that no family has.
const OWN_LABELS: [&str; 4] = ["alertname", "severity", "component", "scope"];

/// Reads all but the rules and their runbooks: what is right, and reports what is wrong with the rest.
pub(super) fn read(section: &mut Section) -> Alerting {
    let external_labels = external_labels(section).unwrap_or_default();
    let external_url = endpoint::optional_url(section, &EXTERNAL_URL);
    let external_url = external_url.unwrap_or_default();
    let receivers = receivers(section, external_url.as_ref());
    Alerting {
        external_labels,
        external_url,
        receivers,
        ..Alerting::default()
    }
}

fn receivers(section: &mut Section, external_url: Option<&Url>) -> Vec<notify::Settings> {
    let mut names = Names::new();
    let alertmanagers = section.sections("alertmanagers").into_iter().flatten();
    let alertmanagers: Vec<_> = alertmanagers
        .flatten()
        .filter_map(|item| receiver::alertmanager(item, external_url, &mut names).ok())
        .collect();
    let receivers = section.sections("receivers").into_iter().flatten();
    let receivers = receivers
        .flatten()
        .filter_map(|item| receiver::receiver(item, external_url, &mut names).ok());
    alertmanagers.into_iter().chain(receivers).collect()
}

fn external_labels(section: &mut Section) -> Parsed<BTreeMap<String, String>> {
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

/// As Prometheus has them; names that begin with `__` are its own.
fn is_label_name(name: &str) -> bool {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    starts_well && !name.starts_with("__") && name.chars().all(plain)
}

/// Whether alerts or the series that they come from have this label.
fn is_ours(name: &str) -> bool {
    let mut labels = families().flat_map(|family| family.labels);
    OWN_LABELS.contains(&name)
        || Family::IDENTITY.contains(&name)
        || labels.any(|label| label.name == name)
}
