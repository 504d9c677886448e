//! What lists of an organisation come to: names, what goes before what, and what a template comes to.

use std::{collections::BTreeMap, fs, sync::Arc};

use cluster_link_exporter::{
    config::{Config, Source},
    discovery::{Environment, List, ListedCluster, Phase},
};

use super::environment;

fn config(yaml: &str) -> Config {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), yaml).unwrap();
    let environment = environment([("KEY", "key")]);
    let loaded = Config::load(&Source::File(file.path().into()), &environment);
    loaded.unwrap_or_else(|problems| panic!("{problems}"))
}

fn discovering(template: &str) -> Config {
    config(&format!(
        "discovery: [{{ confluent_cloud: {{ basic_auth: {{ username: key, password: canary }} }}, template: {template} }}]"
    ))
}

fn cluster(id: &str, name: &str) -> ListedCluster {
    ListedCluster {
        id: id.into(),
        display_name: name.to_owned(),
        environment: Environment {
            id: "env-1".to_owned(),
            display_name: "prod".to_owned(),
        },
        cloud: Some("AWS".to_owned()),
        region: None,
        phase: Phase::Provisioned,
        endpoints: BTreeMap::from([("PUBLIC".to_owned(), format!("https://{id}.example"))]),
        http_endpoint: None,
    }
}

fn list(clusters: impl IntoIterator<Item = ListedCluster>) -> Arc<List> {
    Arc::new(List {
        clusters: clusters.into_iter().collect(),
        ..List::default()
    })
}

fn named<const N: usize>(clusters: [(&str, &str); N]) -> Arc<List> {
    list(clusters.map(|(id, name)| cluster(id, name)))
}

/// The names of what is polled, and by id what became of each cluster of the lists.
fn come_to(config: &Config, lists: &[Arc<List>]) -> (Vec<String>, Vec<String>) {
    let lists: Vec<_> = lists.iter().cloned().map(Some).collect();
    let discovered = config.discovery.discovered(&lists);
    let names = discovered.clusters.iter().map(|it| it.name.to_string());
    let outcomes = discovered.outcomes.iter().flatten();
    let outcomes = outcomes.map(|it| format!("{}: {}", it.cluster.id, it.status.label()));
    (names.collect(), outcomes.collect())
}

/// Why the only cluster of the list cannot be polled, without where that stands.
fn unusable(config: &Config, cluster: ListedCluster) -> String {
    let lists = [Some(list([cluster]))];
    let discovered = config.discovery.discovered(&lists);
    let why = discovered.clusters[0].unusable.clone().unwrap_or_default();
    why.split_once("`discovery")
        .map_or(why.clone(), |(_, why)| why.to_owned())
}

