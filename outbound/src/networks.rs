//! Networks that may be reached although they are not public: the allow-list.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

use crate::guard;

/// Networks that a person allows, as `allow_networks = ["10.1.0.0/16", "::1"]`. An empty list allows none.
///
/// It opens loopback, private and shared space alone: what [is never allowed](crate::guard) stays so, whatever
/// stands here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// The networks of texts such as `10.1.0.0/16`; an address stands for itself alone.
    ///
    /// # Errors
    /// A text that is no network, one with bits behind its prefix, and one that is never allowed.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        texts.into_iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is in one of the networks.
    pub(crate) fn hold(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&ip))
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let wrong = || {
        format!("{text:?} is not a network: write an address and the length of its prefix, as in 10.1.0.0/16")
    };
    let network = match text.parse::<IpNet>() {
        Ok(network) => network,
        Err(_) => text.parse::<IpAddr>().map_err(|_| wrong())?.into(),
    };
    if network.trunc() != network {
        return Err(format!("{text:?} has bits behind its prefix: {} is the network", network.trunc()));
    }
    if let Some(sort) = guard::never(network.addr()).filter(|_| network.prefix_len() > 0) {
        return Err(format!("{text:?} is {sort}, which is never allowed"));
    }
    Ok(network)
}

impl<'de> Deserialize<'de> for Networks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        Self::parse(texts.iter().map(String::as_str)).map_err(de::Error::custom)
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(ToString::to_string)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_network_is_refused_with_what_would_be() {
        let refused = |text: &str| Networks::parse([text]).expect_err(text);
        assert!(refused("10.1.0.0/33").starts_with("\"10.1.0.0/33\" is not a network: write an address"));
        assert!(refused("host").contains("as in 10.1.0.0/16"));
        assert_eq!(
            refused("10.1.2.3/16"),
            "\"10.1.2.3/16\" has bits behind its prefix: 10.1.0.0/16 is the network"
        );
        assert_eq!(refused("169.254.0.0/16"), "\"169.254.0.0/16\" is link-local, which is never allowed");
        assert_eq!(refused("fd00:ec2::254"), "\"fd00:ec2::254\" is cloud metadata, which is never allowed");
        assert_eq!(
            refused("::ffff:169.254.169.254"),
            "\"::ffff:169.254.169.254\" is link-local, which is never allowed"
        );
    }

    #[test]
    fn an_address_stands_for_itself() {
        let networks = Networks::parse(["127.0.0.1", "10.1.0.0/16", "0.0.0.0/0"]).expect("networks");
        assert_eq!(networks.to_string(), "[\"127.0.0.1/32\", \"10.1.0.0/16\", \"0.0.0.0/0\"]");
        let one = Networks::parse(["::1"]).expect("a network");
        assert!(
            one.hold("::1".parse().expect("an address")) && !one.hold("::2".parse().expect("an address"))
        );
    }
}
