//! The simulator behind a door that can be opened with TLS, without, or not at all, always at the same address.

use std::{net::SocketAddr, sync::Arc};

use cluster_link_exporter::simulator::{self, Simulator};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, pem::PemObject},
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::{AbortHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// How the server can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// By HTTP.
    Plain,
    /// By HTTPS.
    Tls,
    /// Connections are refused.
    Shut,
}

/// Ends with the value.
pub(crate) struct Server {
    pub(crate) simulator: Simulator,
    pub(crate) address: SocketAddr,
    /// Keeps the address while nobody listens there.
    shut: Option<TcpSocket>,
    serving: JoinSet<()>,
}

impl Server {
    pub(crate) async fn open(simulator: Simulator, door: Door) -> Self {
        let mut server = Self {
            simulator,
            address: "127.0.0.1:0".parse().unwrap(),
            shut: None,
            serving: JoinSet::new(),
        };
        server.turn(door).await;
        server
    }

    /// Drops every connection and opens another door.
    pub(crate) async fn turn(&mut self, door: Door) {
        self.serving.shutdown().await;
        self.shut = None;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(self.address).unwrap();
        self.address = socket.local_addr().unwrap();
        let plain =
            |listener| simulator::serve(listener, self.simulator.clone(), CancellationToken::new());
        match door {
            Door::Shut => self.shut = Some(socket),
            Door::Plain => {
                self.serving.spawn(plain(socket.listen(64).unwrap()));
            }
            Door::Tls => {
                let inside = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let address = inside.local_addr().unwrap();
                self.serving.spawn(plain(inside));
                let outside = socket.listen(64).unwrap();
                self.serving.spawn(decrypt(outside, address));
            }
        }
    }
}

/// Carries what comes by TLS to a server that speaks plainly.
async fn decrypt(outside: TcpListener, inside: SocketAddr) {
    let acceptor = TlsAcceptor::from(Arc::new(any_certificate()));
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = outside.accept().await {
        let acceptor = acceptor.clone();
        let _: AbortHandle = connections.spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut plain = TcpStream::connect(inside).await.unwrap();
            // How a connection ends is the business of its two ends.
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut plain).await;
        });
    }
}

/// TLS by a certificate that nobody issued.
pub(crate) fn any_certificate() -> ServerConfig {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["127.0.0.1".into()]).unwrap();
    let key = PrivateKeyDer::from_pem_slice(signing_key.serialize_pem().as_bytes()).unwrap();
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap()
}
