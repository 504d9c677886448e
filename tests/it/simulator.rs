//! The simulator against Confluent's own OpenAPI: what it sends is what the published schema allows, and nothing more.
//!
//! The schema is not part of this project. `CONFORMANCE_OPENAPI` names it: the YAML file of Confluent's
//! `ccloud-sdk-go-v2`, `kafkarest/v3/api/openapi.yaml`, or the part of it about clusters and links.

use std::{collections::BTreeMap, env, fs, time::Duration};

use bytes::Bytes;
use cluster_link_exporter::simulator::{
    Cluster, Effect, Fault, NullStyle, Outcome, SCENARIOS, Scenario, World, answer,
};
use http::{Request, Response, header};
use jsonschema::Validator;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::support;

/// The paths that the simulator serves and the schema describes, below `/kafka/v3/clusters/{cluster_id}`.
const PATHS: [&str; 7] = [
    "",
    "/links",
    "/links/-/mirrors",
    LINK,
    CONFIGS,
    MIRRORS,
    MIRROR,
];
const LINK: &str = "/links/{link_name}";
const CONFIGS: &str = "/links/{link_name}/configs";
const MIRRORS: &str = "/links/{link_name}/mirrors";
const MIRROR: &str = "/links/{link_name}/mirrors/{mirror_topic_name}";

/// What goes wrong in a way that the REST API itself reports.
const REPORTED: [Effect; 6] = [
    Effect::Unsupported,
    Effect::Unauthorized,
    Effect::Forbidden,
    Effect::Throttled { retry_after: None },
    Effect::ServerError,
    Effect::RetriableError,
];

#[test]
fn every_answer_is_one_the_published_schema_allows() {
    let Some(file) = env::var_os("CONFORMANCE_OPENAPI") else {
        return support::skip(
            "every_answer_is_one_the_published_schema_allows",
            "CONFORMANCE_OPENAPI is not set; download `kafkarest/v3/api/openapi.yaml` of \
             `confluentinc/ccloud-sdk-go-v2` and set the variable to its path",
        );
    };
    let text = fs::read_to_string(file).expect("CONFORMANCE_OPENAPI names a readable file");
    let mut check = Check::new(serde_saphyr::from_str(&text).expect("an OpenAPI file in YAML"));
    for entry in SCENARIOS {
        let scenario = (entry.build)();
        for elapsed in moments(&scenario) {
            check.world(entry.name, &scenario.world_at(elapsed), elapsed);
        }
    }
    for entry in SCENARIOS {
        let mut world = (entry.build)().world;
        for cluster in &mut world.clusters {
            cluster.dialect.null_style = NullStyle::Absent;
        }
        check.world(&format!("{}, absent", entry.name), &world, Duration::ZERO);
    }
    check.clusters("demo", &Scenario::named("demo").expect("a scenario").world);
    for effect in REPORTED {
        let mut world = Scenario::named("healthy").expect("a scenario").world;
        world.clusters[0].faults = vec![Fault::new(effect.clone())];
        check.world(&format!("{effect:?}"), &world, Duration::ZERO);
    }
    check.finish();
}

/// The start and every moment at which something changes.
fn moments(scenario: &Scenario) -> impl Iterator<Item = Duration> {
    let changes = scenario.timeline.iter().map(|(at, _)| *at);
    [Duration::ZERO].into_iter().chain(changes)
}

struct Check {
    openapi: Value,
    validators: BTreeMap<String, Validator>,
    /// How many answers were validated, by path and status.
    validated: BTreeMap<(String, u16), usize>,
    broken: Vec<String>,
}

/// One request, and the path of the schema that describes it.
struct Ask<'a> {
    world: &'a World,
    elapsed: Duration,
    template: &'a str,
    path: String,
}

