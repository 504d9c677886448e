//! A file of any bytes as the web configuration: it is read, or refused with lines that each name the file.

use std::fs;

use cluster_link_exporter::http::WebConfig;

use crate::http::certificates::Authority;

/// Where it stands in a file as a value, no message may repeat it.
const SECRET: &str = "s3cret";

const TEXTS: &[&str] = &[
    "",
    "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  client_ca_file: ca.pem\n  \
     client_auth_type: RequireAndVerifyClientCert\n  min_version: TLS12\n  max_version: TLS13\n",
    "http_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: deny\n    \
     Strict-Transport-Security: max-age=3600\n    Content-Security-Policy: default-src 'self'\n",
    "basic_auth_users:\n  alice: HASH\n  'bob': 'HASH'\n  \"carol\": s3cret\n",
    "rate_limit: { interval: 1s, burst: 5 }\nbasic_auth_users: { alice: 'HASH', dave: [s3cret] }\n",
];

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let hash = bcrypt::hash("password", 4).unwrap();
    let texts = TEXTS.iter().map(|text| text.replace("HASH", &hash));
    texts.map(String::into_bytes).collect()
}

pub(super) fn check(bytes: &[u8]) {
    thread_local! {
        static AUTHORITY: Authority = Authority::new();
    }
    AUTHORITY.with(|authority| {
        let path = authority.path().join("web.yml");
        fs::write(&path, bytes).unwrap();
        match WebConfig::load(&path) {
            Ok(config) => assert!(["http", "https"].contains(&config.scheme())),
            Err(problems) => {
                let told = problems.to_string();
                let start = format!("{}:", path.display());
                let is_whole = |line: &str| {
                    line.starts_with(&start) && line.contains("found ") && line.contains("; ")
                };
                assert!(told.split('\n').all(is_whole), "{told:?}");
                let line = told.replace('\n', "");
                assert!(!line.contains(char::is_control), "{told:?}");
                // Damage may make a key of it, which may be told.
                let is_key = told.contains(&format!("{SECRET}`:"));
                assert!(is_key || !told.contains(SECRET), "{told:?}");
            }
        }
    });
}
