//! Links, their tasks and their settings, as the server stores them.

use strum::IntoStaticStr;

use super::{Mirror, TaskError, random};

/// A cluster link as one of its two clusters sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// REST field `link_name`. Empty for the remnant of a deleted source-initiated link.
    pub link_name: String,
    /// Which end of the link this cluster is.
    pub mode: Mode,
    /// The id of the cluster at the other end.
    pub remote_cluster_id: String,
    /// Raised by whoever deletes the link and creates it again under the same name: it gets another id.
    pub incarnation: u32,
    /// REST field `link_state`.
    pub link_state: Option<String>,
    /// REST fields `link_error` and `link_error_message`; `None` when healthy.
    pub link_error: Option<TaskError>,
    /// REST field `tasks`; `None` where the server has no list.
    pub tasks: Option<Vec<Task>>,
    /// REST field `topic_names`; `None` is sent as null.
    pub topic_names: Option<Vec<String>>,
    /// REST field `category_counts`: state category and number of partitions; not sent when empty.
    pub category_counts: Vec<(String, i32)>,
    /// The link's settings.
    pub configs: Vec<LinkConfig>,
    /// The link's mirror topics.
    pub mirrors: Vec<Mirror>,
}

/// Which end of a link a cluster is (setting `link.mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// The cluster that reads: knows its source.
    Destination,
    /// The cluster that is read and opens the connection: knows its destination.
    Source,
    /// One of two equal halves: knows its remote.
    Bidirectional,
}

/// One background task of a link (`LinkTask`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// REST field `task_name`.
    pub task_name: String,
    /// REST field `state`.
    pub state: String,
    /// REST field `errors`.
    pub errors: Vec<TaskError>,
}

/// One setting of a link (`KafkaLinkConfigData`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkConfig {
    /// REST field `name`.
    pub name: String,
    /// REST field `value`; `None` is sent as null: unset, or sensitive.
    pub value: Option<String>,
    /// REST field `is_default`; decides `source` too.
    pub is_default: bool,
    /// REST field `is_read_only`.
    pub is_read_only: bool,
    /// REST field `is_sensitive`.
    pub is_sensitive: bool,
}

/// A feature that can be switched off.
struct Feature {
    task: &'static str,
    switch: &'static str,
    filters: &'static str,
    /// Filters that let everything through.
    everything: &'static str,
}

const FEATURES: [Feature; 3] = [
    Feature {
        task: "ConsumerOffsetSync",
        switch: "consumer.offset.sync.enable",
        filters: "consumer.offset.group.filters",
        everything: r#"{"groupFilters":[{"name":"*","patternType":"LITERAL","filterType":"INCLUDE"}]}"#,
    },
    Feature {
        task: "AclSync",
        switch: "acl.sync.enable",
        filters: "acl.filters",
        everything: r#"{"aclFilters":[{"resourceFilter":{"resourceType":"any","patternType":"any"},"accessFilter":{"operation":"any","permissionType":"any"}}]}"#,
    },
    Feature {
        task: "AutoCreateMirror",
        switch: "auto.create.mirror.topics.enable",
        filters: "auto.create.mirror.topics.filters",
        everything: r#"{"topicFilters":[{"name":"*","patternType":"LITERAL","filterType":"INCLUDE"}]}"#,
    },
];

impl Link {
    /// The tasks every link has, in the order in which the documentation's sample lists them.
    pub const TASKS: [&str; 4] = [
        "ConsumerOffsetSync",
        "AclSync",
        "TopicConfigsSync",
        "AutoCreateMirror",
    ];

    /// A healthy link: `ACTIVE`, every task `ACTIVE` and its feature switched on, no topics.
    pub fn new(link_name: &str, mode: Mode, remote_cluster_id: &str) -> Self {
        let mut link = Self {
            link_name: link_name.to_owned(),
            mode,
            remote_cluster_id: remote_cluster_id.to_owned(),
            incarnation: 0,
            link_state: Some("ACTIVE".to_owned()),
            link_error: None,
            tasks: Some(Vec::new()),
            topic_names: Some(Vec::new()),
            category_counts: Vec::new(),
            configs: LinkConfig::defaults(mode),
            mirrors: Vec::new(),
        };
        for task in Task::all("ACTIVE") {
            link.set_task(task);
        }
        link
    }

    /// What is left of a deleted source-initiated link: no name, no tasks, state `UNMANAGED_SOURCE`.
    pub fn remnant(remote_cluster_id: &str, incarnation: u32) -> Self {
        Self {
            incarnation,
            link_state: Some("UNMANAGED_SOURCE".to_owned()),
            tasks: None,
            configs: Vec::new(),
            ..Self::new("", Mode::Source, remote_cluster_id)
        }
    }

    /// With another `link_state`, and every task in the state that follows from it where there is one.
    #[must_use]
    pub fn state(mut self, state: &str) -> Self {
        self.link_state = Some(state.to_owned());
        if let "PAUSED" | "UNAVAILABLE" | "FAILED" = state {
            self.tasks = Some(Task::all(&format!("LINK_{state}")));
        }
        self
    }

    /// With a `link_error`.
    #[must_use]
    pub fn error(mut self, error_code: &str, error_message: &str) -> Self {
        self.link_error = Some(TaskError::new(error_code, error_message));
        self
    }

