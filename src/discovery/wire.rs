//! What the organisation API sends, read item by item: one that cannot be understood hides none beside it, and is counted.
//!
//! Not understood is an item without an id or a display name, a cluster whose phase is not said, and one in which a value that
//! is read here is of another type than the API's. To take such a value for an absent one would rename a cluster, or lose it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::list::{Environment, ListedCluster, Phase};
use crate::api::wire::{self, WireError};

/// One page of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items that could be understood.
    pub items: Vec<T>,
    /// How many could not.
    pub unreadable: usize,
    /// `metadata.next`, where there is a further page.
    pub next: Option<String>,
    /// `metadata.total_size`, where the answer does not say whether there is a further page: `next` is left out of the last
    /// one, but not only of that.
    pub total: Option<u64>,
}

/// Why a body is not what the API sends.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Not JSON, or a list without `data`.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// Whether there is a further page cannot be told.
    #[error("`metadata.next` is neither a text nor null")]
    Next,
    /// So cannot how many items there are, by which that is told where `next` is left out.
    #[error("`metadata.total_size` is no whole number")]
    Total,
    /// Nor is it said anywhere.
    #[error(
        "`metadata` has neither `next` nor `total_size`, which say whether there is a further page"
    )]
    Metadata,
    /// `data` is no list.
    #[error("`data` is not a list")]
    Data,
}

/// A page of `GET /org/v2/environments`.
pub fn environments(body: &[u8]) -> Result<Page<Environment>, PageError> {
    page(body, environment)
}

/// A page of `GET /cmk/v2/clusters?environment=…`.
pub fn clusters(body: &[u8], of: &Environment) -> Result<Page<ListedCluster>, PageError> {
    page(body, |item| cluster(item, of))
}

fn page<T>(
    body: &[u8],
    item: impl Fn(&Map<String, Value>) -> Option<T>,
) -> Result<Page<T>, PageError> {
    let body: Value = wire::read(body).map_err(WireError::from)?;
    let data = match body.get("data") {
        Some(Value::Array(data)) => data,
        None | Some(Value::Null) => return Err(WireError::NoData.into()),
        Some(_) => return Err(PageError::Data),
    };
    let metadata = match body.get("metadata") {
        None | Some(Value::Null) => return Err(PageError::Metadata),
        Some(metadata) => metadata.as_object().ok_or(PageError::Next)?,
    };
    let next = text(metadata, "next").map_err(|WrongType| PageError::Next)?;
    let total = match metadata.get("total_size") {
        None | Some(Value::Null) => None,
        Some(total) => Some(total.as_u64().ok_or(PageError::Total)?),
    };
    let is_next_told = metadata.contains_key("next");
    if !is_next_told && total.is_none() {
        return Err(PageError::Metadata);
    }
    let items: Vec<_> = data
        .iter()
        .filter_map(|value| item(value.as_object()?))
        .collect();
    Ok(Page {
        unreadable: data.len() - items.len(),
        items,
        next,
        total: total.filter(|_| !is_next_told),
    })
}

fn environment(item: &Map<String, Value>) -> Option<Environment> {
    Some(Environment {
        id: id(item)?,
        display_name: said(item, "display_name")?,
    })
}

fn cluster(item: &Map<String, Value>, of: &Environment) -> Option<ListedCluster> {
    let spec = item.get("spec")?.as_object()?;
    let status = item.get("status")?.as_object()?;
    Some(ListedCluster {
        id: id(item)?.into(),
        display_name: said(spec, "display_name")?,
        environment: of.clone(),
        cloud: text(spec, "cloud").ok()?,
        region: text(spec, "region").ok()?,
        phase: Phase::from(said(status, "phase")?.as_str()),
        endpoints: endpoints(spec)?,
        http_endpoint: text(spec, "http_endpoint").ok()?,
    })
}

/// `spec.endpoints`; `None` where it cannot be understood.
fn endpoints(spec: &Map<String, Value>) -> Option<BTreeMap<String, String>> {
    let Some(points) = spec.get("endpoints").filter(|points| !points.is_null()) else {
        return Some(BTreeMap::new());
    };
    let mut endpoints = BTreeMap::new();
    for (point, endpoint) in points.as_object()? {
        if let Some(http) = text(endpoint.as_object()?, "http_endpoint").ok()? {
            endpoints.insert(point.clone(), http);
        }
    }
    Some(endpoints)
}

/// An id. It stands in URLs, in names and in paths of files, and is made of letters, digits and signs between them.
fn id(item: &Map<String, Value>) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    said(item, "id").filter(|id| id.chars().all(plain))
}

/// A value of another type than the API's.
struct WrongType;

/// A text; `None` where it is absent, null or empty.
fn text(object: &Map<String, Value>, key: &str) -> Result<Option<String>, WrongType> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        // Bytes that are no Unicode name nothing that can be asked for.
        Some(Value::String(text)) if text.contains(wire::BROKEN) => Err(WrongType),
        Some(Value::String(text)) => Ok((!text.is_empty()).then(|| text.clone())),
        Some(_) => Err(WrongType),
    }
}

/// A text that must be there.
fn said(object: &Map<String, Value>, key: &str) -> Option<String> {
    text(object, key).ok().flatten()
}
