//! An organisation API that answers by a script, and remembers who asked for what.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use cluster_link_exporter::{
    client::{Credential, Transport},
    discovery::Settings,
    model::LinkPatterns,
    secret::Secret,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::Duration,
};

/// What is sent back.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Only the head and half of the body come.
    pub(crate) is_cut: bool,
}

/// A request: path and query, and the header `Authorization`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) authorization: String,
}

type Script = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// A server; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    script: Arc<Mutex<Script>>,
}

impl Answer {
    pub(crate) fn json(body: &Value) -> Self {
        Self::status(200, &body.to_string())
    }

    pub(crate) fn status(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            is_cut: false,
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: u64) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(crate) fn cut(mut self) -> Self {
        self.is_cut = true;
        self
    }
}

impl Server {
    pub(crate) async fn new(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            asked: Arc::default(),
            script: Arc::new(Mutex::new(Arc::new(script))),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().answer(stream));
            }
        });
        server
    }

    /// Answers so from now on.
    pub(crate) fn says(&self, script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(script);
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    async fn answer(self, mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        let authorization = headers.find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let asked = Asked {
            path: head.split(' ').nth(1).unwrap_or_default().to_owned(),
            authorization: authorization.map_or("", |(_, value)| value).to_owned(),
        };
        self.asked.lock().unwrap().push(asked.clone());
        let script = self.script.lock().unwrap().clone();
        let answer = script(&asked);
        let mut text = format!(
            "HTTP/1.1 {} X\r\ncontent-length: {}\r\nconnection: close\r\n",
            answer.status,
            answer.body.len()
        );
        for (name, value) in &answer.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text += "\r\n";
        let body = &answer.body[..answer.body.len() / if answer.is_cut { 2 } else { 1 }];
        let _ = stream.write_all(text.as_bytes()).await;
        let _ = stream.write_all(body).await;
        let _ = stream.shutdown().await;
    }
}

/// A list of these items, and the next page.
pub(crate) fn page(items: &[Value], next: &Value) -> Answer {
    Answer::json(&json!({
        "api_version": "org/v2", "kind": "List",
        "metadata": { "first": null, "last": null, "prev": null, "next": next, "total_size": items.len() },
        "data": items,
    }))
}

/// The last page, or the only one.
pub(crate) fn list(items: &[Value]) -> Answer {
    page(items, &Value::Null)
}

pub(crate) fn environment(id: &str, name: &str) -> Value {
    json!({ "id": id, "display_name": name })
}

/// A cluster that is there, with an endpoint at `PUBLIC`.
pub(crate) fn cluster(id: &str, name: &str, endpoint: &str) -> Value {
    json!({
        "id": id,
        "spec": {
            "display_name": name, "availability": "LOW", "cloud": "AWS", "region": "us-west-2",
            "http_endpoint": endpoint,
            "endpoints": { "PUBLIC": { "http_endpoint": endpoint, "connection_type": "PUBLIC" } },
            "environment": { "id": "env-1" },
        },
        "status": { "phase": "PROVISIONED", "cku": 1 },
    })
}

/// One environment `prod` with these clusters.
pub(crate) fn organisation(clusters: Vec<Value>) -> impl Fn(&Asked) -> Answer + Send + Sync {
    move |asked| {
        if asked.path.starts_with("/org/v2/environments?") {
            list(&[environment("env-1", "prod")])
        } else {
            list(&clusters)
        }
    }
}

pub(crate) const KEY: &str = "CLOUDKEY";
pub(crate) const SECRET: &str = "canary-of-the-organisation";

/// Everything of the organisation at this URL.
pub(crate) fn settings(url: &str) -> Settings {
    let all = || LinkPatterns::new(&[".*".to_owned()]).unwrap();
    Settings {
        url: url.parse().unwrap(),
        environments: all(),
        include: all(),
        exclude: LinkPatterns::new(&[]).unwrap(),
        access_points: vec!["PUBLIC".to_owned()],
        refresh_interval: Duration::from_secs(600),
        credential: Credential::Basic {
            username: Secret::Literal(KEY.into()),
            password: Secret::Literal(SECRET.into()),
        },
        transport: Transport::default(),
        request_timeout: Duration::from_secs(2),
    }
}
