//! What is asked only to see whether one may ask it: a list's first page says that.

use url::Url;

use super::{Session, named};
use crate::{
    api::{
        ApiError,
        wire::{self, LinkPage, WireError},
    },
    model::{ClusterId, Endpoint, LinkName},
};

impl Session<'_> {
    /// `GET …/links`, its first page: some of the links.
    pub async fn first_links(&self, cluster: &ClusterId) -> Result<LinkPage, ApiError> {
        let url = self.client.urls.links(cluster);
        self.first_page(Endpoint::Links, url, wire::link_page).await
    }

    /// `GET …/links/{link_name}/configs`, its first page, of which nothing is kept.
    pub async fn try_configs(&self, cluster: &ClusterId, link: &LinkName) -> Result<(), ApiError> {
        let url = named(self.client.urls.configs(cluster, link), link)?;
        let read = |body: &[u8]| wire::config_page(body).map(drop);
        self.first_page(Endpoint::Configs, url, read).await
    }

    /// `GET …/links/-/mirrors`, or that of one link, its first page, of which nothing is kept.
    pub async fn try_mirrors(
        &self,
        cluster: &ClusterId,
        link: Option<&LinkName>,
    ) -> Result<(), ApiError> {
        let url = match link {
            None => self.client.urls.all_mirrors(cluster),
            Some(link) => named(self.client.urls.mirrors(cluster, link), link)?,
        };
        let read = |body: &[u8]| wire::mirror_page(body, link).map(drop);
        self.first_page(Endpoint::Mirrors, url, read).await
    }

    async fn first_page<T>(
        &self,
        endpoint: Endpoint,
        url: Url,
        read: impl FnOnce(&[u8]) -> Result<T, WireError>,
    ) -> Result<T, ApiError> {
        let body = self.get(endpoint, url).await?;
        read(&body).map_err(|problem| self.unreadable(endpoint, problem, &body))
    }
}
