//! What of the page is asked for, and how often: the parameters of its URL.

use std::time::Duration;

use url::form_urlencoded::{Serializer, parse};

use crate::{
    anchor,
    model::{ObservedLink, Snapshot},
    status::Filter,
};

/// The parameters of the page, in the order in which a link to it has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) struct View {
    /// `attention=1`, `cluster=NAME` and `link=NAME`, as the JSON API has them; links that are named are unfolded.
    pub(super) filter: Filter,
    /// `pending=1`: the alerts that are pending, each, where there is else a line with their count.
    pub(super) pending: bool,
    /// `refresh=SECONDS`: how often the browser asks again; `None` for never.
    refresh: Option<Duration>,
}

/// A parameter with a value that says nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::http) enum BadParameter {
    #[error("`{name}` is neither 0 nor 1; write `{name}=1` to see {what}")]
    Flag {
        name: &'static str,
        what: &'static str,
    },
    #[error(
        "`refresh` is no number of seconds from 0 to {}; write `refresh=30`, or `refresh=0` to stop it",
        View::LONGEST.as_secs()
    )]
    Refresh,
}

impl Default for View {
    fn default() -> Self {
        Self {
            filter: Filter::default(),
            pending: false,
            refresh: Some(Self::REFRESH),
        }
    }
}

impl View {
    /// How often a browser asks again that is not told otherwise.
    const REFRESH: Duration = Duration::from_secs(30);

    /// The most that `refresh` takes.
    const LONGEST: Duration = Duration::from_secs(86_400);

    /// Reads the query of a URL. As in Prometheus, the first of several counts, an empty one is none, and parameters of
    /// other names are left to others.
    pub(in crate::http) fn asked(query: Option<&str>) -> Result<Self, BadParameter> {
        let query = query.unwrap_or_default().as_bytes();
        let value = |wanted: &str| {
            let mut all = parse(query);
            let (_, value) = all.find(|(name, _)| name == wanted)?;
            (!value.is_empty()).then(|| value.into_owned())
        };
        let flag = |name, what| match value(name).as_deref() {
            None | Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(_) => Err(BadParameter::Flag { name, what }),
        };
        let refresh = match value("refresh").map(|seconds| seconds.parse()) {
            None => Some(Self::REFRESH),
            Some(Ok(0)) => None,
            Some(Ok(seconds)) if seconds <= Self::LONGEST.as_secs() => {
                Some(Duration::from_secs(seconds))
            }
            Some(_) => return Err(BadParameter::Refresh),
        };
        Ok(Self {
            filter: Filter {
                attention: flag("attention", "only what needs attention")?,
                cluster: value("cluster"),
                link: value("link"),
            },
            pending: flag("pending", "each alert that is pending")?,
            refresh,
        })
    }

    /// How often the browser asks again.
    pub(super) fn refresh(&self) -> Option<Duration> {
        self.refresh
    }