impl Check {
    fn new(mut openapi: Value) -> Self {
        // The schema has no null here, and every server sends it for unset and for sensitive settings.
        let value = "/components/schemas/ListLinkConfigsResponseData_allOf/properties/value";
        let value = openapi.pointer_mut(value).expect("the value of a setting");
        value["nullable"] = true.into();
        to_json_schema(&mut openapi);
        Self {
            openapi,
            validators: BTreeMap::new(),
            validated: BTreeMap::new(),
            broken: Vec::new(),
        }
    }

    /// Asks a world everything there is to ask.
    fn world(&mut self, name: &str, world: &World, elapsed: Duration) {
        for cluster in &world.clusters {
            for (template, path) in questions(cluster) {
                let path = format!("/kafka/v3/clusters/{}{path}", cluster.cluster_id);
                let ask = Ask {
                    world,
                    elapsed,
                    template,
                    path,
                };
                self.ask(name, &ask);
            }
        }
    }

    fn ask(&mut self, name: &str, ask: &Ask) {
        let response = respond(ask);
        let status = response.status().as_u16();
        let Some(schema) = self.schema(ask.template, &response) else {
            return;
        };
        let body = match mime(&response) {
            "application/json" => serde_json::from_slice(response.body()).expect("a JSON body"),
            _ => String::from_utf8_lossy(response.body()).into(),
        };
        let place = format!("{name}: {status} of {}", ask.path);
        self.validate(&schema, &body, &place);
        let key = (ask.template.to_owned(), status);
        *self.validated.entry(key).or_default() += 1;
    }

    /// The schema for Confluent Cloud has no `/clusters`; every item of its answer is a cluster all the same.
    fn clusters(&mut self, name: &str, world: &World) {
        let ask = Ask {
            world,
            elapsed: Duration::ZERO,
            template: "",
            path: "/kafka/v3/clusters".to_owned(),
        };
        let body: Value = serde_json::from_slice(respond(&ask).body()).expect("a JSON body");
        let clusters = body["data"].as_array().expect("a list of clusters");
        assert_eq!(clusters.len(), world.clusters.len(), "{name}");
        for cluster in clusters {
            let schema = json!({ "$ref": "#/components/schemas/ClusterData" });
            self.validate(&schema, cluster, &format!("{name}: {}", ask.path));
        }
    }

    fn validate(&mut self, schema: &Value, body: &Value, place: &str) {
        let components = &self.openapi["components"];
        let validator = self
            .validators
            .entry(schema.to_string())
            .or_insert_with(|| {
                let mut root = schema.clone();
                root["components"] = components.clone();
                jsonschema::validator_for(&root).expect("a usable schema")
            });
        for error in validator.iter_errors(body) {
            let at = error.instance_path();
            self.broken.push(format!("{place}: `{at}`: {error}"));
        }
    }

    /// The schema declared for this path, status and type; `None` where nothing can be declared.
    fn schema(&self, template: &str, response: &Response<Bytes>) -> Option<Value> {
        let status = response.status();
        let path = format!("/kafka/v3/clusters/{{cluster_id}}{template}");
        let responses = &self.openapi["paths"][&path]["get"]["responses"];
        let class = format!("{}XX", status.as_u16() / 100);
        let declared = [status.as_str(), &class]
            .iter()
            .find_map(|status| responses.get(*status));
        match declared {
            Some(declared) => declared["content"]
                .get(mime(response))?
                .get("schema")
                .cloned(),
            // 403 and 404 are real and declared for few paths; they look like every other error.
            None => Some(json!({ "$ref": "#/components/schemas/Error" })),
        }
    }

    fn finish(self) {
        let count = |template: &str, status| {
            let key = (template.to_owned(), status);
            self.validated.get(&key).copied().unwrap_or(0)
        };
        for template in PATHS {
            for status in [200, 400, 401, 403, 429, 500] {
                let count = count(template, status);
                assert!(count > 0, "no {status} of `{template}` was validated");
            }
        }
        for template in [LINK, CONFIGS, MIRRORS, MIRROR] {
            assert!(
                count(template, 404) > 0,
                "no 404 of `{template}` was validated"
            );
        }
        assert!(
            self.broken.is_empty(),
            "the simulator sends what the schema does not allow; mend `src/simulator/body.rs`:\n{}",
            self.broken.join("\n")
        );
    }
}

