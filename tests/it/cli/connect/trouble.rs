//! What no grant mends: wrong credentials, servers that do not answer or want to be left alone, and clusters without links.

use cluster_link_exporter::simulator::{Effect, Fault, PathKind, Scenario, World};

use super::{CONNECT, asked, cluster, east, with_clusters};
use crate::cli::{described_at, run, tasks::simulator};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_wrong_is_no_question_of_rights() {
    let mut scenario = Scenario::named("healthy").unwrap();
    scenario.world.credentials = Some(("key".to_owned(), "right-secret".to_owned()));
    let (simulator, endpoint) = simulator(scenario).await;
    let mut command = described_at(&endpoint, &CONNECT);
    command
        .env("CLUSTERLINK_API_KEY", "canary-key")
        .env("CLUSTERLINK_API_SECRET", "canary-secret");
    let (status, stdout, stderr) = run(command);
    insta::assert_snapshot!(stdout, @r#"
    environment: valid, 1 cluster
    Cluster      Question                        Answer
    ────────────────────────────────────────────────────────
    lkc-east01   list links                      failed
        HTTP 401: `{"error_code":40101,"message":"Authentication failed"}`; check the API key and secret, that the key is a cluster key of this cluster (a Cloud key
        is the wrong kind), and that its owner has the role Operator: a missing role is answered like this too
        hint: first see that the credentials are right; what they allow cannot be said before
    lkc-east01   describe a link and its tasks   not tried
        the credentials were refused
    lkc-east01   read a link's settings          not tried
        the credentials were refused
    lkc-east01   list mirror topics              not tried
        the credentials were refused
    "#);
    assert_eq!((status, stderr.as_str()), (2, ""));
    assert_eq!(asked(&simulator, "lkc-east01"), [0, 1, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_after_a_good_answer_is_one_of_rights() {
    let refusal = Fault::new(Effect::Unauthorized).on(PathKind::Configs);
    let scenario = east(|cluster| cluster.faults.push(refusal));
    let (_simulator, endpoint) = simulator(scenario).await;
    let (status, stdout, _) = run(described_at(&endpoint, &CONNECT));
    assert_eq!(status, 1);
    let answer = "HTTP 401: `{\"error_code\":40101,\"message\":\"Cluster authorization failed\"}`";
    let row = stdout
        .lines()
        .find(|line| line.contains("settings"))
        .unwrap();
    assert!(
        row.contains("forbidden") && row.ends_with(answer),
        "{stdout}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_links_it_is_said_what_could_not_be_tried() {
    let (simulator, endpoint) = simulator(east(|cluster| cluster.links.clear())).await;
    let (status, stdout, stderr) = run(described_at(&endpoint, &CONNECT));
    insta::assert_snapshot!(stdout, @"
    environment: valid, 1 cluster
    Cluster      Question                        Answer      Details
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    lkc-east01   list links                      allowed
    lkc-east01   describe a link and its tasks   not tried   the list is empty: the cluster has no link, or shows none to these credentials
    lkc-east01   read a link's settings          not tried   the list is empty: the cluster has no link, or shows none to these credentials
    lkc-east01   list mirror topics              allowed
    ");
    assert_eq!((status, stderr.as_str()), (2, ""));
    assert_eq!(asked(&simulator, "lkc-east01"), [0, 1, 0, 0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_in_trouble_is_left_alone_and_keeps_no_other() {
    let retry_after = Some("7".to_owned());
    let throttled = Fault::new(Effect::Throttled { retry_after }).on(PathKind::Link);
    let healthy = |id| {
        let mut cluster = east(|_| {}).world.clusters.remove(0);
        cluster.cluster_id = String::from(id);
        cluster
    };
    let world = World::new([
        healthy("lkc-well"),
        healthy("lkc-busy").fault(throttled),
        healthy("lkc-mute").fault(Fault::new(Effect::Throttled {
            retry_after: Some("999999999999".to_owned()),
        })),
        healthy("lkc-down").fault(Fault::new(Effect::ServerError).on(PathKind::Configs)),
    ]);
    let (simulator, endpoint) = simulator(Scenario::still(world)).await;
    let folder = tempfile::tempdir().unwrap();
    let clusters = [
        cluster("lkc-gone", "http://127.0.0.1:1"),
        cluster("lkc-plain", &endpoint.replace("http:", "https:")),
        cluster("lkc-typo", &endpoint),
        cluster("lkc-busy", &endpoint),
        cluster("lkc-mute", &endpoint),
        cluster("lkc-down", &endpoint),
        cluster("lkc-well", &endpoint),
    ];
    let (status, stdout, stderr) = run(with_clusters(&folder, &clusters.concat(), &CONNECT));
    insta::assert_snapshot!(stdout, @r#"
    exporter.yaml: valid, 7 clusters
    Cluster     Question                        Answer
    ───────────────────────────────────────────────────────
    lkc-gone    list links                      failed
        no connection to `127.0.0.1:1`: tcp connect error: Connection refused (os error 111); check `endpoint`, DNS, firewall and `proxy_url`
    lkc-gone    describe a link and its tasks   not tried
        the question before brought no answer
    lkc-gone    read a link's settings          not tried
        the question before brought no answer
    lkc-gone    list mirror topics              not tried
        the question before brought no answer
    lkc-plain   list links                      failed
        TLS failed: received corrupt message of type InvalidContentType; check the names and the issuer of the server's certificate, `tls_config` (`ca_file` for a
        private CA, `cert_file` for mutual TLS) and the clock
    lkc-plain   describe a link and its tasks   not tried
        the question before brought no answer
    lkc-plain   read a link's settings          not tried
        the question before brought no answer
    lkc-plain   list mirror topics              not tried
        the question before brought no answer
    lkc-typo    list links                      failed
        HTTP 404: `{"error_code":404,"message":"Cluster lkc-typo cannot be found."}`; check `cluster_id` and `base_path` (`/kafka/v3`, or `/v3` for a standalone
        REST Proxy)
    lkc-typo    describe a link and its tasks   not tried
        there is no list of links
    lkc-typo    read a link's settings          not tried
        there is no list of links
    lkc-typo    list mirror topics              not tried
        there is no list of links
    lkc-busy    list links                      allowed
    lkc-busy    describe a link and its tasks   failed
        asked about `orders-dr`
        HTTP 429: `<!DOCTYPE html> <html><head><title>429 Too Many Requests</title></head> <body><h1>429 Too Many
        Requests</h1><p>/kafka/v3/clusters/lkc-busy/links/orders-dr</p></body></html>`; the API throttles; raise `poll_interval` or lower `max_concurrent_requests`
    lkc-busy    read a link's settings          not tried
        the API wants to be left alone for 7s
    lkc-busy    list mirror topics              not tried
        the API wants to be left alone for 7s
    lkc-mute    list links                      failed
        HTTP 429: `<!DOCTYPE html> <html><head><title>429 Too Many Requests</title></head> <body><h1>429 Too Many
        Requests</h1><p>/kafka/v3/clusters/lkc-mute/links</p></body></html>`; the API throttles; raise `poll_interval` or lower `max_concurrent_requests`
    lkc-mute    describe a link and its tasks   not tried
        the API wants to be left alone for 15m
    lkc-mute    read a link's settings          not tried
        the API wants to be left alone for 15m
    lkc-mute    list mirror topics              not tried
        the API wants to be left alone for 15m
    lkc-down    list links                      allowed
    lkc-down    describe a link and its tasks   allowed
        asked about `orders-dr`
    lkc-down    read a link's settings          failed
        HTTP 500: `{"error_code":500,"message":"Internal Server Error"}`; the server or a proxy before it is in trouble; the next poll asks again
    lkc-down    list mirror topics              allowed
    lkc-well    list links                      allowed
    lkc-well    describe a link and its tasks   allowed
        asked about `orders-dr`
    lkc-well    read a link's settings          allowed
    lkc-well    list mirror topics              allowed
    "#);
    assert_eq!((status, stderr.as_str()), (2, ""));
    assert_eq!(asked(&simulator, "lkc-busy"), [0, 1, 1, 0, 0]);
    assert_eq!(asked(&simulator, "lkc-typo"), [0, 1, 0, 0, 0]);
}
