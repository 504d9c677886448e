//! Which links and clusters come where attention is asked for.

use cluster_link_exporter::{
    model::{Cluster, Failure, Link, Reason},
    status::Filter,
    store::Store,
};
use jiff::Timestamp;

use super::{data, names};
use crate::http::{
    routes::showing,
    server::{link, listing, report, unpolled},
};

/// A link that nothing is the matter with.
fn fine(name: &str) -> Link {
    let mut fine = link(name, "ACTIVE");
    fine.link_error = None;
    fine.tasks.as_mut().unwrap().truncate(1);
    fine
}

#[tokio::test]
async fn attention_leaves_out_what_is_well_and_keeps_what_is_not_known() {
    let store = Store::new([unpolled()]);
    let without_state = Link {
        link_state: None,
        ..fine("no-state")
    };
    let in_error = link("task", "ACTIVE");
    let in_error = Link {
        link_error: None,
        ..in_error
    };
    let reporting = Link {
        link_error: link("", "").link_error,
        ..fine("reporting")
    };
    let mut paused = fine("paused");
    paused.link_state = link("", "PAUSED").link_state;
    let links = [fine("fine"), without_state, in_error, reporting, paused];
    store.report(&"dr".into(), report(Ok(listing(links.to_vec()))));
    let server = showing(&store).await;
    let found = data(&server, "status?attention=1").await;
    let expected = ["no-state", "paused", "reporting", "task"].map(str::to_owned);
    assert_eq!(names(&found), [("dr".to_owned(), expected.to_vec())]);
    let one = data(&server, "status?attention=true&link=paused").await;
    assert_eq!(names(&one)[0].1, ["paused"]);
    // It is there, and needs nobody.
    let none = data(&server, "status?attention=1&link=fine").await;
    assert_eq!(names(&none), []);

    let well = Store::new([unpolled()]);
    well.report(&"dr".into(), report(Ok(listing(vec![fine("fine")]))));
    let server = showing(&well).await;
    assert_eq!(names(&data(&server, "status?attention=1").await), []);
    assert_eq!(
        names(&data(&server, "status?attention=0").await)[0].1,
        ["fine"]
    );
    // With a failed poll nothing is fresh any more.
    let failed = Failure {
        reason: Reason::Timeout,
        message: "no answer".to_owned(),
    };
    let mut later = report(Err(failed));
    later.at = Timestamp::from_second(1_750_000_030).unwrap();
    well.report(&"dr".into(), later);
    let server = showing(&well).await;
    let found = data(&server, "status?attention=1").await;
    assert_eq!(names(&found), [("dr".to_owned(), vec!["fine".to_owned()])]);
    assert_eq!(found["clusters"][0]["links"][0]["fresh"], false);
}

#[test]
fn a_filter_says_whether_it_leaves_anything_out() {
    assert!(!Filter::default().is_narrow());
    let attention = Filter {
        attention: true,
        ..Filter::default()
    };
    assert!(attention.is_narrow());
    let cluster: Cluster = unpolled();
    assert!(attention.keeps(&cluster), "it was never polled well");
}
