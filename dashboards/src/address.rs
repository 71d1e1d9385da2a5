//! Where a request comes from: the other end of the connection, or whom a proxy that we trust speaks for.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::net::IpAddr;

/// Each proxy on the way adds the address that it was asked from at the end of this list.
const FORWARDED: &str = "x-forwarded-for";

/// The address behind the trusted proxies. What a stranger writes into the header counts for nothing.
pub(crate) fn of_request(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let trusted = |address: &IpAddr| proxies.iter().any(|proxy| proxy.contains(address));
    let peer = peer.to_canonical();
    if !trusted(&peer) {
        return peer;
    }
    let lines = headers.get_all(FORWARDED).iter().filter_map(|line| line.to_str().ok());
    let named: Vec<_> =
        lines.flat_map(|line| line.split(',')).map(|part| part.trim().parse::<IpAddr>()).collect();
    let mut behind = peer;
    for named in named.into_iter().rev() {
        let Ok(named) = named else { break };
        behind = named.to_canonical();
        if !trusted(&behind) {
            break;
        }
    }
    behind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_speak_for_others() {
        let proxies = ["10.0.0.0/8".parse().expect("a network")];
        let of = |peer: &str, forwarded: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in forwarded {
                headers.append(FORWARDED, line.parse().expect("a value"));
            }
            of_request(peer.parse().expect("an address"), &headers, &proxies).to_string()
        };
        assert_eq!(of("203.0.113.9", &["198.51.100.4"]), "203.0.113.9", "a stranger");
        assert_eq!(of("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &["198.51.100.4"]), "198.51.100.4");
        assert_eq!(of("::ffff:10.0.0.1", &["192.0.2.1, 198.51.100.4, 10.0.0.2"]), "198.51.100.4");
        assert_eq!(
            of("10.0.0.1", &["192.0.2.1", "198.51.100.4"]),
            "198.51.100.4",
            "the last line is the last proxy's"
        );
        assert_eq!(of("10.0.0.1", &["198.51.100.4, nonsense"]), "10.0.0.1");
    }
}
