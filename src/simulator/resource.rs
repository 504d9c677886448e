//! The resource that the world holds at a path, before any fault is injected.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    Link, Mirror, PathKind,
    body::{Detail, Writer},
    exchange::Exchange,
    reply,
};

/// The answer to one request about one cluster.
pub(super) struct Resource<'a> {
    pub(super) writer: Writer<'a>,
    pub(super) exchange: &'a Exchange<'a>,
    /// The origin of one page more after every page, without end; `None` for the pages there are.
    pub(super) endless_at: Option<&'a str>,
}

/// The name of the query parameter that this server puts into `metadata.next`; the API documents none.
const PAGE_TOKEN: &str = "page_token";

impl Resource<'_> {
    /// 200 and the resource, or 404.
    pub(super) fn response(&self) -> Response<Bytes> {
        let Self { writer, .. } = self;
        let links = &writer.cluster.links;
        let link_name = &self.exchange.route.link_name;
        match self.exchange.route.kind {
            PathKind::Clusters => {
                let clusters = writer.world.clusters.iter();
                let items = clusters.map(|cluster| Writer { cluster, ..*writer }.cluster());
                self.list("KafkaClusterList", items.collect())
            }
            PathKind::Cluster => reply::ok(&writer.cluster()),
            PathKind::Links => {
                let items = links.iter().map(|link| writer.link(link, Detail::Listed));
                self.list("KafkaLinkDataList", items.collect())
            }
            PathKind::Mirrors if link_name == "-" => self.mirrors(links),
            kind => match links.iter().find(|link| &link.link_name == link_name) {
                Some(link) => self.of_link(link, kind),
                None => no_such(
                    "cluster link",
                    &format!("Cluster link '{link_name}' does not exist."),
                ),
            },
        }
    }

    fn of_link(&self, link: &Link, kind: PathKind) -> Response<Bytes> {
        let Self {
            writer, exchange, ..
        } = self;
        match kind {
            PathKind::Configs => {
                let configs = link.configs.iter();
                let items = configs.map(|config| writer.config(link, config));
                self.list("KafkaLinkConfigDataList", items.collect())
            }
            PathKind::Mirrors => self.mirrors(std::slice::from_ref(link)),
            PathKind::Mirror => {
                let with_errors = exchange.wants("include_state_transition_errors");
                let mut mirrors = link.mirrors.iter();
                match mirrors.find(|mirror| mirror.mirror_topic_name == exchange.route.topic) {
                    Some(mirror) => reply::ok(&writer.mirror(link, mirror, with_errors)),
                    None => no_such("mirror topic", ""),
                }
            }
            _ if exchange.wants("include_tasks") => {
                reply::ok(&writer.link(link, Detail::WithTasks))
            }
            _ => reply::ok(&writer.link(link, Detail::Described)),
        }
    }

    fn mirrors(&self, links: &[Link]) -> Response<Bytes> {
        let status = self.exchange.parameter("mirror_status");
        let wanted = |mirror: &&Mirror| status.is_none_or(|status| status == mirror.mirror_status);
        let items = links.iter().flat_map(|link| {
            let mirrors = link.mirrors.iter().filter(wanted);
            mirrors.map(|mirror| self.writer.mirror(link, mirror, false))
        });
        self.list("KafkaMirrorDataList", items.collect())
    }

    /// One page of a list.
    fn list(&self, kind: &str, mut items: Vec<Value>) -> Response<Bytes> {
        let origin = &self.exchange.origin;
        let token = self.exchange.parameter(PAGE_TOKEN);
        let first: usize = token.and_then(|token| token.parse().ok()).unwrap_or(0);
        let next = if let Some(origin) = self.endless_at {
            Some(self.page_url(origin, first.saturating_add(1)))
        } else {
            items.drain(..first.min(items.len()));
            let size = self.writer.cluster.dialect.page_size.unwrap_or(usize::MAX);
            let more = items.len() > size;
            items.truncate(size);
            more.then(|| self.page_url(origin, first + size))
        };
        let this = format!("{origin}{}", self.exchange.request.uri.path());
        reply::ok(&json!({
            "kind": kind,
            "metadata": { "self": this, "next": next },
            "data": items,
        }))
    }

    fn page_url(&self, origin: &str, token: usize) -> String {
        let query = self.exchange.query.iter();
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query.filter(|(key, _)| key != PAGE_TOKEN))
            .append_pair(PAGE_TOKEN, &token.to_string())
            .finish();
        format!("{origin}{}?{query}", self.exchange.request.uri.path())
    }
}

fn no_such(what: &str, why: &str) -> Response<Bytes> {
    let message = format!("The {what} doesn't exist: {why}");
    reply::error(404, &message)
}