#[test]
fn clusters_of_one_name_are_told_apart_by_their_ids_in_whatever_order_they_come() {
    let config = discovering(r#"{ name: "{environment}/{display_name}" }"#);
    let twins = [
        ("lkc-1", "orders"),
        ("lkc-2", "orders"),
        ("lkc-3", "ordérs\n日本"),
    ];
    let mut names = come_to(&config, &[named(twins)]).0;
    let expected = [
        "prod/orders (lkc-1)",
        "prod/orders (lkc-2)",
        "prod/ordérs\n日本",
    ];
    assert_eq!(names, expected);
    let [a, b, c] = twins;
    names = come_to(&config, &[named([c, b, a])]).0;
    names.sort();
    assert_eq!(names, expected);
    // A name that another one has only with its id behind it is told apart as well.
    let config = discovering(r#"{ name: "{display_name}" }"#);
    let names = [("lkc-1", "a"), ("lkc-2", "a"), ("lkc-3", "a (lkc-1)")];
    assert_eq!(
        come_to(&config, &[named(names)]).0,
        ["a (lkc-1)", "a (lkc-2)", "a (lkc-1) (lkc-3)"].map(str::to_owned)
    );
}

#[test]
fn what_is_listed_by_hand_goes_before_what_is_discovered_and_the_first_discovery_before_the_second()
{
    let config = config(
        r#"
clusters:
  - { name: by-id, cluster_id: lkc-1, endpoint: "https://a.example" }
  - { name: orders, cluster_id: lkc-9, endpoint: "https://b.example" }
  - { name: "twin (lkc-4)", cluster_id: lkc-8, endpoint: "https://c.example" }
discovery:
  - { confluent_cloud: { clusters: { exclude: [".*-lab"] } }, template: { name: "{display_name}" } }
  - { confluent_cloud: { url: "https://other.example", clusters: { include: ["lkc-[0-9]"] } }, template: { name: "other {display_name}" } }
"#,
    );
    let mut making = cluster("lkc-6", "making");
    making.phase = Phase::Provisioning;
    let mut bare = cluster("lkc-7", "bare");
    bare.endpoints.clear();
    let mut first: Vec<_> = [
        ("lkc-1", "one"),
        ("lkc-2", "orders"),
        ("lkc-3", "twin"),
        ("lkc-4", "twin"),
        ("lkc-5", "orders-lab"),
    ]
    .map(|(id, name)| cluster(id, name))
    .into();
    first.extend([making, bare]);
    let (names, outcomes) = come_to(
        &config,
        &[
            list(first),
            named([("lkc-3", "twin"), ("lkc-10", "x"), ("lkc-5", "lab")]),
        ],
    );
    assert_eq!(names, ["twin (lkc-3)", "other lab"]);
    assert_eq!(
        outcomes,
        [
            "lkc-1: overridden",
            "lkc-2: overridden",
            "lkc-3: polled",
            "lkc-4: overridden",
            "lkc-5: excluded",
            "lkc-6: not_provisioned",
            "lkc-7: no_endpoint",
            "lkc-3: overridden",
            "lkc-10: excluded",
            "lkc-5: polled",
        ]
    );
}

#[test]
fn the_first_access_point_that_is_there_counts_and_else_the_deprecated_endpoint() {
    let config = config(
        "discovery: [{ confluent_cloud: { access_points: [ap-1, PUBLIC] }, template: { name: '{cluster_id}' } }]",
    );
    let endpoint = |points: &[&str], deprecated: Option<&str>| {
        let mut cluster = cluster("lkc-1", "orders");
        let points = points.iter();
        cluster.endpoints = points
            .map(|it| ((*it).to_owned(), format!("https://{it}.example")))
            .collect();
        cluster.http_endpoint = deprecated.map(str::to_owned);
        let lists = [Some(list([cluster]))];
        let discovered = config.discovery.discovered(&lists);
        discovered
            .clusters
            .first()
            .map(|it| it.api.endpoint.to_string())
    };
    let old = Some("https://old.example");
    assert_eq!(
        endpoint(&["PUBLIC", "ap-1", "ap-2"], old).unwrap(),
        "https://ap-1.example/"
    );
    assert_eq!(
        endpoint(&["PUBLIC", "ap-2"], old).unwrap(),
        "https://public.example/"
    );
    assert_eq!(endpoint(&["ap-2"], old).unwrap(), "https://old.example/");
    assert_eq!(endpoint(&["ap-2"], None), None);
}

#[test]
fn names_are_filled_in_as_they_are_and_mean_themselves_in_patterns() {
    let config = discovering(
        r#"{ name: "{environment_id} {environment} {cluster_id} {display_name} {cloud}", links: { include: ["{display_name}-[a-z]{3}"] } }"#,
    );
    let lists = [Some(named([("lkc-1", "a.* {cloud} (")]))];
    let discovered = config.discovery.discovered(&lists);
    let cluster = &discovered.clusters[0];
    // What is filled in is not filled in itself.
    assert_eq!(cluster.name.as_str(), "env-1 prod lkc-1 a.* {cloud} ( AWS");
    let wanted = ["a.* {cloud} (-abc", "abc (-abc", "a.* {cloud} (-ab"];
    let wanted = wanted.map(|link| cluster.poll.links.wants(&link.into()));
    assert_eq!((wanted, &cluster.unusable), ([true, false, false], &None));
    assert_eq!(cluster.api.cluster_id, Some("lkc-1".into()));
}

#[test]
fn a_name_leads_no_path_and_no_url_elsewhere() {
    let config = discovering(
        r#"{ name: "{display_name}", basic_auth: { username: key, password_file: "/run/{display_name}/key" } }"#,
    );
    let path = "[0].template.basic_auth.password_file`: found a path that a name filled in would lead to another folder; use \
                `{cluster_id}` and `{environment_id}` in paths";
    for name in ["..", ".", "a/b", "/", "../../etc", "a\0b"] {
        assert_eq!(unusable(&config, cluster("lkc-1", name)), path, "{name:?}");
    }
    for name in ["a", "...", "größe & co", "a..b"] {
        assert_eq!(unusable(&config, cluster("lkc-1", name)), "", "{name:?}");
    }
    let config = discovering(
        r#"{ name: a, oauth2: { client_id: a, client_secret: canary, token_url: "https://{display_name}.example/token" } }"#,
    );
    let url = "[0].template.oauth2.token_url`: found `{display_name}`, for which more than letters, digits, `-`, `_` and `.` \
               would be filled in; use `{cluster_id}` or `{environment_id}` here";
    for name in ["evil.example/", "a@b", "a:1", "ü"] {
        assert_eq!(unusable(&config, cluster("lkc-1", name)), url, "{name:?}");
    }
    assert_eq!(unusable(&config, cluster("lkc-1", "idp-1")), "");
}

#[test]
fn what_the_organisation_does_not_say_is_named() {
    let config = discovering(r#"{ name: "{display_name} {region}" }"#);
    let lists = [Some(named([("lkc-1", "a")]))];
    let discovered = config.discovery.discovered(&lists);
    assert_eq!(
        unusable(&config, cluster("lkc-1", "a")),
        "[0].template.name`: found `{region}`, which the organisation API does not say of this cluster; use another \
         placeholder"
    );
    // It still has a name of its own.
    assert_eq!(discovered.clusters[0].name.as_str(), "lkc-1");
}

#[test]
fn five_thousand_clusters_are_as_good_as_one() {
    let config = discovering(r#"{ name: "{display_name}" }"#);
    let clusters = (0..5000).map(|it| cluster(&format!("lkc-{it}"), &format!("c{}", it / 2)));
    let (names, _) = come_to(&config, &[list(clusters)]);
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!((names.len(), distinct.len()), (5000, 5000));
}
