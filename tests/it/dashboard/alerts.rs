//! Where alerts lead to: every `dashboard_url` of the rule file.

use cluster_link_exporter::{
    alert::RuleFile,
    web_links::{BaseUrl, WebLinks},
};

use super::{
    boards::{assert_none, shipped},
    variables::wrong_in_url,
};

#[test]
fn every_alert_leads_to_a_board_with_variables_that_it_defines() {
    let boards = shipped();
    let grafana = "https://grafana.example.com".parse().unwrap();
    let links = WebLinks {
        grafana_url: Some(BaseUrl::new(&grafana)),
        ..WebLinks::default()
    };
    let file = RuleFile {
        links,
        slo: Some("99.9".parse().unwrap()),
        ..RuleFile::default()
    };
    let file = file.yaml();
    let urls = file
        .lines()
        .filter_map(|line| line.trim().strip_prefix("dashboard_url: "));
    let urls: Vec<_> = urls.map(|url| url.trim_matches('\'')).collect();
    assert_eq!(urls.len(), cluster_link_exporter::alert::rules().count());
    assert!(urls.iter().all(|url| url.contains("/d/clusterlink-")));
    let wrong: Vec<_> = urls
        .iter()
        .filter_map(|url| wrong_in_url(url, &boards))
        .collect();
    assert_none(
        &wrong,
        "mend src/alert/template.rs, or give the board the variable",
    );
}
