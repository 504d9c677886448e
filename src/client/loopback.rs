//! Which URLs lead to this very machine.

use std::net::Ipv4Addr;

use url::{Host, Url};

/// Whether it leads to this very machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => {
            let name = name.to_ascii_lowercase();
            // RFC 6761, 6.3.
            let is_reserved = name == "localhost" || name.ends_with(".localhost");
            // In the URL of a scheme that has no rules of its own, such as `socks5`, an address is taken for a name.
            let address = name.parse::<Ipv4Addr>();
            is_reserved || address.is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_very_machine_is_loopback() {
        let loopback = |text: &str| is_loopback(&text.parse().unwrap());
        for here in [
            "http://localhost",
            "http://a.localhost",
            "http://127.0.0.1",
            "https://127.8.8.8:8090",
            "http://[::1]",
            "http://[::ffff:127.0.0.1]",
            "socks5://127.0.0.1:1080",
            "socks5h://LocalHost:1080",
            "socks5://[::1]",
        ] {
            assert!(loopback(here), "{here}");
        }
        for elsewhere in [
            "http://localhost.example.com",
            "http://10.0.0.1",
            "http://[fe80::1]",
            "socks5://10.0.0.1",
            "socks5://127.0.0.1.example.com",
        ] {
            assert!(!loopback(elsewhere), "{elsewhere}");
        }
    }
}
