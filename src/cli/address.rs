//! `--web.listen-address` and its like: host and port, checked before anything is bound or asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// What to write, in each form that there is.
const FORMS: &str = "`127.0.0.1:10191`, `[::1]:10191`, or `:10191` for every interface";

/// Takes host and port, or a port after a colon, which means every interface.
pub(super) fn address(text: &str) -> Result<String, String> {
    let found = match text.rsplit_once(':') {
        _ if text.trim().is_empty() => "nothing",
        // It would be taken for an address of IPv4, `18721` for 0.0.73.33.
        None if is_number(text) => {
            return Err(format!(
                "write `:{text}` for this port on every interface, or `127.0.0.1:{text}` on this machine alone"
            ));
        }
        _ if text.contains("//") => "a URL",
        _ if text.parse::<Ipv6Addr>().is_ok() => "an IPv6 address without brackets and a port",
        None => "a host without a port",
        Some((host, _)) if host.starts_with('[') && !host.ends_with(']') => "a host without a port",
        Some((host, _)) if host.contains(':') && !host.starts_with('[') => {
            "an IPv6 address without brackets"
        }
        Some((_, "")) => "no port after the colon",
        Some((_, port)) if !is_number(port) || port.parse::<u16>().is_err() => {
            "a port that is no number from 0 to 65535"
        }
        Some((host, _)) if !is_host(host, text) => "a host that is neither a name nor an address",
        Some(_) => return Ok(text.to_owned()),
    };
    Err(format!("found {found}; write {FORMS}"))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether something can be bound there, as far as that can be said without asking anybody.
fn is_host(host: &str, address: &str) -> bool {
    if host.starts_with('[') {
        return address.parse::<SocketAddrV6>().is_ok();
    }
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !host.is_empty() && host.split('.').all(is_digits) {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    host.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// Where a server that listens on `address` answers on this machine: `:10191` listens everywhere.
pub(super) fn loopback(address: &str) -> String {
    if let Some(port) = address.strip_prefix(':') {
        return format!("{}:{port}", Ipv4Addr::LOCALHOST);
    }
    match address.parse::<SocketAddr>() {
        Ok(everywhere) if everywhere.ip().is_unspecified() => {
            let local: IpAddr = if everywhere.is_ipv4() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                Ipv6Addr::LOCALHOST.into()
            };
            SocketAddr::new(local, everywhere.port()).to_string()
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_an_address_and_so_is_a_port_after_a_colon() {
        for good in [
            ":10191",
            ":0",
            "127.0.0.1:10191",
            "0.0.0.0:65535",
            "localhost:80",
            "exporter-1.prod_a.example.com:10191",
            "[::1]:10191",
            "[::]:10191",
            "[fe80::1%2]:10191",
            "[::ffff:10.0.0.1]:80",
        ] {
            assert_eq!(address(good).as_deref(), Ok(good));
        }
    }

    #[test]
    fn what_is_no_address_is_told_with_what_to_write() {
        let forms = "`127.0.0.1:10191`, `[::1]:10191`, or `:10191` for every interface";
        for (text, found) in [
            ("", "nothing"),
            (" ", "nothing"),
            ("\t\n", "nothing"),
            ("localhost", "a host without a port"),
            ("127.0.0.1", "a host without a port"),
            ("[::1]", "a host without a port"),
            ("[fe80::1%eth0]", "a host without a port"),
            ("*", "a host without a port"),
            ("::1", "an IPv6 address without brackets and a port"),
            ("::", "an IPv6 address without brackets and a port"),
            ("::1:80", "an IPv6 address without brackets and a port"),
            ("fe80::1%eth0:80", "an IPv6 address without brackets"),
            ("1:2:80", "an IPv6 address without brackets"),
            (":", "no port after the colon"),
            ("localhost:", "no port after the colon"),
            ("[::1]:", "no port after the colon"),
            ("host:99999", "a port that is no number from 0 to 65535"),
            (":65536", "a port that is no number from 0 to 65535"),
            ("host:http", "a port that is no number from 0 to 65535"),
            ("host:-1", "a port that is no number from 0 to 65535"),
            ("host:+80", "a port that is no number from 0 to 65535"),
            ("host: 80", "a port that is no number from 0 to 65535"),
            ("127.0.0.1:80/", "a port that is no number from 0 to 65535"),
            ("http://127.0.0.1:80", "a URL"),
            ("//127.0.0.1:80", "a URL"),
            ("*:80", "a host that is neither a name nor an address"),
            (" :80", "a host that is neither a name nor an address"),
            ("a b:80", "a host that is neither a name nor an address"),
            (
                "256.0.0.1:80",
                "a host that is neither a name nor an address",
            ),
            ("127.1:80", "a host that is neither a name nor an address"),
            ("18721:80", "a host that is neither a name nor an address"),
            (
                "[1::2::3]:80",
                "a host that is neither a name nor an address",
            ),
            (
                "[127.0.0.1]:80",
                "a host that is neither a name nor an address",
            ),
            (
                "h\u{f6}st:80",
                "a host that is neither a name nor an address",
            ),
        ] {
            let expected = format!("found {found}; write {forms}");
            assert_eq!(address(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_loopback() {
        for (listens, asked) in [
            (":10191", "127.0.0.1:10191"),
            ("0.0.0.0:1", "127.0.0.1:1"),
            ("[::]:2", "[::1]:2"),
            ("[0:0:0:0:0:0:0:0]:2", "[::1]:2"),
            ("127.0.0.1:3", "127.0.0.1:3"),
            ("[fd00::1]:4", "[fd00::1]:4"),
            ("host:5", "host:5"),
        ] {
            assert_eq!(loopback(listens), asked);
        }
    }
}
