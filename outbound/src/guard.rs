//! Which addresses may be reached.
//!
//! The URL of a receiver or a feed is text that a person wrote, and Headroom stands inside the network:
//! without a guard it would knock at any internal door (server-side request forgery). The
//! check is on the addresses a name RESOLVES to, in the resolver the HTTP client
//! connects by, so that no second look-up can change the answer. Hosts written
//! as addresses never meet a resolver and are checked before sending.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::Networks;

/// Why an address may not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} is the address {ip}, which is {sort}{}", if *private { "; add it, or its network, to allow_networks beside its url to allow it" } else { " and never allowed" })]
pub struct Refused {
    /// The host as written.
    pub host: String,
    /// The address it stands for.
    pub ip: IpAddr,
    /// What sort of address that is.
    pub sort: &'static str,
    /// Whether `allow_networks` could allow it.
    pub private: bool,
}

/// Checks the host of a URL when it is written as an address.
pub fn check_literal(url: &Url, allowed: &Networks) -> Result<(), Refused> {
    let ip = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    check(url.host_str().unwrap_or_default(), ip, allowed)
}

fn check(host: &str, ip: IpAddr, allowed: &Networks) -> Result<(), Refused> {
    // An IPv4 address in IPv6's clothes is judged, and allowed, as what it is.
    let ip = ip.to_canonical();
    match sort(ip) {
        Some((_, true)) if allowed.hold(ip) => Ok(()),
        Some((sort, private)) => Err(Refused { host: host.to_owned(), ip, sort, private }),
        None => Ok(()),
    }
}

/// The sort of an address that nothing allows.
pub(crate) fn never(ip: IpAddr) -> Option<&'static str> {
    sort(ip.to_canonical()).and_then(|(sort, private)| (!private).then_some(sort))
}

/// The sort of an address that is not public, and whether `allow_networks` may open it.
fn sort(ip: IpAddr) -> Option<(&'static str, bool)> {
    match ip {
        IpAddr::V4(ip) => sort_v4(ip),
        IpAddr::V6(ip) => sort_v6(ip),
    }
}

/// The sort of [`METADATA_V4`] and of the IPv6 addresses of Amazon (fd00:ec2::/32) and Google (fd20:ce::254).
const METADATA: (&str, bool) = ("cloud metadata", false);
/// What answers a machine about itself, with its credentials: beside 169.254.169.254, which is link-local, Alibaba's and
/// Azure's addresses in IPv4.
const METADATA_V4: [[u8; 4]; 2] = [[100, 100, 100, 200], [168, 63, 129, 16]];

fn sort_v4(ip: Ipv4Addr) -> Option<(&'static str, bool)> {
    if METADATA_V4.contains(&ip.octets()) {
        return Some(METADATA);
    }
    let [a, b, c, _] = ip.octets();
    match (a, b, c) {
        (127, ..) => Some(("loopback", true)),
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => Some(("private", true)),
        (100, 64..=127, _) => Some(("shared (carrier) space", true)),
        (169, 254, _) => Some(("link-local", false)),
        (0, ..) => Some(("unspecified", false)),
        (192, 0, 0) => Some(("for protocol assignments", false)),
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => Some(("for documentation", false)),
        (192, 88, 99) => Some(("a 6to4 relay", false)),
        (198, 18..=19, _) => Some(("for benchmarks", false)),
        (224..=239, ..) => Some(("multicast", false)),
        (240..=255, ..) => Some(("reserved or broadcast", false)),
        _ => None,
    }
}

