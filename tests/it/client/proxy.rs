//! Proxies: the ones that are written, and no others.

use std::{
    fs,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use assert_cmd::Command;
use cluster_link_exporter::{
    api::{Client, Settings},
    client::{Credential, Message, OAuth2, Proxy, ProxyUrl, Sender, Tls, Transport},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use super::{
    NOW, basic,
    certificates::Authority,
    client, failure, list,
    server::{Server, empty_api},
    settings,
    token::oauth2,
};

/// What a proxy was asked for.
type Asked = Arc<Mutex<Vec<String>>>;

async fn listen<F>(serve: impl Fn(TcpStream, Asked) -> F + Send + 'static) -> (SocketAddr, Asked)
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Asked::default();
    let shared = asked.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, shared.clone()));
        }
    });
    (address, asked)
}

/// A proxy that tunnels (`CONNECT`), to this machine whatever the name.
async fn http(mut client: TcpStream, asked: Asked) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let port = head.split([':', ' ']).nth(2).unwrap().parse().unwrap();
    asked.lock().unwrap().push(head);
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

/// A SOCKS5 proxy (RFC 1928, RFC 1929) that takes names and any user, to this machine whatever the name.
async fn socks5(mut client: TcpStream, asked: Asked) -> std::io::Result<()> {
    let mut methods = [0; 2];
    client.read_exact(&mut methods).await?;
    client.read_exact(&mut vec![0; methods[1].into()]).await?;
    client.write_all(&[5, 2]).await?;
    client.read_u8().await?;
    let user = text(&mut client).await?;
    let password = text(&mut client).await?;
    client.write_all(&[1, 0]).await?;
    let mut request = [0; 4];
    client.read_exact(&mut request).await?;
    assert_eq!(request, [5, 1, 0, 3], "a connection to a name");
    let host = text(&mut client).await?;
    let port = client.read_u16().await?;
    asked
        .lock()
        .unwrap()
        .push(format!("{user}:{password} {host}"));
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

async fn text(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut text = vec![0; stream.read_u8().await?.into()];
    stream.read_exact(&mut text).await?;
    Ok(String::from_utf8(text).unwrap())
}

/// An API that is behind TLS, and a client that goes there through the proxy.
async fn through(url: String, no_proxy: Option<&str>) -> (Server, Client, Authority) {
    let authority = Authority::new();
    let api = Server::tls(authority.server("localhost"), empty_api).await;
    let client = client(Settings {
        transport: Transport {
            tls: Tls {
                ca_file: Some(authority.ca_file()),
                ..Tls::default()
            },
            proxy: Proxy::Url {
                url: ProxyUrl(url.parse().unwrap()),
                no_proxy: no_proxy.map(str::to_owned),
            },
        },
        ..settings(&api, basic())
    });
    (api, client, authority)
}

#[tokio::test]
async fn an_http_proxy_tunnels_and_sees_no_credential_but_its_own() {
    let (proxy, asked) = listen(http).await;
    let (api, client, _files) = through(format!("http://user:canary@{proxy}"), None).await;
    list(&client).await.unwrap();
    assert_eq!(api.headers("authorization"), ["Basic a2V5OmNhbmFyeQ=="]);
    assert_eq!(api.headers("proxy-authorization"), [""]);
    let asked = asked.lock().unwrap().concat();
    assert!(
        asked.contains("connect localhost:") && asked.contains("\r\nproxy-authorization: basic "),
        "{asked}"
    );
    assert!(!asked.contains("\r\nauthorization"), "{asked}");
}

#[tokio::test]
async fn a_socks5_proxy_resolves_the_name() {
    let (proxy, asked) = listen(socks5).await;
    let (_api, client, _files) = through(format!("socks5h://user:canary@{proxy}"), None).await;
    list(&client).await.unwrap();
    assert_eq!(*asked.lock().unwrap(), ["user:canary localhost"]);
}

#[tokio::test]
async fn hosts_of_no_proxy_are_reached_directly() {
    let (proxy, asked) = listen(http).await;
    let no_proxy = Some("10.0.0.0/8,localhost");
    let (_api, client, _files) = through(format!("http://{proxy}"), no_proxy).await;
    list(&client).await.unwrap();
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_proxy_that_cannot_be_reached_is_a_failed_connection() {
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = proxy.local_addr().unwrap();
    drop(proxy);
    let (_api, client, _files) = through(format!("http://user:canary@{address}"), None).await;
    let failure = failure(&client).await;
    let named = format!("connect: no connection through the proxy `{address}`: ");
    assert!(
        failure.starts_with(&named) && failure.contains("`proxy_url`"),
        "{failure}"
    );
}

/// Runs `tasks` against this endpoint, with the environment's proxies at this URL; brings what it wrote.
fn tasks(authority: &Authority, endpoint: &str, line: &str, proxy: &str) -> String {
    let yaml = format!(
        "clusters:\n  - name: lab\n    cluster_id: lkc-1\n    endpoint: {endpoint}\n    \
         tls_config: {{ ca_file: ca.pem }}\n    {line}\n"
    );
    let file = authority.write("config.yaml", &yaml);
    let output = Command::new(env!("CARGO_BIN_EXE_cluster-link-exporter"))
        .arg("tasks")
        .arg("--config.file")
        .arg(&file)
        .env_clear()
        .env("HTTPS_PROXY", proxy)
        .env("HTTP_PROXY", proxy)
        .output()
        .unwrap();
    fs::remove_file(file).unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environments_proxy_is_heeded_only_where_it_is_asked_for_and_never_to_this_machine() {
    let (proxy, asked) = listen(http).await;
    let authority = Authority::new();
    authority.ca_file();
    for (name, line, is_asked) in [
        ("kafka.example.com", "", false),
        ("kafka.example.com", FROM_ENVIRONMENT, true),
        ("localhost", FROM_ENVIRONMENT, false),
    ] {
        let api = Server::tls(authority.server(name), empty_api).await;
        let port = api.url().port().unwrap();
        let endpoint = format!("https://{name}:{port}");
        let written = tasks(&authority, &endpoint, line, &format!("http://{proxy}"));
        let asked = std::mem::take(&mut *asked.lock().unwrap());
        assert_eq!(!asked.is_empty(), is_asked, "{name} {line} {written}");
        let is_reached = !api.seen().is_empty();
        assert_eq!(is_reached, is_asked || name == "localhost", "{name} {line}");
    }
}

const FROM_ENVIRONMENT: &str = "proxy_from_environment: true";

/// A SOCKS5 proxy that takes nobody's password.
async fn socks5_refusing(mut client: TcpStream, _: Asked) -> std::io::Result<()> {
    let mut methods = [0; 2];
    client.read_exact(&mut methods).await?;
    client.read_exact(&mut vec![0; methods[1].into()]).await?;
    client.write_all(&[5, 2]).await?;
    client.read_u8().await?;
    text(&mut client).await?;
    text(&mut client).await?;
    client.write_all(&[1, 1]).await
}

/// A SOCKS5 proxy that lets nobody through without a password.
async fn socks5_closed(mut client: TcpStream, _: Asked) -> std::io::Result<()> {
    let mut methods = [0; 2];
    client.read_exact(&mut methods).await?;
    client.read_exact(&mut vec![0; methods[1].into()]).await?;
    client.write_all(&[5, 0xff]).await
}

#[tokio::test]
async fn a_proxy_that_refuses_us_is_told_apart_from_the_cluster_and_its_key() {
    let (http, _) = listen(refusing).await;
    let (socks, _) = listen(socks5_refusing).await;
    let (closed, _) = listen(socks5_closed).await;
    for (url, cause) in [
        (
            format!("http://{http}"),
            "tunnel error: proxy authorization required",
        ),
        (
            format!("http://user:canary@{http}"),
            "tunnel error: proxy authorization required",
        ),
        (
            format!("socks5h://user:canary@{socks}"),
            "error connecting to socks proxy: SOCKS error: credentials not accepted",
        ),
        (
            format!("socks5h://{closed}"),
            "error connecting to socks proxy: SOCKS error: server does not support user/pass authentication",
        ),
    ] {
        let proxy: url::Url = url.parse().unwrap();
        let through_it = format!(
            "no connection through the proxy `{}:{}`: ",
            proxy.host_str().unwrap(),
            proxy.port().unwrap()
        );
        let told = format!(
            "{through_it}{cause}; the proxy wants a user and password: write them into `proxy_url`"
        );
        let (api, client, authority) = through(url.clone(), None).await;
        assert_eq!(failure(&client).await, format!("connect: {told}"));

        let transport = Transport {
            tls: Tls {
                ca_file: Some(authority.ca_file()),
                ..Tls::default()
            },
            proxy: Proxy::Url {
                url: ProxyUrl(proxy),
                no_proxy: None,
            },
        };
        let credential = Credential::OAuth2(OAuth2 {
            transport: transport.clone(),
            ..oauth2(&api)
        });
        let plain = Server::api().await;
        let token = self::client(settings(&plain, credential));
        let from = "connect: no token from the token endpoint (`oauth2.token_url`)";
        assert_eq!(
            failure(&token).await,
            format!("{from}: {told} of this section")
        );

        let sender = Sender::new(&Credential::None, &transport, Duration::from_secs(5)).unwrap();
        let message = Message {
            url: api.url(),
            body: b"{}".to_vec(),
            secrets: Vec::new(),
        };
        let error = sender.post(message, NOW).await.unwrap_err();
        assert_eq!(error.to_string(), told);
    }
}

/// A proxy that lets nobody through and says back what it was told.
async fn refusing(mut client: TcpStream, asked: Asked) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    asked.lock().unwrap().push(head.to_lowercase());
    let length = head.len();
    let answer = "HTTP/1.1 407 Proxy Authentication Required";
    let answer = format!("{answer}\r\nContent-Length: {length}\r\n\r\n{head}");
    client.write_all(answer.as_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_says_its_password_back_is_not_quoted_whoever_asks() {
    let (proxy, asked) = listen(refusing).await;
    let url = format!("http://user:canary@{proxy}");
    let transport = Transport {
        proxy: Proxy::Url {
            url: ProxyUrl(url.parse().unwrap()),
            no_proxy: None,
        },
        ..Transport::default()
    };
    let api = Server::api().await;
    let settings = Settings {
        transport: transport.clone(),
        ..settings(&api, Credential::None)
    };
    let of_a_poll = failure(&client(settings)).await;

    let sender = Sender::new(&Credential::None, &transport, Duration::from_secs(5)).unwrap();
    let message = Message {
        url: "http://hooks.example.com/alerts".parse().unwrap(),
        body: b"{}".to_vec(),
        secrets: Vec::new(),
    };
    let of_a_sender = sender.post(message, NOW).await.unwrap().to_string();

    let authority = Authority::new();
    authority.ca_file();
    let endpoint = "http://kafka.example.com";
    let of_the_environment = tasks(&authority, endpoint, FROM_ENVIRONMENT, &url);
    assert_eq!(asked.lock().unwrap().len(), 3);
    for told in [of_a_poll, of_a_sender, of_the_environment] {
        let is_withheld = told.contains("HTTP 407: `(not quoted: ");
        let is_told = told.contains("canary") || told.contains("dXNlcjpjYW5hcnk");
        assert!(is_withheld && !is_told, "{told}");
    }
}
