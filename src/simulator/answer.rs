//! The pure heart: a world, a request and a moment become a reply.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Method, Response, header, request::Parts};
use url::form_urlencoded;

use super::{
    Effect, Outcome, PathKind, Reply, World,
    body::Writer,
    random, reply,
    resource::Resource,
    route::{NoRoute, Route},
};

/// Answers one request as this world does `elapsed` after its start. Looks at method, path, query and the headers
/// `Host` and `Authorization`; never at a clock.
pub fn answer(world: &World, request: &Parts, elapsed: Duration) -> Reply {
    if !admits(world, request) {
        let refusal = reply::error(40101, "Authentication failed");
        return Outcome::Response(refusal).into();
    }
    if request.method != Method::GET {
        let refused = reply::error(405, "Method Not Allowed");
        return Outcome::Response(reply::with_header(refused, header::ALLOW, "GET")).into();
    }
    match Route::parse(request.uri.path()) {
        Err(no_route) => Outcome::Response(refuse(&no_route)).into(),
        Ok(route) => on_route(world, &Exchange::new(request, route, elapsed)),
    }
}

/// One request, read.
pub(super) struct Exchange<'a> {
    pub(super) request: &'a Parts,
    pub(super) route: Route,
    pub(super) elapsed: Duration,
    pub(super) origin: String,
    pub(super) query: Vec<(String, String)>,
}

impl<'a> Exchange<'a> {
    fn new(request: &'a Parts, route: Route, elapsed: Duration) -> Self {
        let host = request.headers.get(header::HOST);
        let host = host
            .and_then(|host| host.to_str().ok())
            .or_else(|| request.uri.authority().map(http::uri::Authority::as_str));
        let query = request.uri.query().unwrap_or_default();
        Self {
            request,
            route,
            elapsed,
            origin: format!("http://{}", host.unwrap_or("localhost")),
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        }
    }

    /// The value of a query parameter, decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether a query parameter is `true`.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.parameter(name) == Some("true")
    }
}

fn admits(world: &World, request: &Parts) -> bool {
    let Some((key, secret)) = &world.credentials else {
        return true;
    };
    let expected = format!("Basic {}", STANDARD.encode(format!("{key}:{secret}")));
    let given = request.headers.get(header::AUTHORIZATION);
    given.is_some_and(|given| given.as_bytes() == expected.as_bytes())
}

fn refuse(no_route: &NoRoute) -> Response<Bytes> {
    match no_route {
        NoRoute::Unknown => reply::error(404, "HTTP 404 Not Found"),
        NoRoute::Malformed => reply::error(400, "A name in the path is empty or is not UTF-8."),
    }
}

fn on_route(world: &World, exchange: &Exchange) -> Reply {
    let route = &exchange.route;
    // The list of clusters is that of a Platform server, which has one cluster: it shares that cluster's faults.
    let cluster = match route.kind {
        PathKind::Clusters => world.clusters.first(),
        _ => world.cluster(&route.cluster_id),
    };
    let Some(cluster) = cluster else {
        let message = format!("Cluster {} cannot be found.", route.cluster_id);
        return Outcome::Response(reply::error(404, &message)).into();
    };
    let resource = Resource {
        writer: Writer {
            world,
            cluster,
            origin: &exchange.origin,
            base: route.base,
            elapsed: exchange.elapsed,
        },
        exchange,
        endless_at: None,
    };
    let touching = cluster
        .faults
        .iter()
        .filter(|fault| fault.touches(route.kind, &route.link_name));
    let (slowing, spoiling): (Vec<_>, Vec<_>) = touching
        .map(|fault| &fault.effect)
        .partition(|effect| matches!(effect, Effect::Slow { .. }));
    let delays = slowing.iter().map(|effect| delay(effect, world, exchange));
    Reply {
        delay: delays.sum(),
        outcome: match spoiling.first() {
            None => Outcome::Response(resource.response()),
            Some(effect) => effect.inject(resource),
        },
    }
}

fn delay(effect: &Effect, world: &World, exchange: &Exchange) -> Duration {
    let Effect::Slow { latency, jitter } = effect else {
        return Duration::ZERO;
    };
    let moment = exchange.elapsed.as_nanos().to_string();
    let number = random::number(world.seed, &[exchange.request.uri.path(), &moment]);
    *latency + jitter.mul_f64(number as f64 / u64::MAX as f64)
}
