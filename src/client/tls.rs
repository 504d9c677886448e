//! Whom we trust and who we are in a TLS handshake: `tls_config` as rustls wants it.

mod verify;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use rustls::{
    ClientConfig, RootCertStore,
    client::{Resumption, WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};
use url::{Host, Url};

use super::{Tls, TlsVersion};
use crate::file::{self, FileError};
use verify::{Anyone, Verifier};

/// TLS sessions to go on with: eight of the server, and as many of a proxy on the way. The library has room for thirty-two
/// servers in each of what may be hundreds of clients.
const SESSIONS: usize = 16;

/// A file of `tls_config` that cannot be used. What it holds is never told.
#[derive(Debug, thiserror::Error)]
#[error("`tls_config.{key}`: `{}` {problem}", path.display())]
pub struct TlsFileError {
    /// Which key names the file.
    pub key: &'static str,
    /// What is wrong with it.
    pub problem: TlsFileProblem,
    path: PathBuf,
}

/// What is wrong with a file; completes "a file that …".
#[derive(Debug, thiserror::Error)]
pub enum TlsFileProblem {
    /// There is nothing to be had of it.
    #[error("cannot be read ({0})")]
    Unreadable(FileError),
    /// No certificate, or one that is damaged.
    #[error("does not hold certificates in PEM")]
    Certificate,
    /// No private key, or one that is damaged.
    #[error("does not hold a private key in PEM")]
    Key,
    /// The two files do not belong together.
    #[error("does not hold the private key of `cert_file`")]
    OtherKey,
}

/// What the files held when they were read. Compared to see whether they changed; never printed.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Material {
    ca: Option<Vec<u8>>,
    identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Tls {
    /// Tries the files and keeps nothing of them. May block for as long as they may take.
    pub fn check(&self) -> Result<(), TlsFileError> {
        client_config(self, &Material::read(self)?, None).map(drop)
    }
}

impl Tls {
    /// Whether there is any file to read.
    pub(super) fn has_files(&self) -> bool {
        self.files().next().is_some()
    }

    /// The files to read: certificates and the key.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        let identity = self.identity.iter();
        let identity = identity.flat_map(|identity| [&identity.cert_file, &identity.key_file]);
        self.ca_file.iter().chain(identity).map(PathBuf::as_path)
    }
}

impl Material {
    /// Reads the files. May block for as long as they may take.
    pub(super) fn read(tls: &Tls) -> Result<Self, TlsFileError> {
        let ca = tls.ca_file.as_deref();
        let identity = tls.identity.as_ref().map(|identity| {
            let cert = read("cert_file", &identity.cert_file)?;
            Ok((cert, read("key_file", &identity.key_file)?))
        });
        Ok(Self {
            ca: ca.map(|path| read("ca_file", path)).transpose()?,
            identity: identity.transpose()?,
        })
    }
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, TlsFileError> {
    file::read(path).map_err(|error| wrong(key, path, TlsFileProblem::Unreadable(error)))
}

fn wrong(key: &'static str, path: &Path, problem: TlsFileProblem) -> TlsFileError {
    TlsFileError {
        key,
        problem,
        path: path.to_path_buf(),
    }
}

/// The set-up of connections to `target`. Its name alone is replaced by `server_name`: a proxy on the way keeps its own.
pub(super) fn client_config(
    tls: &Tls,
    material: &Material,
    target: Option<&Url>,
) -> Result<ClientConfig, TlsFileError> {
    // Named, not the process's default: whoever installs another provider must not change how we sign in.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let (roots, pinned) = match (&tls.ca_file, &material.ca) {
        (Some(path), Some(pem)) => private_roots(path, pem)?,
        _ => (system_roots(), Vec::new()),
    };
    let verifier: Arc<dyn ServerCertVerifier> = if tls.insecure_skip_verify {
        Arc::new(Anyone(provider.signature_verification_algorithms))
    } else {
        Arc::new(Verifier {
            chains: WebPkiServerVerifier::builder_with_provider(roots, provider.clone())
                .build()
                .expect("there is at least one CA certificate and no revocation list"),
            pinned,
            renamed: target.and_then(server_name).zip(tls.server_name.clone()),
        })
    };
    let versions = match tls.min_version {
        TlsVersion::Tls12 => &[&TLS13, &TLS12][..],
        TlsVersion::Tls13 => &[&TLS13][..],
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("the provider speaks both versions")
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match (&tls.identity, &material.identity) {
        (Some(files), Some((cert, key))) => {
            let cert = certificates(cert)
                .ok_or_else(|| wrong("cert_file", &files.cert_file, TlsFileProblem::Certificate))?;
            let key = PrivateKeyDer::from_pem_slice(key)
                .map_err(|_| wrong("key_file", &files.key_file, TlsFileProblem::Key))?;
            builder
                .with_client_auth_cert(cert, key)
                .map_err(|_| wrong("key_file", &files.key_file, TlsFileProblem::OtherKey))?
        }
        _ => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.resumption = Resumption::in_memory_sessions(SESSIONS);
    Ok(config)
}

fn server_name(url: &Url) -> Option<ServerName<'static>> {
    match url.host()? {
        Host::Domain(name) => ServerName::try_from(name.to_owned()).ok(),
        Host::Ipv4(address) => Some(ServerName::IpAddress(address.into())),
        Host::Ipv6(address) => Some(ServerName::IpAddress(address.into())),
    }
}

/// The certificates of `ca_file`, as those that sign others and as those that a server itself may show.
fn private_roots(
    path: &Path,
    pem: &[u8],
) -> Result<(Arc<RootCertStore>, Vec<CertificateDer<'static>>), TlsFileError> {
    let mut roots = RootCertStore::empty();
    let refused = || wrong("ca_file", path, TlsFileProblem::Certificate);
    let pinned = certificates(pem).ok_or_else(refused)?;
    for certificate in &pinned {
        roots.add(certificate.clone()).map_err(|_| refused())?;
    }
    Ok((Arc::new(roots), pinned))
}

/// At least one certificate.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    all.ok().filter(|certificates| !certificates.is_empty())
}

/// The system's CA certificates, read once: it takes a while, and there may be many clusters.
fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let read = || {
        Arc::new(roots_or_built_in(
            rustls_native_certs::load_native_certs().certs,
        ))
    };
    ROOTS.get_or_init(read).clone()
}

/// These CA certificates, or Mozilla's where there are none: an image `FROM scratch` brings no others.
fn roots_or_built_in(system: Vec<CertificateDer<'static>>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(system);
    if roots.is_empty() {
        tracing::info!("the system has no CA certificates: those built in, Mozilla's, are trusted");
        roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_system_store_mozillas_certificates_are_trusted() {
        assert!(roots_or_built_in(Vec::new()).len() > 50);
        assert!(roots_or_built_in(vec![CertificateDer::from_slice(b"damaged")]).len() > 50);
        let one = webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].clone();
        assert_eq!(roots_or_built_in(vec![one]).len(), 1);
    }
}
