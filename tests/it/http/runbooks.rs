//! The runbooks as pages: what to do about an alert, one step from where it is shown.

use std::collections::BTreeSet;

use cluster_link_exporter::alert::rules;
use regex::Regex;
use url::{Position, Url};

use super::server::Server;

/// The path that a link of the page at this path leads to. It stays below the path of a proxy that serves all of it there.
pub(crate) fn followed(page: &str, href: &str) -> String {
    let page = Url::parse(&format!("http://proxy/below{page}")).unwrap();
    let there = page.join(&href.replace("&amp;", "&")).unwrap();
    let path = there[Position::BeforePath..Position::AfterQuery].strip_prefix("/below");
    path.unwrap_or_else(|| panic!("{href} of {page} leaves the path of the proxy"))
        .to_owned()
}

/// The paths that a page links to, without what is elsewhere or inside of it.
fn links(page: &str, html: &str) -> BTreeSet<String> {
    let link = Regex::new(r##"<a href="([^"#]+)"##).unwrap();
    let links = link.captures_iter(html);
    let links = links.filter(|found| !found[1].starts_with("https://"));
    links.map(|found| followed(page, &found[1])).collect()
}

#[tokio::test]
async fn behind_the_path_of_a_proxy_every_link_of_the_page_leads_to_what_is_there() {
    let server = Server::plain().await;
    for page in ["/", "/?attention=1&refresh=5", "/?cluster=nowhere"] {
        let shown = server.ask(&format!("GET {page}"), "").await;
        let linked = links(page, shown.text());
        for path in ["/metrics", "/runbooks/", "/-/healthy", "/-/ready"] {
            assert!(linked.contains(path), "{page} has no link to {path}");
        }
        let is_served = |path: &&String| !path.contains("ready") && !path.contains("nowhere");
        for path in linked.iter().filter(is_served) {
            let answer = server.ask(&format!("GET {path}"), "").await;
            assert_eq!(answer.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn every_alert_has_its_page_and_no_link_of_any_leads_nowhere() {
    let server = Server::plain().await;
    let index = server.ask("GET /runbooks/", "").await;
    assert_eq!(index.status, 200);
    assert_eq!(index.header("content-type"), "text/html; charset=utf-8");
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    assert_eq!(index.header("content-security-policy"), policy);
    let mut linked = links("/runbooks/", index.text());
    for rule in rules() {
        let path = format!("/runbooks/{}", rule.name);
        assert!(linked.contains(&path), "{path} is not listed");
        let page = server.ask(&format!("GET {path}"), "").await;
        assert_eq!(page.status, 200, "{path}");
        let as_a_file = server.ask(&format!("GET {path}.md"), "").await;
        assert_eq!(as_a_file.text(), page.text(), "{path}.md");
        let text = page.text();
        assert!(text.contains(&format!(
            "<title>{} - cluster-link-exporter</title>",
            rule.name
        )));
        for head in ["meaning", "impact", "diagnosis", "mitigation"] {
            assert!(
                text.contains(&format!("<h2 id=\"{head}\">")),
                "{path} has no #{head}"
            );
        }
        assert!(!text.contains("<!--") && !text.contains(".md"), "{path}");
        linked.extend(links(&path, text));
    }
    for path in linked {
        let answer = server.ask(&format!("GET {path}"), "").await;
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[tokio::test]
async fn anchors_of_runbooks_are_there() {
    let server = Server::plain().await;
    let anchor = Regex::new(r##"<a href="(\./[^"#]*)?#([^"]+)"##).unwrap();
    for rule in rules() {
        let here = format!("/runbooks/{}", rule.name);
        let page = server.ask(&format!("GET {here}"), "").await;
        for found in anchor.captures_iter(page.text()) {
            let path = found.get(1).map_or("", |path| path.as_str());
            let path = followed(&here, path);
            let there = server.ask(&format!("GET {path}"), "").await;
            let id = format!(" id=\"{}\"", &found[2]);
            assert!(
                there.text().contains(&id),
                "{here} links to {path}#{}",
                &found[2]
            );
        }
    }
}
