//! Which connections had been kept from before: those on which something was answered. One that then turns out to be dead
//! says nothing about a new one.

use std::{collections::HashSet, error::Error as _, iter, net::SocketAddr};

use hyper_util::client::legacy::{Error, connect::HttpInfo};
use parking_lot::Mutex;
use reqwest::Response;

/// The connections of one client on which something was answered, by our end of each: as many as this machine has ports, at
/// most, where a server closes each after its answer.
#[derive(Default)]
pub(super) struct Answered(Mutex<HashSet<SocketAddr>>);

impl Answered {
    /// Notes the connection on which it came.
    pub(super) fn note(&self, response: &Response) {
        if let Some(connection) = response.extensions().get::<HttpInfo>() {
            self.0.lock().insert(connection.local_addr());
        }
    }

    /// Whether the error came about on one of them.
    pub(super) fn holds_that_of(&self, error: &reqwest::Error) -> bool {
        our_end(error).is_some_and(|address| self.0.lock().contains(&address))
    }
}

/// Our end of the connection on which the error came about, where there was one.
fn our_end(error: &reqwest::Error) -> Option<SocketAddr> {
    let mut causes = iter::successors(error.source(), |&cause| cause.source());
    let error = causes.find_map(|cause| cause.downcast_ref::<Error>())?;
    let mut extras = http::Extensions::new();
    error.connect_info()?.get_extras(&mut extras);
    Some(extras.get::<HttpInfo>()?.local_addr())
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, time::Duration};

    use futures_util::poll;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };
    use url::Url;

    use crate::client::{Transport, transport::Connections};

    /// Connections to a server that answers so many requests on each and closes it when it is sent another.
    async fn connections(answered: usize) -> (Connections, Url) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    for _ in 0..answered {
                        if stream.read(&mut request).await.unwrap() == 0 {
                            return;
                        }
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        stream.write_all(answer).await.unwrap();
                    }
                    let _ = stream.read(&mut request).await;
                });
            }
        });
        let url = url.parse().unwrap();
        let transport = Transport::default();
        let timeout = Duration::from_secs(5);
        (Connections::new(&url, &transport, timeout).unwrap(), url)
    }

    /// Sends a request; if it fails, whether a kept connection is to blame.
    async fn failure(connections: &Connections, url: &Url) -> Option<bool> {
        match connections.send(|http| http.get(url.clone())).await {
            Ok(exchange) => {
                assert!(exchange.read(0).await.is_ok());
                None
            }
            Err(failure) => Some(failure.is_stale()),
        }
    }

    #[tokio::test]
    async fn a_connection_that_answered_was_kept_and_a_new_one_was_not() {
        for (answered, expected) in [(2, [None, None, Some(true), None]), (0, [Some(false); 4])] {
            let (connections, url) = connections(answered).await;
            for expected in expected {
                assert_eq!(failure(&connections, &url).await, expected);
            }
        }
    }

    #[tokio::test]
    async fn a_kept_connection_is_one_also_when_others_were_given_up_meanwhile() {
        let (connections, url) = connections(1).await;
        assert_eq!(failure(&connections, &url).await, None);
        let mut second = pin!(failure(&connections, &url));
        assert!(poll!(&mut second).is_pending());
        connections.give_up(0);
        assert_eq!(failure(&connections, &url).await, None, "by another client");
        assert_eq!(second.await, Some(true));
    }
}
