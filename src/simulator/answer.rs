//! The pure heart: a world, a request and a moment become a reply.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response, header, request::Parts};

use super::{
    Effect, Outcome, PathKind, Reply, World,
    body::Writer,
    exchange::{Exchange, is_signed},
    organisation_api, random, reply,
    resource::Resource,
    route::{NoRoute, Route},
};

/// Answers one request as this world does `elapsed` after its start. Looks at method, path, query and the headers
/// `Host` and `Authorization`; never at a clock.
pub fn answer(world: &World, request: &Parts, elapsed: Duration) -> Reply {
    if let Some(reply) = organisation_api::answer(world, request) {
        return reply;
    }
    if !is_signed(world.credentials.as_ref(), request) {
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
