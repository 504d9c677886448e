//! Makes rustls' configuration of the file's.

use std::sync::Arc;

use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig, SignatureScheme,
    SupportedProtocolVersion,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::{
        NoClientAuth, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    version::{TLS12, TLS13},
};

use super::settings::{ClientAuth, Pem, Source, TlsSettings, Version};
use crate::{
    document::{NO_KEY, Reading},
    file,
    secret::{ExposeSecret, SecretString},
};

const SECTION: &str = "tls_server_config";

/// Reads the certificates and keys and puts them together; `None` where a problem was noted.
pub(super) fn server_config(
    settings: &TlsSettings,
    reading: &Reading<'_>,
) -> Option<Arc<ServerConfig>> {
    let certificates = settings.certificate.as_ref();
    let certificates =
        needed(certificates, "cert_file", reading).and_then(|pem| certificates_of(pem, reading));
    let key = settings.key.as_ref();
    let key = needed(key, "key_file", reading).and_then(|pem| key_of(pem, reading));
    let verifier = client_verifier(settings, reading);
    let (certificates, key, verifier) = (certificates?, key?, verifier?);

    let versions: Vec<&'static SupportedProtocolVersion> =
        [(Version::Tls12, &TLS12), (Version::Tls13, &TLS13)]
            .into_iter()
            .filter(|(version, _)| (settings.oldest..=settings.newest).contains(version))
            .map(|(_, version)| version)
            .collect();
    if versions.is_empty() {
        // Said where the versions were read.
        return None;
    }
    let built = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&versions)
        .expect("the provider has suites for both versions")
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates, key);
    match built {
        Ok(mut config) => {
            config.ignore_client_order = settings.server_preference;
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Some(Arc::new(config))
        }
        Err(error) => {
            let key = settings.key.as_ref().map_or("key_file", |pem| pem.key);
            report(
                reading,
                key,
                format!("a key that does not go with the certificate ({error})"),
                "write the certificate's own key",
            );
            None
        }
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn report(reading: &Reading<'_>, key: &str, found: impl Into<String>, instead: &str) {
    reading.report(&format!("{SECTION}.{key}"), found, instead);
}

fn needed<'a>(pem: Option<&'a Pem>, key: &str, reading: &Reading<'_>) -> Option<&'a Pem> {
    if pem.is_none() {
        let instead = "name the PEM file, or remove `tls_server_config` to serve plain HTTP";
        report(reading, key, NO_KEY, instead);
    }
    pem
}

fn read(pem: &Pem, reading: &Reading<'_>) -> Option<SecretString> {
    let path = match &pem.source {
        Source::Inline(text) => return Some(text.clone()),
        Source::File(path) => path,
    };
    file::read_text(path)
        .map(SecretString::from)
        .map_err(|error| {
            let found = format!("a file that cannot be read ({error})");
            let instead = "name a PEM file that this user may read";
            report(reading, pem.key, found, instead);
        })
        .ok()
}

fn certificates_of(pem: &Pem, reading: &Reading<'_>) -> Option<Vec<CertificateDer<'static>>> {
    let text = read(pem, reading)?;
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(text.expose_secret().as_bytes()).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Some(certificates),
        _ => {
            let instead = "write PEM that begins with `-----BEGIN CERTIFICATE-----`";
            report(reading, pem.key, "no certificate", instead);
            None
        }
    }
}

fn key_of(pem: &Pem, reading: &Reading<'_>) -> Option<PrivateKeyDer<'static>> {
    let text = read(pem, reading)?;
    let key = PrivateKeyDer::from_pem_slice(text.expose_secret().as_bytes()).ok();
    if key.is_none() {
        let instead =
            "write PEM that begins with `-----BEGIN PRIVATE KEY-----`, without a passphrase";
        report(reading, pem.key, "no private key", instead);
    }
    key
}

fn client_verifier(
    settings: &TlsSettings,
    reading: &Reading<'_>,
) -> Option<Arc<dyn ClientCertVerifier>> {
    let authority = settings.client_authority.as_ref();
    match (settings.client_auth, authority) {
        (ClientAuth::None, None) => Some(Arc::new(NoClientAuth)),
        (ClientAuth::None, Some(pem)) => {
            let found = "an authority for client certificates, and none are asked for";
            let instead = "add `client_auth_type: RequireAndVerifyClientCert`, or remove it";
            report(reading, pem.key, found, instead);
            None
        }
        (ClientAuth::Any { required }, _) => Some(Arc::new(AnyCertificate {
            required,
            provider: provider(),
        })),
        (ClientAuth::Verified { required }, pem) => {
            let pem = needed_authority(pem, reading)?;
            verified(pem, required, reading)
        }
    }
}

/// Go would fall back to the system's authorities, which sign everybody: no protection, so not offered.
fn needed_authority<'a>(pem: Option<&'a Pem>, reading: &Reading<'_>) -> Option<&'a Pem> {
    if pem.is_none() {
        let instead = "name the PEM file of the authority that signs your clients' certificates";
        report(reading, "client_ca_file", NO_KEY, instead);
    }
    pem
}

fn verified(
    pem: &Pem,
    required: bool,
    reading: &Reading<'_>,
) -> Option<Arc<dyn ClientCertVerifier>> {
    let mut roots = RootCertStore::empty();
    let (_, refused) = roots.add_parsable_certificates(certificates_of(pem, reading)?);
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    let builder = if required {
        builder
    } else {
        builder.allow_unauthenticated()
    };
    let verifier = builder.build().ok().filter(|_| refused == 0);
    if verifier.is_none() {
        let instead = "write the certificates of authorities only, each whole";
        report(
            reading,
            pem.key,
            "a certificate that cannot be used",
            instead,
        );
    }
    verifier
}

/// `RequestClientCert` and `RequireAnyClientCert`: whoever has a key is let in. The toolkit has them, for what a
/// handler reads out of the certificate; as protection they are worth nothing.
#[derive(Debug)]
struct AnyCertificate {
    required: bool,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        self.required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
