//! The organisation API of Confluent Cloud, for the clusters behind this server: environments, and the clusters of each.

use bytes::Bytes;
use http::{HeaderName, Method, Response, StatusCode, header, request::Parts};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Organisation, OrganisationFault, Outcome, Reply, World, exchange::is_signed, reply};

/// The only environment.
const ENVIRONMENT: &str = "env-sim001";
/// The most that the API gives at once, and what it gives where nobody says.
const PAGE_SIZE: usize = 100;

/// Answers a request to the organisation API; `None` where it is none.
pub(super) fn answer(world: &World, request: &Parts) -> Option<Reply> {
    let kind = match request.uri.path() {
        "/org/v2/environments" => "EnvironmentList",
        "/cmk/v2/clusters" => "ClusterList",
        _ => return None,
    };
    let organisation = &world.organisation;
    if !is_signed(organisation.credentials.as_ref(), request) {
        return Some(Outcome::Response(error(401, "unauthorized")).into());
    }
    if request.method != Method::GET {
        return Some(Outcome::Response(error(405, "method not allowed")).into());
    }
    let asked = Asked::new(request);
    Some(
        match &organisation.fault {
            Some(OrganisationFault::Status(status, retry_after)) => {
                let refused = error(*status, "made up");
                Outcome::Response(match retry_after {
                    Some(seconds) => {
                        reply::with_header(refused, header::RETRY_AFTER, &seconds.to_string())
                    }
                    None => refused,
                })
            }
            Some(OrganisationFault::Html) => {
                let page = "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n";
                Outcome::Response(reply::respond(StatusCode::OK, "text/html", page))
            }
            Some(OrganisationFault::SecondPage(status)) if asked.first > 0 => {
                Outcome::Response(error(*status, "made up"))
            }
            Some(OrganisationFault::Cut) => Outcome::Cut(list(world, kind, &asked)),
            Some(OrganisationFault::SecondPage(_)) | None => {
                Outcome::Response(list(world, kind, &asked))
            }
        }
        .into(),
    )
}

/// What a request asks for.
struct Asked<'a> {
    request: &'a Parts,
    environment: Option<String>,
    size: usize,
    first: usize,
}

impl<'a> Asked<'a> {
    fn new(request: &'a Parts) -> Self {
        let query = request.uri.query().unwrap_or_default();
        let value = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let number = |name: &str| value(name).and_then(|value| value.parse().ok());
        Self {
            request,
            environment: value("environment"),
            size: number("page_size").unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE),
            first: number("page_token").unwrap_or(0),
        }
    }
}

fn list(world: &World, kind: &str, asked: &Asked) -> Response<Bytes> {
    let items: Vec<Value> = match (kind, asked.environment.as_deref()) {
        ("EnvironmentList", _) => vec![json!({ "id": ENVIRONMENT, "display_name": "simulated" })],
        (_, Some(ENVIRONMENT)) => world
            .clusters
            .iter()
            .map(|it| cluster(world, &it.cluster_id, asked))
            .collect(),
        (_, Some(_)) => return error(404, "environment not found"),
        (_, None) => return error(400, "parameter `environment` is required"),
    };
    let (total, mut items) = (items.len(), items);
    items.drain(..asked.first.min(total));
    let size = asked
        .size
        .min(world.organisation.page_size.unwrap_or(PAGE_SIZE).max(1));
    let has_more = items.len() > size || pretends_more(world, asked);
    items.truncate(size);
    let next = has_more.then(|| page_url(asked, asked.first + size));
    let body = reply::ok(&json!({
        "api_version": "cmk/v2",
        "kind": kind,
        "metadata": { "first": page_url(asked, 0), "last": null, "prev": null, "next": next, "total_size": total },
        "data": items,
    }));
    let remaining = HeaderName::from_static("x-ratelimit-remaining");
    reply::with_header(body, remaining, "99")
}

/// Where the second page is to fail there is one.
fn pretends_more(world: &World, asked: &Asked) -> bool {
    let fails = matches!(
        world.organisation.fault,
        Some(OrganisationFault::SecondPage(_))
    );
    fails && asked.first == 0
}