fn sort_v6(ip: Ipv6Addr) -> Option<(&'static str, bool)> {
    let segments = ip.segments();
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(("loopback", true)),
        [0, 0, 0, 0, 0, 0, _, _] => Some(("unspecified or an embedded IPv4 address", false)),
        [0x64, 0xff9b, ..] => Some(("a NAT64 address", false)),
        [0x100, 0, 0, 0, ..] => Some(("for discarding", false)),
        [0x2001, 0, ..] => Some(("a Teredo address", false)),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Some(("for documentation", false)),
        [0x2001, 2, 0, ..] => Some(("for benchmarks", false)),
        [0x2002, ..] => Some(("a 6to4 address", false)),
        [0x5f00, ..] => Some(("for segment routing", false)),
        [0xfd00, 0xec2, ..] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => Some(METADATA),
        [0xfc00..=0xfdff, ..] => Some(("private", true)),
        [0xfe80..=0xfebf, ..] => Some(("link-local", false)),
        [0xfec0..=0xfeff, ..] => Some(("site-local", false)),
        [0xff00..=0xffff, ..] => Some(("multicast", false)),
        _ => None,
    }
}

/// A resolver that gives out an answer only when every address in it may be reached.
#[derive(Debug, Clone)]
pub struct GuardedResolver {
    /// Which private and loopback addresses may be reached.
    pub allowed: Networks,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allowed.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            for address in &found {
                check(&host, address.ip(), &allowed)?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every network there is.
    const ALL: &[&str] = &["0.0.0.0/0", "::/0"];

    fn networks(texts: &[&'static str]) -> Networks {
        Networks::parse(texts.iter().copied()).expect("networks")
    }

    fn allowed(host: &str, texts: &[&'static str]) -> bool {
        let url: Url = format!("http://{host}/hook").parse().expect("a url");
        check_literal(&url, &networks(texts)).is_ok()
    }

    #[test]
    fn only_public_addresses_by_default() {
        let inner = [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "[::1]",
            "[fc00::1]",
            "[fd12::1]",
            "[::ffff:10.0.0.1]",
        ];
        for host in inner {
            assert!(!allowed(host, &[]), "{host}");
            assert!(allowed(host, ALL), "{host}");
        }
        let never = [
            "169.254.169.254",
            "100.100.100.200",
            "168.63.129.16",
            "[fd00:ec2::254]",
            "[fd20:ce::254]",
            "[::ffff:100.100.100.200]",
            "[::ffff:169.254.169.254]",
            "0.0.0.0",
            "192.0.0.1",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[100::1]",
            "[2001:db8::1]",
            "[2002:7f00:1::]",
            "[2001::1]",
            "[5f00::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
        ];
        for host in never {
            assert!(!allowed(host, &[]), "{host}");
            assert!(!allowed(host, ALL), "{host}");
        }
        for host in ["1.1.1.1", "172.32.0.1", "172.15.0.1", "100.128.0.1", "[2606:4700::1111]", "example.com"]
        {
            assert!(allowed(host, &[]), "{host}");
        }
    }

    #[test]
    fn a_network_opens_what_is_in_it_and_nothing_else() {
        let one = &["10.1.0.0/16"];
        for host in ["10.1.0.0", "10.1.255.255", "[::ffff:10.1.2.3]", "167838211"] {
            assert!(allowed(host, one), "{host}");
        }
        for host in ["10.0.255.255", "10.2.0.0", "192.168.1.1", "127.0.0.1", "[fd12::1]"] {
            assert!(!allowed(host, one), "{host}");
        }
        assert!(allowed("[fd12::1]", &["fd12::/16"]) && !allowed("[fd13::1]", &["fd12::/16"]));
    }

    #[test]
    fn the_refusal_says_what_to_do() {
        let url: Url = "http://10.0.0.1/".parse().expect("a url");
        let text = check_literal(&url, &Networks::default()).expect_err("refused").to_string();
        assert_eq!(
            text,
            "10.0.0.1 is the address 10.0.0.1, which is private; add it, or its network, to allow_networks beside its \
             url to allow it"
        );
    }

    #[tokio::test]
    async fn names_are_checked_by_what_they_resolve_to() {
        let name = || -> Name { "localhost".parse().expect("a name") };
        let closed = GuardedResolver { allowed: networks(&["10.1.0.0/16"]) };
        let error = closed.resolve(name()).await.err().expect("refused");
        assert!(error.to_string().contains("loopback"), "{error}");
        let open = GuardedResolver { allowed: networks(&["127.0.0.0/8", "::1"]) };
        assert!(open.resolve(name()).await.is_ok());
    }
}
