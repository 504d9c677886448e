//! The keys of an item of `clusters`.

use super::{
    DURATION, SCHEDULE,
    client::{CLIENT, TRANSPORT},
};
use crate::{
    document::{Absent, Group, Key, Keys, Kind, Table},
    model::{LinkState, MirrorDetail, TaskState},
};

pub(in crate::config) const CLUSTER: Table = &[
    Group::own(REACHED),
    CLIENT,
    TRANSPORT,
    SCHEDULE,
    Group::own(WANTED),
];

const REACHED: &[Key] = &[
    Key {
        name: "name",
        kind: Kind::Text,
        absent: Absent::Required,
        doc: "A name of its own for each; label `cluster_name`.",
        shown: &[
            ("clusters[0]", "prod-dr"),
            ("clusters[1]", "platform"),
            ("clusters[2]", "prod-sso"),
            ("clusters[3]", "platform-rbac"),
        ],
    },
    Key {
        name: "cluster_id",
        kind: Kind::Text,
        absent: Absent::Otherwise("what the server says"),
        doc: "Label `cluster_id`. Without it, the server is asked.",
        shown: &[("clusters[0]", "lkc-ok51xj")],
    },
    Key {
        name: "endpoint",
        kind: Kind::Url,
        absent: Absent::Required,
        doc: "Scheme, host and port of the REST API. `http://` with credentials is refused unless the host is this machine or \
              `allow_insecure_http: true` is set.",
        shown: &[
            (
                "clusters[0]",
                "https://pkc-00000.us-west-2.aws.confluent.cloud:443",
            ),
            ("clusters[1]", "http://kafka-0.example.com:8090"),
            (
                "clusters[2]",
                "https://pkc-00001.eu-central-1.aws.confluent.cloud:443",
            ),
            ("clusters[3]", "https://kafka-0.example.com:8090"),
        ],
    },
    BASE_PATH,
];

pub(super) const BASE_PATH: Key = Key {
    name: "base_path",
    kind: Kind::Text,
    absent: Absent::Default("/kafka/v3"),
    doc: "Where the API begins: `/v3` for a standalone REST Proxy.",
    shown: &[("clusters[0]", "/kafka/v3")],
};

pub(super) const WANTED: &[Key] = &[
    Key {
        name: "links",
        kind: Kind::Section(Keys::Known(&[Group::own(&[
            Key {
                name: "include",
                kind: Kind::Patterns,
                absent: Absent::Default(r#"[".*"]"#),
                doc: "Only links that one of these matches.",
                shown: &[("clusters[0].links", r#"[".*"]"#)],
            },
            Key {
                name: "exclude",
                kind: Kind::Patterns,
                absent: Absent::Default("[]"),
                doc: "No link that one of these matches.",
                shown: &[("clusters[0].links", "[]")],
            },
        ])])),
        absent: Absent::Optional,
        doc: "Which links are wanted: regular expressions that must match the whole name.",
        shown: &[],
    },
    Key {
        name: "collect",
        kind: Kind::Section(Keys::Known(&[Group::own(&[
            Key {
                name: "configs",
                kind: Kind::Flag,
                absent: Absent::Default("true"),
                doc: "The settings of each link, of which only a list of harmless ones is kept: with the first poll, then with \
                      every tenth, and when the link's state changes or a task is switched on or off. Wants the \
                      role Operator, or the ACLs DESCRIBE on the cluster and DESCRIBE_CONFIGS on the cluster.",
                shown: &[("clusters[0].collect", "true")],
            },
            Key {
                name: "mirrors",
                kind: Kind::Word(|| MirrorDetail::ALL.iter().map(|it| it.as_str()).collect()),
                absent: Absent::Default("summary"),
                doc: "Mirror topics, with one request a poll. `off` asks for none, `summary` shows counts and lag by link, \
                      `unhealthy` each topic as well that is neither ACTIVE nor STOPPED, reports an error or is stalled, `all` \
                      each topic.",
                shown: &[("clusters[0].collect", "summary")],
            },
        ])])),
        absent: Absent::Optional,
        doc: "What is asked for besides links and their tasks.",
        shown: &[],
    },
    Key {
        name: "expect",
        kind: Kind::Sections(Keys::Known(&[Group::own(EXPECT)])),
        absent: Absent::Optional,
        doc: "What should be true of the links; metric `clusterlink_expectation_met` says whether it is. Every item whose \
              `links` match a link holds for it.",
        shown: &[],
    },
];

const EXPECT: &[Key] = &[
    Key {
        name: "links",
        kind: Kind::Patterns,
        absent: Absent::Required,
        doc: "Regular expressions that must match the whole name. One that matches no link is a violation by itself.",
        shown: &[("clusters[0].expect[0]", r#"["dr-.*"]"#)],
    },
    Key {
        name: "state",
        kind: Kind::Words(|| LinkState::TABLE.iter().map(|row| row.name).collect()),
        absent: Absent::Optional,
        doc: "The state of the link (`link_state`), or a list of those that are allowed. Without it, any will do.",
        shown: &[("clusters[0].expect[0]", "ACTIVE")],
    },
    Key {
        name: "tasks",
        kind: Kind::Section(Keys::Own(&Kind::Words(|| {
            TaskState::TABLE.iter().map(|row| row.name).collect()
        }))),
        absent: Absent::Optional,
        doc: "By the name of the task, the state or the states that are allowed.",
        shown: &[(
            "clusters[0].expect[0]",
            "{ ConsumerOffsetSync: ACTIVE, AclSync: [ACTIVE, NOT_CONFIGURED] }",
        )],
    },
    Key {
        name: "rpo",
        kind: DURATION,
        absent: Absent::Optional,
        doc: "How long mirror topics may lag: what a failover may lose.",
        shown: &[("clusters[0].expect[0]", "5m")],
    },
];
