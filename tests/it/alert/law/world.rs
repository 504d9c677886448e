//! Two clusters with one half of a bidirectional link each, as the bodies of their answers, which a test changes as it
//! likes.

use std::{collections::HashMap, convert::Infallible, sync::Arc, sync::Mutex};

use http_body_util::Full;
use hyper::{
    Request, Response, body::Bytes, body::Incoming, server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The link on both clusters.
pub(crate) const LINK: &str = "orders";

/// What one cluster answers, by status and body.
#[derive(Clone)]
pub(crate) struct Side {
    pub(crate) list: (u16, Value),
    pub(crate) link: (u16, Value),
    pub(crate) configs: (u16, Value),
    /// About the mirror topics of all links, and of the link alone.
    pub(crate) mirrors: (u16, Value),
    pub(crate) own_mirrors: (u16, Value),
    /// About a mirror topic by its name.
    pub(crate) topics: HashMap<String, (u16, Value)>,
}

impl Side {
    /// A cluster on which all is well.
    pub(crate) fn healthy(remote: &str) -> Self {
        let mut side = Self {
            list: (200, Value::Null),
            link: (200, link(remote)),
            configs: (200, configs()),
            mirrors: (200, json!({ "data": [topic("a"), topic("b")] })),
            own_mirrors: (200, Value::Null),
            topics: HashMap::new(),
        };
        side.settle();
        side
    }

    /// Lets the list follow the link, and every question about mirror topics the answer about all of them.
    pub(crate) fn settle(&mut self) {
        let mut listed = self.link.1.clone();
        listed.as_object_mut().expect("it is one").remove("tasks");
        self.list = (200, json!({ "data": [listed] }));
        self.own_mirrors = self.mirrors.clone();
        let data = self.mirrors.1["data"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let named = data.into_iter().filter_map(|topic| {
            let name = topic["mirror_topic_name"].as_str()?.to_owned();
            Some((name, (200, topic)))
        });
        self.topics = named.collect();
    }

    pub(crate) fn task(&mut self, name: &str) -> &mut Value {
        let tasks = self.link.1["tasks"].as_array_mut().expect("a list");
        let mut tasks = tasks.iter_mut();
        tasks
            .find(|task| task["task_name"] == name)
            .expect("the link has this task")
    }

    pub(crate) fn topic(&mut self) -> &mut Value {
        &mut self.mirrors.1["data"][0]
    }

    pub(crate) fn setting(&mut self, name: &str) -> &mut Value {
        let entries = self.configs.1["data"].as_array_mut().expect("a list");
        let mut entries = entries.iter_mut();
        entries
            .find(|entry| entry["name"] == name)
            .expect("the link has this setting")
    }

    fn answer(&self, path: &str) -> (u16, Value) {
        let parts: Vec<_> = path.split('/').collect();
        let missing = || (404, json!({"error_code": 404, "message": "not here"}));
        match parts[..] {
            ["links"] => self.list.clone(),
            ["links", LINK] => self.link.clone(),
            ["links", LINK, "configs"] => self.configs.clone(),
            ["links", "-", "mirrors"] => self.mirrors.clone(),
            ["links", LINK, "mirrors"] => self.own_mirrors.clone(),
            ["links", LINK, "mirrors", topic] => {
                self.topics.get(topic).cloned().unwrap_or_else(missing)
            }
            _ => missing(),
        }
    }
}

fn link(remote: &str) -> Value {
    let task = |name: &str| json!({"task_name": name, "state": "ACTIVE", "errors": []});
    json!({
        "link_name": LINK, "cluster_link_id": "id-1", "remote_cluster_id": remote,
        "link_state": "ACTIVE", "link_error": "NO_ERROR",
        "tasks": [task("ConsumerOffsetSync"), task("AclSync"), task("TopicConfigsSync"), task("AutoCreateMirror")],
    })
}

fn configs() -> Value {
    let entry =
        |name: &str, value: &str| json!({"name": name, "value": value, "is_sensitive": false});
    json!({ "data": [
        entry("link.mode", "BIDIRECTIONAL"),
        entry("connection.mode", "OUTBOUND"),
        entry("cluster.link.prefix", ""),
        entry("acl.sync.enable", "true"),
        entry("acl.sync.ms", "5000"),
        entry("acl.filters", r#"{"aclFilters": [{}]}"#),
        entry("consumer.offset.sync.enable", "true"),
        entry("consumer.offset.group.filters", r#"{"groupFilters": [{}]}"#),
        entry("consumer.group.prefix.enable", "false"),
        entry("auto.create.mirror.topics.enable", "true"),
        entry("auto.create.mirror.topics.filters", r#"{"topicFilters": [{}]}"#),
    ]})
}

fn topic(name: &str) -> Value {
    let lag =
        |partition: i32| json!({"partition": partition, "lag": 0, "last_source_fetch_offset": 100});
    json!({
        "link_name": LINK, "mirror_topic_name": name, "source_topic_name": name, "num_partitions": 2,
        "mirror_lags": [lag(0), lag(1)], "mirror_status": "ACTIVE", "state_time_ms": 1_700_000_000_000_i64,
    })
}

/// Answers for a cluster until the test ends; says where.
pub(crate) async fn serve(cluster_id: &'static str, side: Arc<Mutex<Side>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let side = side.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let prefix = format!("/kafka/v3/clusters/{cluster_id}/");
                let path = request.uri().path().strip_prefix(&prefix);
                let path = path.expect("only this cluster is asked for").to_owned();
                let (status, body) = side.lock().unwrap().answer(&path);
                let response = Response::builder()
                    .status(status)
                    .body(Full::new(Bytes::from(body.to_string())));
                async move { Ok::<_, Infallible>(response.unwrap()) }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    endpoint
}
