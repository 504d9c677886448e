//! The keys of an item of `discovery`.

use super::{
    SCHEDULE,
    client::{CLIENT, TRANSPORT},
    cluster::{BASE_PATH, WANTED},
};
use crate::document::{Absent, Group, Key, Keys, Kind, Table};

pub(super) const DISCOVERY: Table = &[Group::own(&[
    Key {
        name: "confluent_cloud",
        kind: Kind::Section(Keys::Known(CONFLUENT_CLOUD)),
        absent: Absent::Required,
        doc: "The organisation API of Confluent Cloud, which is asked for environments and clusters. Its credentials are sent \
              there and nowhere else: a Cloud API key as `basic_auth`, or `oauth2`.",
        shown: &[("discovery[0]", "")],
    },
    Key {
        name: "template",
        kind: Kind::Section(Keys::Known(TEMPLATE)),
        absent: Absent::Required,
        doc: "What each discovered cluster has: everything that an item of `clusters` may have but `cluster_id` and `endpoint`, \
              which are the organisation's word. In every text `{environment_id}`, `{environment}`, `{cluster_id}`, \
              `{display_name}`, `{cloud}` and `{region}` are filled in.",
        shown: &[("discovery[0]", "")],
    },
])];

const CONFLUENT_CLOUD: Table = &[
    Group::own(&[
        Key {
            name: "url",
            kind: Kind::Url,
            absent: Absent::Default("https://api.confluent.cloud"),
            doc: "Where the organisation API is.",
            shown: &[(
                "discovery[0].confluent_cloud",
                "https://api.confluent.cloud",
            )],
        },
        Key {
            name: "environments",
            kind: Kind::Patterns,
            absent: Absent::Default(r#"[".*"]"#),
            doc: "Only environments whose id or display name one of these matches as a whole.",
            shown: &[("discovery[0].confluent_cloud", r#"[".*"]"#)],
        },
        Key {
            name: "clusters",
            kind: Kind::Section(Keys::Known(&[Group::own(&[
                Key {
                    name: "include",
                    kind: Kind::Patterns,
                    absent: Absent::Default(r#"[".*"]"#),
                    doc: "Only clusters whose id or display name one of these matches.",
                    shown: &[("discovery[0].confluent_cloud.clusters", r#"[".*"]"#)],
                },
                Key {
                    name: "exclude",
                    kind: Kind::Patterns,
                    absent: Absent::Default("[]"),
                    doc: "No cluster whose id or display name one of these matches.",
                    shown: &[("discovery[0].confluent_cloud.clusters", r#"["sandbox-.*"]"#)],
                },
            ])])),
            absent: Absent::Optional,
            doc: "Which clusters are wanted: regular expressions that must match the whole id or display name.",
            shown: &[],
        },
        Key {
            name: "access_points",
            kind: Kind::Texts,
            absent: Absent::Default("[PUBLIC]"),
            doc: "By which access point a cluster is reached: the first of these that it has an endpoint at, `PUBLIC` or the id of \
                  an access point. Where it has none of them, `spec.http_endpoint` of the cluster counts.",
            shown: &[("discovery[0].confluent_cloud", "[PUBLIC]")],
        },
        Key {
            name: "refresh_interval",
            kind: Kind::Duration { least: "1s" },
            absent: Absent::Default("10m"),
            doc: "How often the list is read. One that could not be read whole changes nothing and is read again after a second, \
                  then after twice as long each time, up to this interval or as `Retry-After` says.",
            shown: &[("discovery[0].confluent_cloud", "10m")],
        },
    ]),
    CLIENT,
    TRANSPORT,
];

const TEMPLATE: Table = &[
    Group::own(&[
        Key {
            name: "name",
            kind: Kind::Text,
            absent: Absent::Required,
            doc: "The name of each, label `cluster_name`. Clusters that would have one name in common are called \
                  `name (lkc-…)`, each with its own id.",
            shown: &[("discovery[0].template", r#""{environment}/{display_name}""#)],
        },
        BASE_PATH,
    ]),
    CLIENT,
    TRANSPORT,
    SCHEDULE,
    Group::own(WANTED),
];
