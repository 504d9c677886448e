//! Certificates made for one test, and clients that use them.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use cluster_link_exporter::http::WebConfig;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// An authority and what it signs: a folder with `ca.pem`, `server.pem` and `server.key`.
pub(crate) struct Authority {
    pub(crate) folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A client's certificate and its key, as PEM.
pub(crate) type Identity = (String, String);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        let authority = Self { folder, issuer };
        authority.renew_server();
        authority
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Signs a certificate of localhost.
    pub(crate) fn identity(&self) -> Identity {
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// Gives the server another certificate.
    pub(crate) fn renew_server(&self) {
        let (certificate, key) = self.identity();
        fs::write(self.path().join("server.pem"), certificate).unwrap();
        fs::write(self.path().join("server.key"), key).unwrap();
    }

    /// The server's certificate as it is in its file.
    pub(crate) fn server_certificate(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.path().join("server.pem")).unwrap()
    }

    /// Writes `web.yml` into the folder.
    pub(crate) fn write(&self, text: &str) {
        fs::write(self.path().join("web.yml"), text).unwrap();
    }

    /// Loads `web.yml` with this text.
    pub(crate) fn load(&self, text: &str) -> WebConfig {
        self.write(text);
        WebConfig::load(&self.path().join("web.yml")).unwrap()
    }

    /// Connects as a client that trusts this authority.
    pub(crate) async fn connect(
        &self,
        address: SocketAddr,
        identity: Option<&Identity>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                builder
                    .with_client_auth_cert(vec![certificate], key)
                    .unwrap()
            }
        };
        let stream = TcpStream::connect(address).await?;
        let name = "localhost".try_into().unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    }
}
