//! Where people find what an alert points to: the exporter's page, its boards in Grafana, its runbook. A link is absolute or
//! is not there.

use std::fmt;

use url::{Position, Url};

use crate::anchor;

/// The path of the runbooks below the exporter's own page.
pub const RUNBOOKS: &str = "/runbooks";

/// A URL that others begin with: scheme, host and port, and perhaps a path, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

/// What a configuration says of where people find things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebLinks {
    /// `alerting.external_url`: the exporter's page.
    pub external_url: Option<BaseUrl>,
    /// `alerting.grafana_url`: the Grafana that has the boards.
    pub grafana_url: Option<BaseUrl>,
    /// `alerting.runbook_url`: copies of the files of the runbooks.
    pub runbook_url: Option<BaseUrl>,
}

impl BaseUrl {
    /// Takes the parts of the URL that others can begin with; a user, a query or a fragment is none of them.
    pub fn new(url: &Url) -> Self {
        let place = &url[Position::BeforeHost..Position::AfterPath];
        Self(format!(
            "{}://{}",
            url.scheme(),
            place.trim_end_matches('/')
        ))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The exporter's page at this URL: at the link, at the cluster where no link is named, else at its top.
    pub fn page_of(&self, cluster_name: Option<&str>, link_name: Option<&str>) -> String {
        match cluster_name {
            Some(cluster) => format!("{self}/#{}", anchor::of_subject(cluster, link_name)),
            None => format!("{self}/"),
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl WebLinks {
    /// What the links to runbooks begin with.
    pub fn runbooks(&self) -> Option<BaseUrl> {
        self.runbook_url.clone().or_else(|| self.served_runbooks())
    }

    /// The runbook of an alert: the page that the exporter serves, or the copy of its file.
    pub fn runbook(&self, alert: &str) -> Option<String> {
        let base = self.runbooks()?;
        let extension = if Some(&base) == self.served_runbooks().as_ref() {
            ""
        } else {
            ".md"
        };
        Some(format!("{base}/{alert}{extension}"))
    }

    /// A path of Grafana, which begins with a slash.
    pub fn dashboard(&self, path: &str) -> Option<String> {
        let base = self.grafana_url.as_ref()?;
        Some(format!("{base}{path}"))
    }

    fn served_runbooks(&self) -> Option<BaseUrl> {
        let exporter = self.external_url.as_ref()?;
        Some(BaseUrl(format!("{exporter}{RUNBOOKS}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> BaseUrl {
        BaseUrl::new(&url.parse().expect("it is a URL"))
    }

    #[test]
    fn only_what_links_can_begin_with_is_kept() {
        for (url, kept) in [
            (
                "https://exporter.example.com",
                "https://exporter.example.com",
            ),
            (
                "HTTPS://Exporter.Example.com:443/",
                "https://exporter.example.com",
            ),
            ("http://[::1]:10191/a/b//", "http://[::1]:10191/a/b"),
            (
                "https://user:canary@a.example/x/?canary#canary",
                "https://a.example/x",
            ),
            (
                "https://a.example/{{ x }}/'\"`",
                "https://a.example/%7B%7B%20x%20%7D%7D/'%22%60",
            ),
        ] {
            assert_eq!(base(url).as_str(), kept, "{url}");
        }
    }

    #[test]
    fn the_page_is_linked_to_at_what_an_alert_is_about() {
        let page = base("https://a.example/prefix/");
        for (cluster, link, url) in [
            (
                Some("dr"),
                Some("orders"),
                "https://a.example/prefix/#dr/orders",
            ),
            (
                Some("eu/1 ü"),
                Some("100% \"a\"/b"),
                "https://a.example/prefix/#eu%2F1%20%C3%BC/100%25%20%22a%22%2Fb",
            ),
            (Some("dr"), None, "https://a.example/prefix/#dr"),
            (None, None, "https://a.example/prefix/"),
        ] {
            assert_eq!(page.page_of(cluster, link), url);
        }
    }

    #[test]
    fn a_runbook_is_the_page_of_the_exporter_or_the_copy_of_its_file() {
        let links = |external: Option<&str>, runbook: Option<&str>| WebLinks {
            external_url: external.map(base),
            runbook_url: runbook.map(base),
            ..WebLinks::default()
        };
        let (exporter, wiki) = ("https://a.example/x", "https://wiki.example/books/");
        for (external, runbook, url) in [
            (None, None, None),
            (
                Some(exporter),
                None,
                Some("https://a.example/x/runbooks/Alert"),
            ),
            (
                Some(exporter),
                Some("https://a.example/x/runbooks/"),
                Some("https://a.example/x/runbooks/Alert"),
            ),
            (
                Some(exporter),
                Some(wiki),
                Some("https://wiki.example/books/Alert.md"),
            ),
            (
                None,
                Some(wiki),
                Some("https://wiki.example/books/Alert.md"),
            ),
        ] {
            assert_eq!(links(external, runbook).runbook("Alert").as_deref(), url);
        }
    }
}