    /// With this task in place of the one of its name.
    #[must_use]
    pub fn task(mut self, task: Task) -> Self {
        self.set_task(task);
        self
    }

    /// With this setting in place of the one of its name.
    #[must_use]
    pub fn config(mut self, name: &str, value: &str) -> Self {
        self.set_config(LinkConfig::new(name, Some(value), false));
        self
    }

    pub(super) fn set_config(&mut self, config: LinkConfig) {
        self.configs.retain(|known| known.name != config.name);
        self.configs.push(config);
    }

    /// With one mirror topic more.
    #[must_use]
    pub fn mirror(mut self, mirror: Mirror) -> Self {
        self.topic_names
            .get_or_insert_default()
            .push(mirror.mirror_topic_name.clone());
        self.mirrors.push(mirror);
        self
    }

    /// With these mirror partitions by state category.
    #[must_use]
    pub fn partitions(mut self, category_counts: &[(&str, i32)]) -> Self {
        let counts = category_counts.iter();
        self.category_counts = counts
            .map(|(category, count)| ((*category).to_owned(), *count))
            .collect();
        self
    }

    /// Replaces the task of the same name, or adds it; its feature is switched on or off with it.
    pub fn set_task(&mut self, task: Task) {
        let feature = FEATURES
            .iter()
            .find(|feature| feature.task == task.task_name);
        match (feature, task.state.as_str()) {
            (Some(feature), "NOT_CONFIGURED") => self.switch_off(feature),
            (Some(feature), "ACTIVE" | "IN_ERROR") => self.switch_on(feature),
            _ => {}
        }
        let tasks = self.tasks.get_or_insert_default();
        match tasks.iter_mut().find(|t| t.task_name == task.task_name) {
            Some(known) => *known = task,
            None => tasks.push(task),
        }
    }

    /// Filters that are there stay as they are.
    fn switch_on(&mut self, feature: &Feature) {
        let is_on = |config: &LinkConfig| {
            config.name == feature.switch && config.value.as_deref() == Some("true")
        };
        if !self.configs.iter().any(is_on) {
            self.set_config(LinkConfig::new(feature.switch, Some("true"), false));
            self.set_config(LinkConfig::new(
                feature.filters,
                Some(feature.everything),
                false,
            ));
        }
    }

    /// Clears the filters, as Confluent's servers do.
    fn switch_off(&mut self, feature: &Feature) {
        self.set_config(LinkConfig::new(feature.switch, Some("false"), true));
        self.set_config(LinkConfig::new(feature.filters, Some(""), true));
    }

    /// The link's sixteen bytes: REST field `link_id` as UUID, `cluster_link_id` in base64url.
    pub fn id(&self, seed: u64) -> [u8; 16] {
        let incarnation = self.incarnation.to_string();
        random::uuid(seed, &["link", &self.link_name, &incarnation])
    }
}

impl Mode {
    /// The value of setting `link.mode`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Task {
    /// A task without errors.
    pub fn new(task_name: &str, state: &str) -> Self {
        Self {
            task_name: task_name.to_owned(),
            state: state.to_owned(),
            errors: Vec::new(),
        }
    }

    /// With one error more.
    #[must_use]
    pub fn error(mut self, error_code: &str, error_message: &str) -> Self {
        self.errors.push(TaskError::new(error_code, error_message));
        self
    }

    /// Every usual task, all in the same state.
    pub fn all(state: &str) -> Vec<Self> {
        Link::TASKS.map(|name| Self::new(name, state)).into()
    }
}

impl LinkConfig {
    /// A setting that can be changed and is no secret.
    pub fn new(name: &str, value: Option<&str>, is_default: bool) -> Self {
        Self {
            name: name.to_owned(),
            value: value.map(str::to_owned),
            is_default,
            is_read_only: false,
            is_sensitive: false,
        }
    }

    /// What `/configs` lists of a link that nobody has tuned, with a sensitive entry among it.
    fn defaults(mode: Mode) -> Vec<Self> {
        const DEFAULTS: &[(&str, Option<&str>)] = &[
            ("acl.filters", Some("")),
            ("acl.sync.enable", Some("false")),
            ("acl.sync.ms", Some("5000")),
            ("auto.create.mirror.topics.enable", Some("false")),
            ("auto.create.mirror.topics.filters", Some("")),
            ("cluster.link.prefix", None),
            ("cluster.link.retry.timeout.ms", Some("300000")),
            ("connection.mode", Some("OUTBOUND")),
            ("consumer.group.prefix.enable", Some("false")),
            ("consumer.offset.group.filters", Some("")),
            ("consumer.offset.sync.enable", Some("false")),
            ("consumer.offset.sync.ms", Some("30000")),
            ("mirror.start.offset.spec", Some("earliest")),
            ("topic.config.sync.ms", Some("5000")),
        ];
        let mut configs: Vec<_> = DEFAULTS
            .iter()
            .map(|(name, value)| Self::new(name, *value, true))
            .collect();
        configs.push(Self {
            is_read_only: true,
            ..Self::new("link.mode", Some(mode.as_str()), false)
        });
        configs.push(Self {
            is_sensitive: true,
            ..Self::new("sasl.jaas.config", None, false)
        });
        configs
    }
}
