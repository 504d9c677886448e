//! Requests in, replies out: what the simulator promises, without a socket and without time.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Request, Response, header, request::Parts};
use serde_json::{Value, json};

use super::*;

fn get(path: &str) -> Parts {
    let request = Request::get(path).header(header::HOST, "kafka.test:8090");
    request.body(()).unwrap().into_parts().0
}

fn reply(world: &World, path: &str) -> Reply {
    answer(world, &get(path), Duration::ZERO)
}

fn response(world: &World, path: &str) -> Response<Bytes> {
    match reply(world, path).outcome {
        Outcome::Response(response) => response,
        other => panic!("no whole response to `{path}`: {other:?}"),
    }
}

fn body(world: &World, path: &str) -> Value {
    let response = response(world, path);
    serde_json::from_slice(response.body()).expect("a JSON body")
}

/// Status and body of an answer.
fn refusal(world: &World, path: &str) -> (u16, Value) {
    (response(world, path).status().as_u16(), body(world, path))
}

fn world(name: &str) -> World {
    Scenario::named(name).unwrap().world
}

fn with_effect(effect: Effect) -> World {
    let mut world = world("healthy");
    world.clusters[0].faults = vec![Fault::new(effect)];
    world
}

const LINKS: &str = "/kafka/v3/clusters/lkc-east01/links";

#[test]
fn the_documentations_case_is_told_in_full() {
    let path = format!("{LINKS}/orders-both-ways?include_tasks=true");
    assert_eq!(
        body(&world("bidirectional-half"), &path),
        json!({
            "kind": "KafkaLinkData",
            "metadata": { "self": format!("http://kafka.test:8090{LINKS}/orders-both-ways") },
            "source_cluster_id": null,
            "destination_cluster_id": null,
            "remote_cluster_id": "lkc-west01",
            "link_name": "orders-both-ways",
            "link_id": "75a2dcfb-0a4d-447b-8b1e-cecb10175510",
            "cluster_link_id": "daLc-wpNRHuLHs7LEBdVEA",
            "topic_names": [],
            "link_error": "NO_ERROR",
            "link_error_message": "",
            "link_state": "ACTIVE",
            "tasks": [
                {
                    "task_name": "ConsumerOffsetSync",
                    "state": "IN_ERROR",
                    "errors": [{
                        "error_code": "REMOTE_LINK_NOT_FOUND_ERROR",
                        "error_message": "Failed to get remote link config due to link not being found on the \
                                          remote cluster.",
                    }],
                },
                { "task_name": "AclSync", "state": "NOT_CONFIGURED", "errors": [] },
                { "task_name": "TopicConfigsSync", "state": "ACTIVE", "errors": [] },
                { "task_name": "AutoCreateMirror", "state": "NOT_CONFIGURED", "errors": [] },
            ],
        })
    );
}

#[test]
fn tasks_come_only_to_those_who_ask_for_them() {
    let world = world("healthy");
    let has_tasks = |path: &str| body(&world, path).get("tasks").is_some();
    assert!(has_tasks(&format!("{LINKS}/orders-dr?include_tasks=true")));
    assert!(!has_tasks(&format!(
        "{LINKS}/orders-dr?include_tasks=false"
    )));
    assert!(!has_tasks(&format!("{LINKS}/orders-dr")));
    assert!(body(&world, LINKS)["data"][0].get("tasks").is_none());
}

#[test]
fn errors_have_the_bodies_of_the_rest_api() {
    let world = world("healthy");
    assert_eq!(
        refusal(&world, &format!("{LINKS}/gone")),
        (
            404,
            json!({
                "error_code": 404,
                "message": "The cluster link doesn't exist: Cluster link 'gone' does not exist.",
            })
        )
    );
    assert_eq!(
        refusal(&world, &format!("{LINKS}/orders-dr/mirrors/gone")),
        (
            404,
            json!({ "error_code": 404, "message": "The mirror topic doesn't exist: " })
        )
    );
    let status = |path: &str| {
        let (status, body) = refusal(&world, path);
        (status, body["error_code"].as_u64())
    };
    assert_eq!(status("/v3/clusters/lkc-nobody/links"), (404, Some(404)));
    assert_eq!(status("/v3/topics"), (404, Some(404)));
    assert_eq!(status(&format!("{LINKS}//configs")), (400, Some(400)));

    let mut post = get(LINKS);
    post.method = http::Method::POST;
    let Outcome::Response(refused) = answer(&world, &post, Duration::ZERO).outcome else {
        panic!("a POST is answered");
    };
    assert_eq!(refused.status(), 405);
    assert_eq!(refused.headers()[header::ALLOW], "GET");
}