    /// The URL of this view, relative to the page: whoever reaches it below a path of a proxy stays below that.
    pub(super) fn href(&self) -> String {
        let mut query = Serializer::new(String::new());
        let Filter {
            attention,
            cluster,
            link,
        } = &self.filter;
        if *attention {
            query.append_pair("attention", "1");
        }
        for (name, value) in [("cluster", cluster), ("link", link)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        if self.pending {
            query.append_pair("pending", "1");
        }
        if self.refresh != Some(Self::REFRESH) {
            let seconds = self.refresh.map_or(0, |every| every.as_secs());
            query.append_pair("refresh", &seconds.to_string());
        }
        match query.finish() {
            query if query.is_empty() => "./".to_owned(),
            query => format!("./?{query}"),
        }
    }

    /// The same of everything.
    pub(super) fn of_everything(&self) -> Self {
        Self {
            refresh: self.refresh,
            ..Self::default()
        }
    }

    /// The same of what needs attention, in whichever cluster.
    pub(super) fn of_attention(&self) -> Self {
        self.of(Filter {
            attention: true,
            ..Filter::default()
        })
    }

    /// The same of one link.
    pub(super) fn of_link(&self, cluster: &str, link: &str) -> Self {
        self.of(Filter {
            cluster: Some(cluster.to_owned()),
            link: Some(link.to_owned()),
            ..Filter::default()
        })
    }

    /// The same of one cluster.
    pub(super) fn of_cluster(&self, cluster: &str) -> Self {
        self.of(Filter {
            cluster: Some(cluster.to_owned()),
            ..Filter::default()
        })
    }

    /// Where the page shows the cluster, its link or the task of that; of what is gone, or was never there, where it shows
    /// the next larger thing that is.
    pub(super) fn href_of(
        &self,
        snapshot: &Snapshot,
        cluster: &str,
        link: Option<&str>,
        task: Option<&str>,
    ) -> String {
        let Some(known) = snapshot.cluster(cluster) else {
            return self.of_everything().href();
        };
        let view = link.map(|link| self.of_link(cluster, link));
        let view = view.filter(|view| view.filter.may_have_link(known));
        let view = view.unwrap_or_else(|| self.of_cluster(cluster));
        let names = |link: &ObservedLink, task: &str| {
            let mut tasks = link.named_tasks().iter();
            tasks.any(|it| it.task_name.as_str() == task)
        };
        let anchor = match link.and_then(|link| known.shown_link(link)) {
            None => anchor::of_cluster(cluster),
            Some(link) => match task.filter(|task| names(link, task)) {
                None => anchor::of_link(cluster, link.link_name.as_str()),
                Some(task) => anchor::of_task(cluster, link.link_name.as_str(), task),
            },
        };
        format!("{}#{anchor}", view.href())
    }

    fn of(&self, filter: Filter) -> Self {
        Self {
            filter,
            ..self.of_everything()
        }
    }

    /// The same with the pending alerts unfolded or not.
    pub(super) fn with_pending(&self, pending: bool) -> Self {
        Self {
            pending,
            ..self.clone()
        }
    }

    /// The same, asked for every so many seconds, or never.
    pub(super) fn with_refresh(&self, seconds: u64) -> Self {
        Self {
            refresh: (seconds > 0).then(|| Duration::from_secs(seconds)),
            ..self.clone()
        }
    }

    /// The same as it is when nobody says how often.
    pub(super) fn with_usual_refresh(&self) -> Self {
        self.with_refresh(Self::REFRESH.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn without_parameters_it_is_everything_every_30_seconds() {
        assert_eq!(View::asked(None), Ok(View::default()));
        assert_eq!(
            View::asked(Some("utm=1&cluster=&refresh=30")),
            Ok(View::default())
        );
        assert_eq!(View::default().refresh(), Some(Duration::from_secs(30)));
        assert_eq!(View::default().href(), "./");
    }

    #[test]
    fn each_parameter_is_read_and_the_first_of_several_counts() {
        let query = "attention=1&cluster=a%2Fb&link=%22%C3%BC%25+&refresh=0&cluster=c";
        let view = View::asked(Some(query)).unwrap();
        assert!(view.filter.is_narrow() && view.filter.attention);
        assert_eq!(view.filter.cluster.as_deref(), Some("a/b"));
        assert_eq!(view.filter.link.as_deref(), Some("\"ü% "));
        assert_eq!(view.refresh(), None);
        assert_eq!(view.of_everything().href(), "./?refresh=0");
        assert_eq!(view.with_usual_refresh().of_everything().href(), "./");
    }

    #[test]
    fn a_value_that_says_nothing_is_refused_with_what_to_write() {
        let attention =
            "`attention` is neither 0 nor 1; write `attention=1` to see only what needs attention";
        let refresh = "`refresh` is no number of seconds from 0 to 86400; write `refresh=30`, or `refresh=0` to stop it";
        for (query, told) in [
            ("attention=yes", attention),
            (
                "pending=2",
                "`pending` is neither 0 nor 1; write `pending=1` to see each alert that is pending",
            ),
            ("refresh=never", refresh),
            ("refresh=-1", refresh),
            ("refresh=86401", refresh),
        ] {
            assert_eq!(
                View::asked(Some(query)).unwrap_err().to_string(),
                told,
                "{query}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_link_to_a_view_leads_to_that_view(
            attention: bool, pending: bool, cluster in ".{1,9}", link in ".{1,9}", refresh in 0_u64..86_401
        ) {
            let view = View::default().of_link(&cluster, &link);
            let filter = Filter { attention, ..view.filter };
            let view = View { filter, pending, ..view }.with_refresh(refresh);
            let href = view.href();
            prop_assert!(!href.contains('#'), "{href}");
            let (_, query) = href.split_once('?').unwrap();
            prop_assert_eq!(View::asked(Some(query)), Ok(view));
        }
    }
}
