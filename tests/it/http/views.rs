//! What the parameters of the page leave out, and how links lead to what is on it.

use cluster_link_exporter::{
    model::{Link, LinkState, Task, TaskState},
    store::Store,
};

use super::{
    routes::showing,
    runbooks::followed,
    server::{Answer, failure, listing, report, unpolled},
};

/// A link of one task, both well or not.
fn link(name: &str, task: &str) -> Link {
    Link {
        cluster_link_id: "id".into(),
        link_state: Some(LinkState::Active),
        tasks: Some(vec![Task {
            task_name: "AclSync".into(),
            state: TaskState::parse(task),
            errors: Vec::new(),
        }]),
        ..Link::named(name)
    }
}

fn store(links: Vec<Link>) -> Store {
    let prod = cluster_link_exporter::model::Cluster {
        name: "prod/1".into(),
        ..unpolled()
    };
    let store = Store::new([unpolled(), prod]);
    store.report(&"dr".into(), report(Ok(listing(links))));
    store.report(
        &"prod/1".into(),
        report(Ok(listing(vec![link("sales", "ACTIVE")]))),
    );
    store
}

async fn ask(store: &Store, path: &str) -> Answer {
    showing(store).await.ask(&format!("GET {path}"), "").await
}

/// The names of the clusters and links that are shown.
fn shown(answer: &Answer) -> Vec<String> {
    let id = regex::Regex::new(r#"<(?:h2|details|a class="line") id="([^"]*)""#).unwrap();
    let ids = id.captures_iter(answer.text());
    ids.map(|found| found[1].to_owned()).collect()
}

#[tokio::test]
async fn each_parameter_leaves_out_the_rest_and_says_so() {
    let store = store(vec![link("orders", "ACTIVE"), link("sales", "IN_ERROR")]);
    let cases: [(&str, &[&str], &str); 6] = [
        (
            "/",
            &["dr", "dr/sales", "dr/orders", "prod%2F1", "prod%2F1/sales"],
            "",
        ),
        (
            "/?attention=1",
            &["dr", "dr/sales"],
            "Below is only what needs attention; ",
        ),
        (
            "/?cluster=dr",
            &["dr", "dr/sales", "dr/orders"],
            "Below is only cluster <code><bdi>dr</bdi></code>; ",
        ),
        (
            "/?link=sales",
            &["dr", "dr/sales", "prod%2F1", "prod%2F1/sales"],
            "Below is only link <code><bdi>sales</bdi></code>; ",
        ),
        (
            "/?cluster=prod%2F1&link=sales&refresh=5",
            &["prod%2F1", "prod%2F1/sales"],
            "Below is only link <code><bdi>sales</bdi></code> of cluster <code><bdi>prod/1</bdi></code>; \
             <a href=\"./?refresh=5\">show everything</a>",
        ),
        (
            "/?cluster=prod%2F1&attention=1",
            &[],
            "Below is only what needs attention of cluster <code><bdi>prod/1</bdi></code>: nothing; ",
        ),
    ];
    for (path, expected, said) in cases {
        let page = ask(&store, path).await;
        assert_eq!(
            (page.status, shown(&page)),
            (200, expected.iter().map(ToString::to_string).collect()),
            "{path}"
        );
        assert!(page.text().contains(said), "{path}: {}", page.text());
        assert_eq!(
            said.is_empty(),
            !page.text().contains("Below is only"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_name_that_nothing_has_is_a_page_with_404_that_says_so() {
    let store = store(vec![link("orders", "ACTIVE")]);
    let cases = [
        (
            "/?cluster=prod",
            "no cluster is called `prod`; did you mean `prod/1`?</p>",
        ),
        (
            "/?cluster=dr&link=%3Cb%3E%22%25/%C3%BC",
            "cluster `dr` has no link that is called `&lt;b&gt;&quot;%/ü`; ask without `link` for all of them</p>",
        ),
        (
            "/?link=order",
            "no cluster has a link that is called `order`; did you mean `orders`?</p>",
        ),
    ];
    for (path, said) in cases {
        let page = ask(&store, path).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (404, "text/html; charset=utf-8"),
            "{path}"
        );
        assert!(page.text().contains(said), "{path}: {}", page.text());
        assert!(
            page.text().contains(r#"<a href="./">show everything</a>"#),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_link_is_not_called_unknown_while_the_list_of_its_cluster_is() {
    let store = Store::new([unpolled()]);
    store.report(&"dr".into(), report(Err(failure())));
    let page = ask(&store, "/?cluster=dr&link=orders").await;
    assert_eq!(page.status, 200);
    for said in [
        "POLL FAILED",
        "whether this cluster has the link is not known now",
    ] {
        assert!(page.text().contains(said), "{said}: {}", page.text());
    }
    let page = ask(&store, "/?attention=1").await;
    assert_eq!(shown(&page), ["dr"], "its last poll failed");
}

#[tokio::test]
async fn the_page_refreshes_itself_unless_told_not_to() {
    let store = store(vec![link("orders", "ACTIVE")]);
    let refresh = |seconds| format!(r#"<meta http-equiv="refresh" content="{seconds}">"#);
    for (path, seconds) in [("/", 30), ("/?refresh=5&link=orders", 5)] {
        let page = ask(&store, path).await;
        assert!(
            page.text().contains(&refresh(seconds)),
            "{path}: {}",
            page.text()
        );
    }
    let page = ask(&store, "/?refresh=0").await;
    assert!(!page.text().contains("http-equiv"), "{}", page.text());

    let page = ask(&store, "/?refresh=often").await;
    let told = "`refresh` is no number of seconds from 0 to 86400; write `refresh=30`, or `refresh=0` to stop it\n";
    assert_eq!((page.status, page.text()), (400, told));
    let page = ask(&store, "/?attention=yes").await;
    let told =
        "`attention` is neither 0 nor 1; write `attention=1` to see only what needs attention\n";
    assert_eq!((page.status, page.text()), (400, told));
}

#[tokio::test]
async fn every_link_on_the_page_leads_to_what_is_there_whatever_the_names_hold() {
    let names = ["a/b", "\"q\" 'x'", "100%", "ü\u{1f600}\n#&?=+;"];
    let names = names.map(|name| link(name, "IN_ERROR"));
    let well = link("well/\"%ü", "ACTIVE");
    let store = store(names.into_iter().chain([well]).collect());
    let page = ask(&store, "/").await;
    let line = regex::Regex::new(r#"<a class="line" id="([^"]*)" href="([^"]*)""#).unwrap();
    let lines: Vec<_> = line.captures_iter(page.text()).collect();
    assert_eq!(lines.len(), 2, "{}", page.text());
    for line in lines {
        let one = ask(&store, &followed("/", &line[2])).await;
        let unfolded = format!(r#"<details id="{}" open>"#, &line[1]);
        let task = format!(r#"<tr id="{}/AclSync">"#, &line[1]);
        assert_eq!(one.status, 200);
        for there in [unfolded, task] {
            assert!(
                one.text().contains(&there),
                "{there} is not on {}",
                one.text()
            );
        }
    }
    let id = r#"id="dr/%C3%BC%F0%9F%98%80%0A%23%26%3F%3D%2B%3B/AclSync""#;
    assert!(page.text().contains(id), "{}", page.text());
}

#[tokio::test]
async fn a_thousand_links_that_are_well_take_less_than_300_kilobytes() {
    let links = (0..1000).map(|n| Link {
        remote_cluster_id: Some("lkc-9x7k2m".into()),
        ..link(&format!("payments-and-orders-{n:04}"), "ACTIVE")
    });
    let page = ask(&store(links.collect()), "/").await;
    assert_eq!(shown(&page).len(), 1003);
    assert!(page.body.len() < 300_000, "{} bytes", page.body.len());
}