#[test]
fn only_the_right_key_and_secret_are_let_in() {
    let mut world = world("healthy");
    world.credentials = Some(("KEY".to_owned(), "secret:with:colons".to_owned()));
    let status = |authorization: Option<String>| {
        let mut request = get(LINKS);
        if let Some(value) = authorization {
            let value = value.parse().unwrap();
            request.headers.insert(header::AUTHORIZATION, value);
        }
        match answer(&world, &request, Duration::ZERO).outcome {
            Outcome::Response(response) => response.status().as_u16(),
            other => panic!("no whole response: {other:?}"),
        }
    };
    let basic = |user: &str| Some(format!("Basic {}", STANDARD.encode(user)));
    assert_eq!(status(basic("KEY:secret:with:colons")), 200);
    assert_eq!(status(basic("KEY:guess")), 401);
    assert_eq!(status(Some("Bearer token".to_owned())), 401);
    assert_eq!(status(None), 401);
    assert_eq!(
        refusal(&world, LINKS),
        (
            401,
            json!({ "error_code": 40101, "message": "Authentication failed" })
        )
    );
}

#[test]
fn a_name_of_any_characters_is_found_and_addressed_again() {
    let name = "a/b%\"\n\u{65e5} c";
    let link = Link::new(name, Mode::Source, "lkc-west01");
    let world = World::new([Cluster::new("lkc-east01", [link])]);
    let listed = body(&world, LINKS);
    let address = listed["data"][0]["metadata"]["self"].as_str().unwrap();
    let path = address.strip_prefix("http://kafka.test:8090").unwrap();
    assert_eq!(path, format!("{LINKS}/a%2Fb%25%22%0A%E6%97%A5%20c"));
    assert_eq!(body(&world, path)["link_name"], name);
}

#[test]
fn an_old_server_tells_neither_states_nor_tasks() {
    let told = body(
        &world("old-server"),
        &format!("{LINKS}/orders-dr?include_tasks=true"),
    );
    let keys: Vec<_> = told.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "cluster_link_id",
            "destination_cluster_id",
            "kind",
            "link_id",
            "link_name",
            "metadata",
            "remote_cluster_id",
            "source_cluster_id",
            "topic_names",
        ]
    );
    assert_eq!(told["remote_cluster_id"], Value::Null);
}

#[test]
fn what_has_no_value_is_absent_or_null_as_the_dialect_has_it() {
    let mut world = world("healthy");
    let mut told = |null_style| {
        world.clusters[0].dialect.null_style = null_style;
        let told = body(&world, &format!("{LINKS}/orders-dr"));
        ["destination_cluster_id", "link_error", "tasks"].map(|key| told.get(key).cloned())
    };
    let null = Some(Value::Null);
    assert_eq!(
        told(NullStyle::AsOnCloud),
        [null.clone(), Some(json!("NO_ERROR")), None]
    );
    assert_eq!(told(NullStyle::Absent), [None, None, None]);
    assert_eq!(told(NullStyle::Null), [null.clone(), null.clone(), null]);
}

#[test]
fn the_documentations_misspelling_can_be_had() {
    let mut world = world("healthy");
    let cluster = &mut world.clusters[0];
    cluster.dialect.misspells_unavailable = true;
    cluster.links[0].tasks = Some(Task::all("LINK_UNAVAILABLE"));
    let told = body(&world, &format!("{LINKS}/orders-dr?include_tasks=true"));
    assert_eq!(told["tasks"][0]["state"], "LINK_UNAVAILBLE");
}

#[test]
fn pages_lead_to_one_another_and_hold_every_link_once() {
    let world = world("paged");
    let mut sizes = Vec::new();
    let mut names = std::collections::BTreeSet::new();
    let mut path = LINKS.to_owned();
    loop {
        let page = body(&world, &path);
        let items = page["data"].as_array().unwrap();
        sizes.push(items.len());
        names.extend(items.iter().map(|item| item["link_name"].to_string()));
        let Some(next) = page["metadata"]["next"].as_str() else {
            break;
        };
        let next = next.strip_prefix("http://kafka.test:8090");
        next.expect("the same origin").clone_into(&mut path);
    }
    assert_eq!((sizes, names.len()), (vec![10, 10, 5], 25));
}

#[test]
fn remnants_have_no_name_and_an_id_each() {
    let listed = body(&world("remnants"), LINKS);
    let [first, _, second] = listed["data"].as_array().unwrap().as_slice() else {
        panic!("two remnants around a link: {listed}");
    };
    for remnant in [first, second] {
        assert_eq!(remnant["link_name"], "");
        assert_eq!(remnant["link_state"], "UNMANAGED_SOURCE");
    }
    assert_ne!(first["cluster_link_id"], second["cluster_link_id"]);
}