fn cluster(world: &World, id: &str, asked: &Asked) -> Value {
    let Organisation { names, phases, .. } = &world.organisation;
    let endpoint = origin(asked.request);
    json!({
        "api_version": "cmk/v2",
        "kind": "Cluster",
        "id": id,
        "spec": {
            "display_name": names.get(id).map_or(id, String::as_str),
            "availability": "LOW", "cloud": "AWS", "region": "us-west-2",
            "http_endpoint": endpoint,
            "endpoints": { "PUBLIC": { "http_endpoint": endpoint, "connection_type": "PUBLIC" } },
            "environment": { "id": ENVIRONMENT },
        },
        "status": { "phase": phases.get(id).map_or("PROVISIONED", String::as_str), "cku": 1 },
    })
}

fn page_url(asked: &Asked, token: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(asked.environment.iter().map(|id| ("environment", id)));
    query.append_pair("page_size", &asked.size.to_string());
    if token > 0 {
        query.append_pair("page_token", &token.to_string());
    }
    format!(
        "{}{}?{}",
        origin(asked.request),
        asked.request.uri.path(),
        query.finish()
    )
}

fn origin(request: &Parts) -> String {
    let host = request.headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}

/// An error as this API reports it.
fn error(status: u16, detail: &str) -> Response<Bytes> {
    let body = json!({ "errors": [{
        "id": "simulated", "status": status.to_string(), "code": "simulated", "detail": detail, "source": {},
    }] });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply::respond(status, "application/json", body.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::Cluster;

    fn world() -> World {
        let ids = ["lkc-1", "lkc-2", "lkc-3"];
        World::new(ids.map(|id| Cluster::new(id, [])))
    }

    /// Status and body of what is asked for.
    fn get(world: &World, path: &str) -> (u16, Value) {
        let request = http::Request::get(path).header("host", "sim");
        let request = request.body(()).unwrap().into_parts().0;
        let reply = answer(world, &request).expect("it is a path of the organisation API");
        let (Outcome::Response(response) | Outcome::Cut(response)) = reply.outcome else {
            panic!("it is answered");
        };
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        (response.status().as_u16(), body)
    }

    #[test]
    fn the_clusters_of_the_world_are_listed_page_by_page() {
        let mut world = world();
        world.organisation.page_size = Some(2);
        world
            .organisation
            .phases
            .insert("lkc-3".into(), "FAILED".into());
        world
            .organisation
            .names
            .insert("lkc-3".into(), "orders".into());
        let (_, environments) = get(&world, "/org/v2/environments?page_size=100");
        assert_eq!(environments["data"][0]["id"], ENVIRONMENT);
        let (status, first) = get(
            &world,
            "/cmk/v2/clusters?environment=env-sim001&page_size=100",
        );
        assert_eq!((status, first["data"].as_array().unwrap().len()), (200, 2));
        let next = first["metadata"]["next"].as_str().unwrap();
        assert_eq!(
            next,
            "http://sim/cmk/v2/clusters?environment=env-sim001&page_size=100&page_token=2"
        );
        let (_, second) = get(&world, next.strip_prefix("http://sim").unwrap());
        assert_eq!(second["metadata"]["next"], Value::Null);
        let last = &second["data"][0];
        assert_eq!(
            (
                &last["id"],
                &last["spec"]["display_name"],
                &last["status"]["phase"]
            ),
            (&json!("lkc-3"), &json!("orders"), &json!("FAILED"))
        );
        assert_eq!(
            last["spec"]["endpoints"]["PUBLIC"]["http_endpoint"],
            "http://sim"
        );
    }

    #[test]
    fn what_is_refused_has_the_status_that_the_api_has_for_it() {
        let mut world = world();
        let clusters = "/cmk/v2/clusters?environment=env-sim001";
        assert_eq!(get(&world, "/cmk/v2/clusters").0, 400);
        assert_eq!(get(&world, "/cmk/v2/clusters?environment=env-other").0, 404);
        world.organisation.fault = Some(OrganisationFault::SecondPage(500));
        assert_eq!(get(&world, clusters).0, 200);
        assert_eq!(get(&world, &format!("{clusters}&page_token=100")).0, 500);
        world.organisation.fault = Some(OrganisationFault::Status(429, Some(7)));
        assert_eq!(get(&world, clusters).0, 429);
        world.organisation.credentials = Some(("key".into(), "secret".into()));
        assert_eq!(get(&world, clusters).0, 401);
    }
}
