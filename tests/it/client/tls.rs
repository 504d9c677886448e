//! Whom we trust, and who we are.

use std::fs;

use cluster_link_exporter::{
    api::{Client, Settings},
    client::{Identity, Tls, TlsVersion, Transport},
};
use rcgen::{BasicConstraints, CertificateParams, IsCa};

use super::{
    basic,
    certificates::Authority,
    client, failure, list,
    server::{Server, empty_api},
    settings,
};

fn with(tls: Tls, api: &Server) -> Client {
    client(Settings {
        transport: Transport {
            tls,
            ..Transport::default()
        },
        ..settings(api, basic())
    })
}

fn trusting(authority: &Authority) -> Tls {
    Tls {
        ca_file: Some(authority.ca_file()),
        ..Tls::default()
    }
}

#[tokio::test]
async fn a_private_ca_is_trusted_where_it_is_named() {
    let authority = Authority::new();
    let api = Server::tls(authority.server("localhost"), empty_api).await;
    for min_version in [TlsVersion::Tls12, TlsVersion::Tls13] {
        let tls = Tls {
            min_version,
            ..trusting(&authority)
        };
        list(&with(tls, &api)).await.unwrap();
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_ca_is_refused_before_anything_is_sent() {
    let authority = Authority::new();
    let api = Server::tls(authority.server("localhost"), empty_api).await;
    let unknown = "tls: TLS failed: invalid peer certificate: UnknownIssuer; check the names \
                   and the issuer of the server's certificate, `tls_config` (`ca_file` for a private CA, `cert_file` \
                   for mutual TLS) and the clock";
    assert_eq!(failure(&with(Tls::default(), &api)).await, unknown);
    let other = Authority::new();
    let of_another = failure(&with(trusting(&other), &api)).await;
    assert!(of_another.starts_with("tls: "), "{of_another}");
    assert!(api.seen().is_empty());
}

#[tokio::test]
async fn the_certificate_must_bear_the_hosts_name_or_the_given_one() {
    let authority = Authority::new();
    let api = Server::tls(authority.server("kafka.example.com"), empty_api).await;
    let named = |name: &str| Tls {
        server_name: Some(name.to_owned().try_into().unwrap()),
        ..trusting(&authority)
    };
    let of_the_host = failure(&with(trusting(&authority), &api)).await;
    assert!(of_the_host.starts_with("tls: "), "{of_the_host}");
    let of_another = failure(&with(named("other.example.com"), &api)).await;
    assert!(of_another.starts_with("tls: "), "{of_another}");
    list(&with(named("kafka.example.com"), &api)).await.unwrap();
}

/// As `openssl req -x509` makes one: of a CA, though it is a server's.
fn as_openssl_makes_it(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.into()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

#[tokio::test]
async fn a_servers_own_certificate_is_trusted_where_it_is_named_and_is_still_looked_at() {
    let folder = Authority::new();
    let mut of_no_ca = as_openssl_makes_it("localhost");
    of_no_ca.is_ca = IsCa::NoCa;
    let mut old = as_openssl_makes_it("localhost");
    old.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let mut early = as_openssl_makes_it("localhost");
    early.not_before = rcgen::date_time_ymd(2099, 1, 1);
    for (params, expected) in [
        (as_openssl_makes_it("localhost"), None),
        (of_no_ca, None),
        (
            as_openssl_makes_it("other.example.com"),
            Some("not valid for name"),
        ),
        (old, Some("expired")),
        (early, Some("not valid yet")),
    ] {
        let (config, ca_file) = folder.self_signed(&params);
        let api = Server::tls(config, empty_api).await;
        let pinning = Tls {
            ca_file: Some(ca_file),
            ..Tls::default()
        };
        let outcome = list(&with(pinning.clone(), &api)).await;
        let told = outcome.map_err(|error| error.to_string());
        match expected {
            None => assert!(told.is_ok(), "{told:?}"),
            Some(part) => assert!(
                told.as_ref().is_err_and(|told| told.contains(part)),
                "{told:?}"
            ),
        }

        // Another one of the same name and make is not that one.
        let (config, _) = Authority::new().self_signed(&as_openssl_makes_it("localhost"));
        let imposter = Server::tls(config, empty_api).await;
        let told = failure(&with(pinning, &imposter)).await;
        assert!(told.starts_with("tls: "), "{told}");
        assert!(imposter.seen().is_empty());
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_ca_may_be_named_itself() {
    let unknown = Authority::new();
    let (cert, key) = unknown.issue("localhost");
    let api = Server::tls(Authority::showing(&cert, &key), empty_api).await;
    let pinning = Tls {
        ca_file: Some(unknown.write("server.pem", &cert)),
        ..Tls::default()
    };
    list(&with(pinning, &api)).await.unwrap();
}

#[tokio::test]
async fn any_certificate_will_do_where_it_is_so_written() {
    let api = Server::tls(Authority::new().server("other.example.com"), empty_api).await;
    let tls = Tls {
        insecure_skip_verify: true,
        ..Tls::default()
    };
    list(&with(tls, &api)).await.unwrap();
}

#[tokio::test]
async fn a_client_certificate_is_shown_and_a_new_one_as_soon_as_it_is_on_disk() {
    let (servers, clients) = (Authority::new(), Authority::new());
    let api = Server::tls(servers.mutual("localhost", &clients), empty_api).await;
    let without = failure(&with(trusting(&servers), &api)).await;
    assert!(without.contains("CertificateRequired"), "{without}");

    let (cert, key) = Authority::new().issue("client");
    let identity = Identity {
        cert_file: clients.write("client.pem", &cert),
        key_file: clients.write("client-key.pem", &key),
    };
    let client = with(
        Tls {
            identity: Some(identity.clone()),
            ..trusting(&servers)
        },
        &api,
    );
    let of_another_ca = failure(&client).await;
    assert!(of_another_ca.starts_with("tls: "), "{of_another_ca}");

    let (cert, key) = clients.issue("client");
    fs::write(&identity.cert_file, cert).unwrap();
    let half = failure(&client).await;
    assert!(
        half.starts_with("tls: `tls_config.key_file`: `")
            && half.ends_with(
                "` does not hold the private key of `cert_file`; mend the file, or name another"
            ),
        "{half}"
    );
    fs::write(&identity.key_file, key).unwrap();
    list(&client).await.unwrap();
    assert_eq!(api.seen().len(), 1);
}
