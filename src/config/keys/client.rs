//! The keys of an HTTP client, in Prometheus' words: what clusters and receivers have in common.

use super::{Sources, secret};
use crate::document::{Absent, Group, Key, Keys, Kind};

pub(in crate::config) const USERNAME: Sources = ["username", "username_file", "username_env"];
pub(in crate::config) const PASSWORD: Sources = ["password", "password_file", "password_env"];
pub(in crate::config) const CREDENTIALS: Sources =
    ["credentials", "credentials_file", "credentials_env"];
pub(in crate::config) const CLIENT_SECRET: Sources =
    ["client_secret", "client_secret_file", "client_secret_env"];

/// Of a cluster and of every receiver.
pub(super) const CLIENT: Group = Group {
    title: "HTTP client",
    keys: &[
        Key {
            name: "allow_insecure_http",
            kind: Kind::Flag,
            absent: Absent::Default("false"),
            doc: "Permits credentials over `http://` to another machine, and through the proxy of another machine.",
            shown: &[("clusters[1]", "true")],
        },
        Key {
            name: "basic_auth",
            kind: Kind::Section(Keys::Known(&[
                Group::own(&USERNAME_KEYS),
                Group::own(&PASSWORD_KEYS),
            ])),
            absent: Absent::Optional,
            doc: "A user and a password: for Confluent Cloud a cluster API key and its secret. Each has three sources, of which \
                  one is given: the value itself (`password`), a file (`password_file`) or an environment variable \
                  (`password_env`). There is one kind of authentication (`basic_auth`, `authorization`, `oauth2` or \
                  `metadata_service`), or none where the server wants none or a client certificate.",
            shown: &[(
                "alerting.alertmanagers[1]",
                "{ username: exporter, password_file: /run/secrets/alertmanager.secret }",
            )],
        },
        Key {
            name: "authorization",
            kind: Kind::Section(Keys::Known(AUTHORIZATION)),
            absent: Absent::Optional,
            doc: "A token in the header `Authorization`, instead of `basic_auth`.",
            shown: &[],
        },
        Key {
            name: "oauth2",
            kind: Kind::Section(Keys::Known(&[
                Group::own(&[CLIENT_ID]),
                Group::own(&CLIENT_SECRET_KEYS),
                Group::own(OAUTH2),
                TRANSPORT,
            ])),
            absent: Absent::Optional,
            doc: "A token of an identity provider, by OAuth 2's client-credentials grant. It is refreshed three minutes before \
                  it expires, or at half its lifetime where that is later; one without `expires_in` is taken to live for a \
                  minute. The secret goes into a Basic header; a provider that refuses it there is asked again with the \
                  secret in the form. `tls_config` and the proxy keys beside it do not hold for `token_url`: it has its own.",
            shown: &[],
        },
        Key {
            name: "metadata_service",
            kind: Kind::Section(Keys::Known(&[
                Group::own(&[METADATA_SERVICE_URL]),
                Group::own(&USERNAME_KEYS),
                Group::own(&PASSWORD_KEYS),
                TRANSPORT,
            ])),
            absent: Absent::Optional,
            doc: "A token of Confluent Platform's Metadata Service (MDS), bought with HTTP Basic at \
                  `/security/1.0/authenticate` and refreshed like the one of `oauth2`. `tls_config` and the proxy keys beside it \
                  do not hold for it either.",
            shown: &[],
        },
    ],
};

const USERNAME_KEYS: [Key; 3] = secret(
    &USERNAME,
    "The user, or the API key.",
    [
        &[
            ("clusters[0].basic_auth", "ABCDEFGHIJKLMNOP"),
            ("clusters[3].metadata_service", "exporter"),
            (
                "discovery[0].confluent_cloud.basic_auth",
                "QRSTUVWXYZABCDEF",
            ),
        ],
        &[(
            "discovery[0].template.basic_auth",
            r#""/run/secrets/{cluster_id}/key""#,
        )],
    ],
);

const PASSWORD_KEYS: [Key; 3] = secret(
    &PASSWORD,
    "The password, or the secret of the API key.",
    [
        &[],
        &[
            ("clusters[0].basic_auth", "/run/secrets/prod-dr.secret"),
            (
                "clusters[3].metadata_service",
                "/run/secrets/platform-rbac.secret",
            ),
            (
                "discovery[0].confluent_cloud.basic_auth",
                "/run/secrets/organisation.secret",
            ),
            (
                "discovery[0].template.basic_auth",
                r#""/run/secrets/{cluster_id}/secret""#,
            ),
        ],
    ],
);

const CREDENTIALS_KEYS: [Key; 3] = secret(
    &CREDENTIALS,
    "The token.",
    [
        &[],
        &[("clusters[1].authorization", "/run/secrets/platform.token")],
    ],
);

const CLIENT_SECRET_KEYS: [Key; 3] = secret(
    &CLIENT_SECRET,
    "The client's secret at the provider.",
    [
        &[],
        &[("clusters[2].oauth2", "/run/secrets/prod-sso.secret")],
    ],
);

const AUTHORIZATION: &[Group] = &[
    Group::own(&[Key {
        name: "type",
        kind: Kind::Text,
        absent: Absent::Default("Bearer"),
        doc: "The scheme, one word.",
        shown: &[("clusters[1].authorization", "#Bearer")],
    }]),
    Group::own(&CREDENTIALS_KEYS),
    Group::own(&[IDENTITY_POOL_ID]),
];

