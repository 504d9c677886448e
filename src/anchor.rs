//! The anchors of the page: the `id` of each cluster, link and task there, which is also the fragment of a URL to it.
//!
//! The page, notifications and everything else that points to a place of the page ask here, so that no link misses.

use percent_encoding::utf8_percent_encode;

use crate::text::RESERVED;

/// The anchor of a cluster, of the name that the configuration gives it.
pub fn of_cluster(cluster_name: &str) -> String {
    of(&[cluster_name])
}

/// The anchor of a link.
pub fn of_link(cluster_name: &str, link_name: &str) -> String {
    of(&[cluster_name, link_name])
}

/// The anchor of what an alert is about: of the link, or of the cluster where no link is named.
pub fn of_subject(cluster_name: &str, link_name: Option<&str>) -> String {
    match link_name {
        Some(link_name) => of_link(cluster_name, link_name),
        None => of_cluster(cluster_name),
    }
}

/// The anchor of a task of a link.
pub fn of_task(cluster_name: &str, link_name: &str, task_name: &str) -> String {
    of(&[cluster_name, link_name, task_name])
}

/// A browser looks for the fragment as it is written before it decodes it: the encoded text is `id` and fragment alike,
/// and a name that holds a slash is never taken for two.
fn of(names: &[&str]) -> String {
    let encoded = names
        .iter()
        .map(|name| utf8_percent_encode(name, RESERVED).to_string());
    encoded.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_name_is_encoded_by_itself() {
        assert_eq!(of_cluster("prod-dr"), "prod-dr");
        assert_eq!(of_link("prod-dr", "orders-dr"), "prod-dr/orders-dr");
        assert_eq!(
            of_task("eu/1", "a \"b\" 100%\n", "übung#1"),
            "eu%2F1/a%20%22b%22%20100%25%0A/%C3%BCbung%231"
        );
    }

    proptest! {
        #[test]
        fn no_two_names_share_an_anchor_and_a_url_keeps_it(
            one in prop::collection::vec(".{1,8}", 1..4),
            other in prop::collection::vec(".{1,8}", 1..4),
        ) {
            let parts = |names: &[String]| of(&names.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(one == other, parts(&one) == parts(&other));
            let url = url::Url::parse(&format!("https://exporter.example/#{}", parts(&one)));
            let url = url.expect("an anchor is a fragment");
            let fragment = parts(&one);
            prop_assert_eq!(url.fragment(), Some(fragment.as_str()));
        }
    }
}