/// Every question about a cluster whose answer no fault breaks on purpose: the schema's path, and ours below the
/// cluster.
fn questions(cluster: &Cluster) -> Vec<(&'static str, String)> {
    let all = "/links/-/mirrors";
    let mut questions = vec![("", String::new()), ("/links", "/links".to_owned())];
    // What it leaves out is what the schema requires.
    let is_silent = |fault: &Fault| matches!(fault.effect, Effect::Silent);
    if cluster.faults.iter().any(is_silent) {
        return questions;
    }
    questions.extend([
        (all, all.to_owned()),
        (all, format!("{all}?mirror_status=ACTIVE")),
    ]);
    // A fleet's links are all alike.
    for link in cluster.links.iter().take(20) {
        let broken = |fault: &Fault| {
            let of_link = fault.link_name.as_ref() == Some(&link.link_name);
            of_link && matches!(fault.effect, Effect::Broken(_))
        };
        if cluster.faults.iter().any(broken) {
            continue;
        }
        let mirrors = link.mirrors.iter();
        let topics = mirrors.map(|mirror| mirror.mirror_topic_name.as_str());
        questions.extend(about_link(&link.link_name, topics));
    }
    questions.extend(about_link("no-such-link", ["no-such-topic"]));
    questions.extend(about_link("", ["nameless"]));
    questions
}

fn about_link<'a>(
    link_name: &str,
    topics: impl IntoIterator<Item = &'a str>,
) -> Vec<(&'static str, String)> {
    let link = format!(
        "/links/{}",
        utf8_percent_encode(link_name, NON_ALPHANUMERIC)
    );
    let mut questions = vec![
        (LINK, link.clone()),
        (LINK, format!("{link}?include_tasks=true")),
        (CONFIGS, format!("{link}/configs")),
        (MIRRORS, format!("{link}/mirrors")),
        (MIRRORS, format!("{link}/mirrors?mirror_status=STOPPED")),
    ];
    for topic in topics {
        let topic = utf8_percent_encode(topic, NON_ALPHANUMERIC);
        let mirror = format!("{link}/mirrors/{topic}");
        let errors = format!("{mirror}?include_state_transition_errors=true");
        questions.extend([(MIRROR, mirror), (MIRROR, errors)]);
    }
    questions
}

fn respond(ask: &Ask) -> Response<Bytes> {
    let request = Request::get(&ask.path).body(()).expect("a path");
    match answer(ask.world, &request.into_parts().0, ask.elapsed).outcome {
        Outcome::Response(response) => response,
        other => panic!("no whole response to `{}`: {other:?}", ask.path),
    }
}

fn mime(response: &Response<Bytes>) -> &str {
    let kind = response.headers()[header::CONTENT_TYPE].to_str();
    let kind = kind.expect("a type in ASCII");
    kind.split(';').next().unwrap_or(kind)
}

/// Turns the schemas of OpenAPI 3.0 into JSON Schema: `nullable` becomes a type, and no object may hold a property that
/// its schema does not name.
fn to_json_schema(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(to_json_schema),
        Value::Object(properties) => {
            for (name, value) in properties.iter_mut() {
                // The parts of a whole each know only their own properties.
                if name != "allOf" {
                    to_json_schema(value);
                }
            }
            if properties.remove("nullable") == Some(true.into()) {
                let kind = properties.remove("type");
                properties.insert("type".to_owned(), json!([kind, "null"]));
            }
            if properties.contains_key("$ref") {
                properties.insert("unevaluatedProperties".to_owned(), false.into());
            }
        }
        _ => {}
    }
}
