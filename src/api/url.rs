//! The URLs of the API. Names are percent-encoded, and no URL ever leaves the configured origin.

use percent_encoding::utf8_percent_encode;
use url::Url;

use crate::{
    model::{ClusterId, LinkName, TopicName},
    text::RESERVED,
};

/// Where the API of one cluster is.
#[derive(Clone, Debug)]
pub(super) struct Urls {
    base: Url,
}

impl Urls {
    pub(super) fn new(endpoint: &Url, base_path: &str) -> Self {
        let mut base = endpoint.clone();
        base.set_path(base_path);
        base.set_query(None);
        base.set_fragment(None);
        Self { base }
    }

    pub(super) fn clusters(&self) -> Url {
        self.below("/clusters")
    }

    pub(super) fn links(&self, cluster: &ClusterId) -> Url {
        self.below(&format!("/clusters/{}/links", segment(cluster.as_str())))
    }

    /// `None` as for [`Urls::below_link`].
    pub(super) fn link(&self, cluster: &ClusterId, link: &LinkName) -> Option<Url> {
        let mut url = self.below_link(cluster, link, &[])?;
        url.set_query(Some("include_tasks=true"));
        Some(url)
    }

    /// `None` as for [`Urls::below_link`].
    pub(super) fn configs(&self, cluster: &ClusterId, link: &LinkName) -> Option<Url> {
        self.below_link(cluster, link, &["configs"])
    }

    /// `-` stands for every link.
    pub(super) fn all_mirrors(&self, cluster: &ClusterId) -> Url {
        let cluster = segment(cluster.as_str());
        self.below(&format!("/clusters/{cluster}/links/-/mirrors"))
    }

    /// `None` as for [`Urls::below_link`].
    pub(super) fn mirrors(&self, cluster: &ClusterId, link: &LinkName) -> Option<Url> {
        self.below_link(cluster, link, &["mirrors"])
    }

    /// `None` as for [`Urls::below_link`].
    pub(super) fn mirror(
        &self,
        cluster: &ClusterId,
        link: &LinkName,
        topic: &TopicName,
    ) -> Option<Url> {
        let mut url = self.below_link(cluster, link, &["mirrors", topic.as_str()])?;
        url.set_query(Some("include_state_transition_errors=true"));
        Some(url)
    }

    /// `None` for the names `.` and `..`, which a URL takes for directions even where they are encoded.
    fn below_link(&self, cluster: &ClusterId, link: &LinkName, names: &[&str]) -> Option<Url> {
        let mut path = format!("/clusters/{}/links", segment(cluster.as_str()));
        for name in [link.as_str()].iter().chain(names) {
            if [".", ".."].contains(name) {
                return None;
            }
            path.push('/');
            path.extend(utf8_percent_encode(name, RESERVED));
        }
        Some(self.below(&path))
    }

    /// The page that `metadata.next` names, if it is of the configured origin: the request carries credentials.
    pub(super) fn next_page(&self, next: &str) -> Option<Url> {
        self.base
            .join(next)
            .ok()
            .filter(|url| url.origin() == self.base.origin())
    }

    fn below(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }
}

/// One encoded path segment.
fn segment(name: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(name, RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls() -> Urls {
        Urls::new(&"https://pkc-1.example:443".parse().unwrap(), "/kafka/v3")
    }

    #[test]
    fn names_are_percent_encoded() {
        let shown = [
            "link-1",
            "a/b",
            "50%",
            "say \"hi\"",
            "two\nlines",
            "ü",
            "?x#y",
            "a+b",
        ]
        .map(|name| {
            let url = urls().link(&"lkc-1".into(), &name.into());
            url.unwrap().to_string()
        });
        let base = "https://pkc-1.example/kafka/v3/clusters/lkc-1/links/";
        let expected = [
            "link-1",
            "a%2Fb",
            "50%25",
            "say%20%22hi%22",
            "two%0Alines",
            "%C3%BC",
            "%3Fx%23y",
            "a%2Bb",
        ]
        .map(|name| format!("{base}{name}?include_tasks=true"));
        assert_eq!(shown, expected);
    }

    #[test]
    fn every_resource_of_a_link_lies_below_it() {
        let (cluster, link) = ("lkc-1".into(), "a/b".into());
        let shown = [
            urls().configs(&cluster, &link),
            urls().mirrors(&cluster, &link),
            urls().mirror(&cluster, &link, &"or.ders".into()),
            Some(urls().all_mirrors(&cluster)),
        ]
        .map(|url| url.unwrap().to_string());
        let base = "https://pkc-1.example/kafka/v3/clusters/lkc-1/links";
        let expected = [
            "a%2Fb/configs",
            "a%2Fb/mirrors",
            "a%2Fb/mirrors/or.ders?include_state_transition_errors=true",
            "-/mirrors",
        ]
        .map(|path| format!("{base}/{path}"));
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_name_that_means_a_direction_has_no_url() {
        let url = |name: &str| urls().link(&"lkc-1".into(), &name.into());
        assert_eq!([url("."), url("..")], [None, None]);
        assert!(url("...").is_some());
    }

    #[test]
    fn a_next_page_is_followed_on_the_same_origin_only() {
        let next = |text: &str| urls().next_page(text).map(String::from);
        assert_eq!(
            next("https://pkc-1.example:443/kafka/v3/x?page_token=2").as_deref(),
            Some("https://pkc-1.example/kafka/v3/x?page_token=2")
        );
        assert_eq!(
            next("/kafka/v3/y").as_deref(),
            Some("https://pkc-1.example/kafka/v3/y")
        );
        for elsewhere in [
            "https://evil.example/x",
            "http://pkc-1.example/x",
            "https://pkc-1.example:8443/x",
            "//evil/x",
        ] {
            assert_eq!(next(elsewhere), None, "{elsewhere}");
        }
    }
}
