//! What a path asks for.

use percent_encoding::percent_decode_str;

/// The kinds of paths the server knows. Each stands below `/kafka/v3` and below `/v3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathKind {
    /// `/clusters`
    Clusters,
    /// `/clusters/{cluster_id}`
    Cluster,
    /// `/clusters/{cluster_id}/links`
    Links,
    /// `/clusters/{cluster_id}/links/{link_name}`
    Link,
    /// `/clusters/{cluster_id}/links/{link_name}/configs`
    Configs,
    /// `/clusters/{cluster_id}/links/{link_name}/mirrors`, also with `-` for every link.
    Mirrors,
    /// `/clusters/{cluster_id}/links/{link_name}/mirrors/{mirror_topic_name}`
    Mirror,
}

/// A path, read. Names are decoded, and empty where the kind of path has none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) base: &'static str,
    pub(super) kind: PathKind,
    pub(super) cluster_id: String,
    pub(super) link_name: String,
    pub(super) topic: String,
}

/// Why a path cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoRoute {
    /// Nothing lives there: 404.
    Unknown,
    /// A name is empty or not UTF-8: 400.
    Malformed,
}

/// The prefixes of Confluent Cloud and Platform, and of a standalone REST Proxy.
const BASES: [&str; 2] = ["/kafka/v3", "/v3"];

impl Route {
    /// Reads a path as it came, percent-encoded and without the query.
    pub(super) fn parse(path: &str) -> Result<Self, NoRoute> {
        let (base, rest) = BASES
            .iter()
            .find_map(|base| Some((*base, path.strip_prefix(base)?.strip_prefix("/clusters")?)))
            .ok_or(NoRoute::Unknown)?;
        let names = decode(rest)?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (kind, cluster_id, link_name, topic) = match names[..] {
            [] => (PathKind::Clusters, "", "", ""),
            [id] => (PathKind::Cluster, id, "", ""),
            [id, "links"] => (PathKind::Links, id, "", ""),
            [id, "links", link] => (PathKind::Link, id, link, ""),
            [id, "links", link, "configs"] => (PathKind::Configs, id, link, ""),
            [id, "links", link, "mirrors"] => (PathKind::Mirrors, id, link, ""),
            [id, "links", link, "mirrors", topic] => (PathKind::Mirror, id, link, topic),
            _ => return Err(NoRoute::Unknown),
        };
        if names.contains(&"") {
            return Err(NoRoute::Malformed);
        }
        Ok(Self {
            base,
            kind,
            cluster_id: cluster_id.to_owned(),
            link_name: link_name.to_owned(),
            topic: topic.to_owned(),
        })
    }
}

/// Splits first and decodes then: an encoded slash belongs to its name.
fn decode(rest: &str) -> Result<Vec<String>, NoRoute> {
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    rest.strip_prefix('/')
        .ok_or(NoRoute::Unknown)?
        .split('/')
        .map(|segment| {
            let name = percent_decode_str(segment).decode_utf8();
            name.map_err(|_| NoRoute::Malformed)
                .map(std::borrow::Cow::into_owned)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_path_is_read_below_both_prefixes() {
        let paths = [
            ("", PathKind::Clusters),
            ("/lkc-1", PathKind::Cluster),
            ("/lkc-1/links", PathKind::Links),
            ("/lkc-1/links/configs", PathKind::Link),
            ("/lkc-1/links/a/configs", PathKind::Configs),
            ("/lkc-1/links/-/mirrors", PathKind::Mirrors),
            ("/lkc-1/links/a/mirrors/t", PathKind::Mirror),
        ];
        for base in BASES {
            for (path, kind) in paths {
                let route = Route::parse(&format!("{base}/clusters{path}")).unwrap();
                assert_eq!((route.base, route.kind), (base, kind), "{path}");
            }
        }
    }

    #[test]
    fn a_name_may_hold_whatever_its_encoding_holds() {
        let route =
            Route::parse("/v3/clusters/lkc-1/links/a%2Fb%25%22%0A%C3%A9%20c/mirrors/%E6%97%A5");
        let route = route.unwrap();
        assert_eq!(
            (route.link_name.as_str(), route.topic.as_str()),
            ("a/b%\"\né c", "日")
        );
    }

    #[test]
    fn an_empty_name_is_a_bad_request_and_a_strange_path_leads_nowhere() {
        let refused = |path: &str| Route::parse(path).unwrap_err();
        for path in [
            "/v3/clusters/lkc-1/links/",
            "/v3/clusters/lkc-1/links//configs",
            "/v3/clusters/lkc-1/links//mirrors/t",
            "/v3/clusters//links",
            "/v3/clusters/lkc-1/links/%FF",
        ] {
            assert_eq!(refused(path), NoRoute::Malformed, "{path}");
        }
        for path in [
            "/",
            "/v3",
            "/v3/clustersX",
            "/v4/clusters",
            "/v3/clusters/lkc-1/topics",
            "/v3/clusters/lkc-1/links/a/configs/b",
        ] {
            assert_eq!(refused(path), NoRoute::Unknown, "{path}");
        }
    }
}