#[test]
fn mirrors_are_told_by_link_for_all_links_and_by_status() {
    let world = world("paused");
    let topics = |path: &str| {
        let told = body(&world, &format!("{LINKS}{path}"));
        let items = told["data"].as_array().unwrap().iter();
        items
            .map(|item| item["mirror_topic_name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(topics("/orders-dr/mirrors"), ["orders"]);
    assert_eq!(topics("/-/mirrors"), ["orders", "sales"]);
    assert_eq!(topics("/-/mirrors?mirror_status=LINK_PAUSED"), ["sales"]);
    assert_eq!(topics("/-/mirrors?mirror_status=FAILED"), [""; 0]);
}

#[test]
fn changes_of_status_are_as_old_as_the_world_is_young() {
    let scenario = Scenario::named("promote-hangs").unwrap();
    let mut world = scenario.world_at(Duration::from_secs(61)).into_owned();
    let changed = |world: &World| {
        let told = body(world, &format!("{LINKS}/-/mirrors"));
        told["data"][0]["state_time_ms"].as_i64()
    };
    assert_eq!(changed(&world), Some(World::START_MS + 60_000));
    world.began_ms = Some(5_000);
    assert_eq!(changed(&world), Some(65_000));
}

#[test]
fn a_seed_decides_ids_and_delays() {
    let told = |seed| {
        let mut world = world("slow");
        world.seed = seed;
        let reply = reply(&world, LINKS);
        let Outcome::Response(response) = reply.outcome else {
            panic!("a slow answer is whole");
        };
        (reply.delay, response.into_body())
    };
    assert_eq!(told(1), told(1));
    assert_ne!(told(1).0, told(2).0);
    assert_ne!(told(1).1, told(2).1);
    let range = Duration::from_secs(2)..=Duration::from_secs(5);
    assert!(range.contains(&told(1).0), "{:?}", told(1).0);
}

#[test]
fn a_fault_answers_with_its_status_and_type() {
    let told = |effect| {
        let response = response(&with_effect(effect), LINKS);
        let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
        let kind = kind.split(';').next().unwrap().to_owned();
        (response.status().as_u16(), kind)
    };
    let expected = [
        (Effect::Throttled { retry_after: None }, 429, "text/html"),
        (Effect::Unsupported, 400, "application/json"),
        (Effect::Unauthorized, 401, "application/json"),
        (Effect::Forbidden, 403, "application/json"),
        (Effect::ServerError, 500, "application/json"),
        (Effect::RetriableError, 500, "application/json"),
        (Effect::BadGateway, 502, "text/html"),
        (Effect::ServiceUnavailable, 503, "text/html"),
        (
            Effect::Redirect("http://other.test".into()),
            307,
            "text/plain",
        ),
        (
            Effect::Verbatim {
                status: 404,
                encoding: None,
                body: "{}".into(),
            },
            404,
            "application/json",
        ),
    ];
    for (effect, status, kind) in expected {
        let case = format!("{effect:?}");
        assert_eq!(told(effect), (status, kind.to_owned()), "{case}");
    }
}

#[test]
fn a_fault_may_lead_elsewhere() {
    let header = |effect, name| response(&with_effect(effect), LINKS).headers()[name].clone();
    let retry_after = Some("7".to_owned());
    assert_eq!(
        header(Effect::Throttled { retry_after }, header::RETRY_AFTER),
        "7"
    );
    assert_eq!(
        header(
            Effect::Redirect("http://other.test".into()),
            header::LOCATION
        ),
        format!("http://other.test{LINKS}")
    );
    let next = |effect| {
        let path = format!("{LINKS}?page_token=4");
        body(&with_effect(effect), &path)["metadata"]["next"].clone()
    };
    assert_eq!(
        next(Effect::ForeignNext("http://other.test".into())),
        format!("http://other.test{LINKS}?page_token=5")
    );
    assert_eq!(
        next(Effect::EndlessPages),
        format!("http://kafka.test:8090{LINKS}?page_token=5")
    );
}

#[test]
fn every_broken_body_is_broken_in_its_own_way() {
    let world = world("broken-bodies");
    let raw = |link: &str| {
        let path = format!("{LINKS}/{link}?include_tasks=true");
        response(&world, &path).into_body()
    };
    let parsed = |link: &str| serde_json::from_slice::<Value>(&raw(link)).unwrap();

    assert!(raw("truncated-json").starts_with(b"{"));
    assert!(serde_json::from_slice::<Value>(&raw("truncated-json")).is_err());
    assert!(raw("html").starts_with(b"<!DOCTYPE html>"));
    assert!(raw("empty").is_empty());
    assert!(std::str::from_utf8(&raw("invalid-utf8")).is_err());
    assert_eq!(parsed("data-missing").get("link_name"), None);
    assert_eq!(parsed("data-null")["link_name"], Value::Null);
    assert_eq!(parsed("wrong-types")["tasks"][0]["task_name"], 42);
    assert_eq!(
        parsed("orders-dr")["tasks"][0]["task_name"],
        "ConsumerOffsetSync"
    );
}
