//! A certificate authority for one test.

use std::{path::PathBuf, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{NoClientAuth, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tempfile::TempDir;

/// Signs certificates and keeps the files that name them.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { issuer, folder }
    }

    /// The file with its own certificate.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.write("ca.pem", &self.issuer.pem())
    }

    /// A certificate for a name, and its key, both in PEM.
    pub(crate) fn issue(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.into()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A server that shows the certificate of these parameters, signed by its own key, and the certificate's file.
    pub(crate) fn self_signed(&self, params: &CertificateParams) -> (ServerConfig, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let file = self.write("self-signed.pem", &certificate.pem());
        let config = config(certificate.der(), &key, Arc::new(NoClientAuth));
        (config, file)
    }

    /// A server that shows this certificate of its own.
    pub(crate) fn showing(certificate: &str, key: &str) -> ServerConfig {
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        let key = KeyPair::from_pem(key).unwrap();
        config(&certificate, &key, Arc::new(NoClientAuth))
    }

    /// A server of this name that lets everybody in.
    pub(crate) fn server(&self, name: &str) -> ServerConfig {
        self.config(name, Arc::new(NoClientAuth))
    }

    /// A server of this name that wants a certificate of `clients`.
    pub(crate) fn mutual(&self, name: &str, clients: &Self) -> ServerConfig {
        let mut roots = RootCertStore::empty();
        roots.add(clients.issuer.der().clone()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        self.config(name, verifier.build().unwrap())
    }

    fn config(&self, name: &str, clients: Arc<dyn ClientCertVerifier>) -> ServerConfig {
        let key_pair = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.into()]).unwrap();
        let certificate = params.signed_by(&key_pair, &self.issuer).unwrap();
        config(certificate.der(), &key_pair, clients)
    }
}

fn config(
    certificate: &CertificateDer<'static>,
    key: &KeyPair,
    clients: Arc<dyn ClientCertVerifier>,
) -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(
            vec![certificate.clone()],
            PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap(),
        )
        .unwrap()
}
