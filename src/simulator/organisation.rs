//! How the organisation API of Confluent Cloud lists the clusters of a world, as data.

use std::collections::BTreeMap;

/// What differs from an organisation that knows every cluster of the world and lets in whoever may see them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    /// Cloud API key and secret asked for; `None` lets everybody in.
    pub credentials: Option<(String, String)>,
    /// `display_name` of clusters, by id; otherwise it is the id.
    pub names: BTreeMap<String, String>,
    /// `status.phase` of clusters, by id; otherwise `PROVISIONED`.
    pub phases: BTreeMap<String, String>,
    /// Items of a page, where it is less than what is asked for.
    pub page_size: Option<usize>,
    /// What goes wrong.
    pub fault: Option<OrganisationFault>,
}

/// What goes wrong with the lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganisationFault {
    /// Every request is answered with this status; 429 with `Retry-After`, in seconds.
    Status(u16, Option<u32>),
    /// The first page of each list comes, and the second is answered with this status.
    SecondPage(u16),
    /// 200 with a login page.
    Html,
    /// The connection closes after half of a body.
    Cut,
}
