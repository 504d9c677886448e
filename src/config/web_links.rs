//! Where people find what alerts point to: `external_url`, `grafana_url` and `runbook_url` of `alerting`.

use super::endpoint::{self, Shape};
use crate::{
    document::{Parsed, Section},
    web_links::{BaseUrl, WebLinks},
};

/// The keys, for those who read nothing else of `alerting`.
pub(super) const LINKS: [&str; 3] = [EXTERNAL_URL.key, GRAFANA_URL.key, RUNBOOK_URL.key];

const EXTERNAL_URL: Shape = shape(
    "external_url",
    "where people find this exporter's page, such as `https://exporter.example.com`",
);
const GRAFANA_URL: Shape = shape(
    "grafana_url",
    "where people find Grafana, such as `https://grafana.example.com`",
);
const RUNBOOK_URL: Shape = shape(
    "runbook_url",
    "where people read your copy of `alerts/runbooks`, such as `https://wiki.example.com/runbooks`",
);

const fn shape(key: &'static str, wanted: &'static str) -> Shape {
    Shape {
        key,
        wanted,
        user: "remove them: whoever reads an alert reads this URL",
        path: None,
        query: Some("remove the `?` and what follows it"),
    }
}

/// Reads the links that are right, and reports what is wrong with the others.
pub(super) fn read(alerting: &Section) -> WebLinks {
    let [external_url, grafana_url, runbook_url] =
        [EXTERNAL_URL, GRAFANA_URL, RUNBOOK_URL].map(|shape| one(alerting, &shape).ok().flatten());
    WebLinks {
        external_url,
        grafana_url,
        runbook_url,
    }
}

fn one(alerting: &Section, shape: &Shape) -> Parsed<Option<BaseUrl>> {
    let url = endpoint::optional_url(alerting, shape)?;
    Ok(url.map(|url| BaseUrl::new(&url)))
}

/// Warns where people would be notified without being led anywhere. A URL that was refused is a problem of its own.
pub(super) fn warn_of_none(alerting: &Section, links: &WebLinks) {
    if alerting.has(EXTERNAL_URL.key) {
        return;
    }
    let missing = if links.grafana_url.is_none() && links.runbook_url.is_none() {
        "links"
    } else {
        "links to this exporter's page"
    };
    let what = format!(
        "is not set: notifications will carry no {missing}; write {}",
        EXTERNAL_URL.wanted
    );
    alerting.warn(EXTERNAL_URL.key, &what);
}

/// A base of links as a flag gives it.
pub fn base_url(text: &str) -> Result<BaseUrl, String> {
    let shape = shape("", "a URL such as `https://wiki.example.com/runbooks`");
    let url = endpoint::examine(text, &shape).map_err(|wrong| {
        let wrong = wrong.into_iter();
        let wrong = wrong.map(|(found, instead)| format!("found {found}; {instead}"));
        wrong.collect::<Vec<_>>().join("; ")
    })?;
    Ok(BaseUrl::new(&url))
}
