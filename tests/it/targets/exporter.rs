//! The exporter from a poll's report on: what it keeps and what a scrape would get, without network or clock.

use std::time::Duration;

use cluster_link_exporter::{
    metrics::{Exposition, Format, Renderer},
    model::{Cluster, ClusterName, Endpoint, Limits, Listing, Report, Request},
    store::Store,
};
use jiff::{SignedDuration, Timestamp};

use super::exposition::{self, Sample};

const INTERVAL: Duration = Duration::from_secs(30);

/// An exporter of one cluster.
pub(super) struct Exporter {
    name: ClusterName,
    store: Store,
    renderer: Renderer,
    now: Timestamp,
}

impl Exporter {
    /// One that has not polled yet.
    pub(super) fn new(cluster_name: &str, cluster_id: &str) -> Self {
        let limits = Limits {
            poll_interval: INTERVAL,
            stale_after: INTERVAL * 4,
        };
        let name = ClusterName::from(cluster_name);
        let endpoints = [Endpoint::Links, Endpoint::Link];
        let cluster = Cluster::unpolled(name.clone(), Some(cluster_id.into()), limits, &endpoints);
        Self {
            name,
            store: Store::new([cluster]),
            renderer: Renderer::default(),
            now: Timestamp::constant(1_700_000_000, 0),
        }
    }

    /// Keeps what one poll brought and reads the exposition back, which must be the same whether or not it was rendered
    /// before.
    pub(super) fn poll(&mut self, listing: Listing) -> Vec<Sample> {
        self.now += SignedDuration::from_secs(30);
        let report = Report {
            at: self.now,
            took: Duration::from_millis(250),
            interval: INTERVAL,
            retry_after: None,
            cluster_id: None,
            outcome: Ok(listing),
            requests: vec![Request {
                endpoint: Endpoint::Links,
                status: Some(200),
                took: Duration::from_millis(30),
            }],
            credential_expiry: Some(self.now),
        };
        self.store.report(&self.name, report);
        let snapshot = self.store.snapshot();
        let text = text(&self.renderer.render(&snapshot));
        let anew = self::text(&Renderer::default().render(&snapshot));
        assert!(
            text == anew,
            "rendered again:\n{text}\nrendered anew:\n{anew}"
        );
        exposition::read(&text)
    }
}

fn text(exposition: &Exposition) -> String {
    let body = exposition.body(Format::Text, String::new(), false);
    String::from_utf8(body.concat()).expect("an exposition is UTF-8")
}
