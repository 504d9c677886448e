//! What is asked, page by page, and what is known then.

use cluster_link_exporter::{
    discovery::{
        Client, DiscoveryError, Environment, List, ListedCluster, Phase, Settings, Status, judge,
    },
    model::LinkPatterns,
};
use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;

use super::server::{Answer, Server, cluster, environment, list, organisation, page, settings};

pub(crate) async fn listed(settings: Settings) -> Result<List, DiscoveryError> {
    Client::new(settings)
        .unwrap()
        .list(Timestamp::UNIX_EPOCH)
        .await
}

fn ids(list: &List) -> Vec<&str> {
    list.clusters.iter().map(|it| it.id.as_str()).collect()
}

#[tokio::test]
async fn every_page_of_every_wanted_environment_is_asked_for_with_the_credentials() {
    let server = Server::new(|asked| match asked.path.as_str() {
        "/org/v2/environments?page_size=100" => page(
            &[environment("env-1", "prod"), environment("env-2", "lab")],
            &json!("/org/v2/environments?page_token=2"),
        ),
        "/org/v2/environments?page_token=2" => list(&[environment("env-3", "größe & co")]),
        "/cmk/v2/clusters?environment=env-1&page_size=100" => page(
            &[cluster("lkc-1", "orders", "https://a")],
            &json!("/cmk/v2/clusters?environment=env-1&page_token=x"),
        ),
        "/cmk/v2/clusters?environment=env-1&page_token=x" => page(
            // Pages may shift while they are read: an id that comes again is the same cluster.
            &[
                cluster("lkc-1", "orders", "https://a"),
                cluster("lkc-2", "orders", "https://b"),
            ],
            &json!(""),
        ),
        "/cmk/v2/clusters?environment=env-3&page_size=100" => {
            list(&[cluster("lkc-3", "日本", "https://c")])
        }
        other => Answer::status(404, other),
    })
    .await;
    let mut wanted = settings(&server.url);
    let environments = ["env-1".to_owned(), "größe.*".to_owned()];
    wanted.environments = cluster_link_exporter::model::LinkPatterns::new(&environments).unwrap();
    let list = listed(wanted).await.unwrap();
    assert_eq!(ids(&list), ["lkc-1", "lkc-2", "lkc-3"]);
    assert!(list.is_complete());
    let unwanted: Vec<_> = list.unwanted.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(unwanted, ["env-2"]);
    let third = &list.clusters[2];
    assert_eq!(
        (
            third.display_name.as_str(),
            third.environment.display_name.as_str()
        ),
        ("日本", "größe & co")
    );
    assert_eq!(server.asked().len(), 5);
    let signed = |it: &super::server::Asked| it.authorization.starts_with("Basic ");
    assert!(server.asked().iter().all(signed));
}

#[tokio::test]
async fn an_item_that_cannot_be_understood_hides_none_beside_it() {
    let good = || cluster("lkc-1", "good", "https://a");
    let wrong = |path: &str, value: serde_json::Value| {
        let mut item = cluster("lkc-2", "wrong", "https://b");
        *item.pointer_mut(path).unwrap() = value;
        item
    };
    let items = [
        json!(7),
        json!(null),
        json!({}),
        wrong("/id", json!(7)),
        wrong("/id", json!("")),
        wrong("/id", json!("../lkc")),
        wrong("/spec", json!([])),
        wrong("/spec/display_name", json!(null)),
        wrong("/spec/display_name", json!({})),
        wrong("/spec/cloud", json!(7)),
        wrong("/spec/endpoints", json!("https://b")),
        wrong("/spec/endpoints/PUBLIC", json!("https://b")),
        wrong("/spec/endpoints/PUBLIC/http_endpoint", json!(7)),
        wrong("/status", json!("PROVISIONED")),
        wrong("/status/phase", json!(null)),
    ];
    for item in items {
        let said = item.to_string();
        let server = Server::new(organisation(vec![item, good()])).await;
        let list = listed(settings(&server.url)).await.unwrap();
        assert_eq!((ids(&list), list.unreadable), (vec!["lkc-1"], 1), "{said}");
    }
}

#[tokio::test]
async fn five_thousand_clusters_are_read_in_fifty_requests() {
    let server = Server::new(|asked| {
        let Some((_, query)) = asked.path.split_once("/cmk/v2/clusters?") else {
            return list(&[environment("env-1", "prod")]);
        };
        let token = query.split_once("page_token=");
        let first: usize = token.map_or(0, |(_, token)| token.parse().unwrap());
        let items = (first..first + 100)
            .map(|number| cluster(&format!("lkc-{number}"), &format!("c{number}"), "https://a"));
        let next = format!(
            "/cmk/v2/clusters?environment=env-1&page_token={}",
            first + 100
        );
        let next = (first + 100 < 5000).then_some(next);
        page(&items.collect::<Vec<_>>(), &json!(next))
    })
    .await;
    let list = listed(settings(&server.url)).await.unwrap();
    assert_eq!(list.clusters.len(), 5000);
    assert_eq!(server.asked().len(), 51);
}

#[tokio::test]
async fn an_api_whose_limit_is_used_up_is_left_alone_until_it_begins_anew() {
    let server = Server::new(|asked| {
        let first = asked.path.starts_with("/org/");
        let answer = organisation(vec![cluster("lkc-1", "a", "https://a")])(asked);
        let left = if first { 0 } else { 9 };
        answer
            .header("X-RateLimit-Limit", 10)
            .header("X-RateLimit-Remaining", left)
            .header("X-RateLimit-Reset", 1)
    })
    .await;
    let began = Instant::now();
    let list = listed(settings(&server.url)).await.unwrap();
    assert_eq!(ids(&list), ["lkc-1"]);
    assert!(began.elapsed().as_millis() >= 1000, "{:?}", began.elapsed());
}

#[test]
fn a_list_from_before_a_reload_has_none_of_an_environment_that_is_excluded_since_then() {
    let cluster = ListedCluster {
        id: "lkc-1".into(),
        display_name: "orders".to_owned(),
        environment: Environment {
            id: "env-dev".to_owned(),
            display_name: "dev".to_owned(),
        },
        cloud: None,
        region: None,
        phase: Phase::Provisioned,
        endpoints: [("PUBLIC".to_owned(), "https://a.example".to_owned())].into(),
        http_endpoint: None,
    };
    let wanted = settings("https://api.example");
    assert_eq!(judge(&cluster, &wanted), Ok("https://a.example"));
    let production = Settings {
        environments: LinkPatterns::new(&["prod".to_owned()]).unwrap(),
        ..wanted
    };
    assert_eq!(judge(&cluster, &production), Err(Status::Excluded));
}