const IDENTITY_POOL_ID: Key = Key {
    name: "identity_pool_id",
    kind: Kind::Text,
    absent: Absent::Optional,
    doc: "Sent to the API as `Confluent-Identity-Pool-Id`; Confluent Cloud wants it beside every JWT.",
    shown: &[("clusters[2].oauth2", "pool-a1b2")],
};

const CLIENT_ID: Key = Key {
    name: "client_id",
    kind: Kind::Text,
    absent: Absent::Required,
    doc: "The client's id at the provider.",
    shown: &[("clusters[2].oauth2", "cluster-link-exporter")],
};

const OAUTH2: &[Key] = &[
    Key {
        name: "token_url",
        kind: Kind::Url,
        absent: Absent::Required,
        doc: "Where tokens come from.",
        shown: &[(
            "clusters[2].oauth2",
            "https://login.example.com/oauth2/token",
        )],
    },
    Key {
        name: "scopes",
        kind: Kind::Texts,
        absent: Absent::Default("[]"),
        doc: "What a token is to permit; sent as one text.",
        shown: &[("clusters[2].oauth2", "[api://confluent/.default]")],
    },
    Key {
        name: "endpoint_params",
        kind: Kind::Section(Keys::Own(&Kind::Secret)),
        absent: Absent::Optional,
        doc: "Further fields of the token request.",
        shown: &[(
            "clusters[2].oauth2",
            "{ audience: https://confluent.cloud }",
        )],
    },
    IDENTITY_POOL_ID,
];

const METADATA_SERVICE_URL: Key = Key {
    name: "url",
    kind: Kind::Url,
    absent: Absent::Required,
    doc: "Scheme, host and port of the Metadata Service.",
    shown: &[(
        "clusters[3].metadata_service",
        "https://kafka-0.example.com:8090",
    )],
};

/// How connections are made.
pub(super) const TRANSPORT: Group = Group {
    title: "TLS and proxy",
    keys: &[
        Key {
            name: "tls_config",
            kind: Kind::Section(Keys::Known(&[Group::own(TLS)])),
            absent: Absent::Optional,
            doc: "How the server is verified, and our own certificate. The files are read anew at every poll.",
            shown: &[
                ("clusters[3].metadata_service", "&tls"),
                ("clusters[3]", "*tls"),
            ],
        },
        Key {
            name: "proxy_url",
            kind: Kind::Url,
            absent: Absent::Optional,
            doc: "`http://`, `https://`, `socks5://` or `socks5h://`; a user and password in it are never shown. Without this \
                  key there is no proxy: `HTTPS_PROXY` and the like are heeded only with `proxy_from_environment: true` in its \
                  place, and never for this machine itself.",
            shown: &[("clusters[2]", "http://proxy.example.com:3128")],
        },
        Key {
            name: "no_proxy",
            kind: Kind::Text,
            absent: Absent::Optional,
            doc: "Hosts, domains and networks that are reached directly, separated by commas; goes with `proxy_url`.",
            shown: &[("clusters[2]", "10.0.0.0/8,.internal.example.com")],
        },
        Key {
            name: "proxy_from_environment",
            kind: Kind::Flag,
            absent: Absent::Default("false"),
            doc: "Takes the proxy from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, instead of `proxy_url`.",
            shown: &[("clusters[2].oauth2", "#false")],
        },
    ],
};

const TLS: &[Key] = &[
    Key {
        name: "ca_file",
        kind: Kind::File,
        absent: Absent::Otherwise("the system's CAs"),
        doc: "Who signs the server's certificate, instead of the system's CAs; or that certificate itself, self-signed or \
              not.",
        shown: &[(
            "clusters[3].metadata_service.tls_config",
            "/run/secrets/ca.pem",
        )],
    },
    Key {
        name: "cert_file",
        kind: Kind::File,
        absent: Absent::Optional,
        doc: "Our own certificate, for mutual TLS; goes with `key_file`.",
        shown: &[(
            "clusters[3].metadata_service.tls_config",
            "/run/secrets/client.pem",
        )],
    },
    Key {
        name: "key_file",
        kind: Kind::File,
        absent: Absent::Optional,
        doc: "Its private key; goes with `cert_file`.",
        shown: &[(
            "clusters[3].metadata_service.tls_config",
            "/run/secrets/client-key.pem",
        )],
    },
    Key {
        name: "server_name",
        kind: Kind::Text,
        absent: Absent::Otherwise("the host of the URL"),
        doc: "The name in the server's certificate where it is not the endpoint's host. The handshake still asks (SNI) for the \
              endpoint's host.",
        shown: &[(
            "clusters[3].metadata_service.tls_config",
            "kafka.example.com",
        )],
    },
    Key {
        name: "insecure_skip_verify",
        kind: Kind::Flag,
        absent: Absent::Default("false"),
        doc: "`true` takes any certificate, and is warned about.",
        shown: &[("clusters[3].metadata_service.tls_config", "#false")],
    },
    Key {
        name: "min_version",
        kind: Kind::Word(|| vec!["TLS12", "TLS13"]),
        absent: Absent::Default("TLS12"),
        doc: "The oldest version of TLS that is spoken: `TLS12` or `TLS13`.",
        shown: &[("clusters[3].metadata_service.tls_config", "#TLS12")],
    },
];
