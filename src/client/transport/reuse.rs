//! Which connections had been kept from before: those on which something was answered. One that then turns out to be dead
//! says nothing about a new one.

use std::{collections::HashSet, error::Error as _, iter, net::SocketAddr};

use hyper_util::client::legacy::{Error, connect::HttpInfo};
use parking_lot::Mutex;
use reqwest::Response;

/// The connections on which something was answered, by our end of each.
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
        let connection = our_end(error);
        connection.is_some_and(|address| self.0.lock().contains(&address))
    }

    /// Forgets all: none of them is used again.
    pub(super) fn clear(&self) {
        self.0.lock().clear();
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
    use std::time::Duration;

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use crate::client::{Transport, transport::Connections};

    /// Sends requests to a server that answers so many on each connection and closes it when it is sent another; of each
    /// that fails, whether a kept connection is to blame.
    async fn failures(answered: usize, requests: usize) -> Vec<Option<bool>> {
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
        let connections = Connections::new(&url, &transport, Duration::from_secs(5)).unwrap();
        let mut failures = Vec::new();
        for _ in 0..requests {
            let sent = connections.send(|http| http.get(url.clone())).await;
            failures.push(match sent {
                Ok(exchange) => {
                    assert!(exchange.read(0).await.is_ok());
                    None
                }
                Err(failure) => Some(failure.is_stale()),
            });
        }
        failures
    }

    #[tokio::test]
    async fn a_connection_that_answered_was_kept_and_a_new_one_was_not() {
        assert_eq!(failures(2, 4).await, [None, None, Some(true), None]);
        assert_eq!(failures(0, 2).await, [Some(false), Some(false)]);
    }
}
