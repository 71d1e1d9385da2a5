//! Which of our services a charge belongs to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::focus::Charge;
use super::period::Period;

/// How charges become the costs of our services.
///
/// A charge belongs to the service that its tags name; else to that of the first mapping that fits; else to none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttributionRules {
    /// Tag keys whose value is a service's name, the first one that a charge has counts. Capitals do not matter. A
    /// key that starts with `x_` is also looked for among the custom columns.
    pub tag_keys: Vec<String>,
    /// Mappings for charges without such a tag, the first one that fits counts.
    pub mappings: Vec<Mapping>,
    /// What happens to the cost of charges that belong to no service.
    pub unattributed: Unattributed,
    /// The length of the periods that costs are told for.
    pub period: Period,
}

impl Default for AttributionRules {
    fn default() -> Self {
        let keys = ["service", "service.name", "app", "app.kubernetes.io/name", "k8s-app"];
        Self {
            tag_keys: keys.map(str::to_owned).to_vec(),
            mappings: Vec::new(),
            unattributed: Unattributed::Shown,
            period: Period::Day,
        }
    }
}

/// Charges whose names fit the patterns belong to a service. A pattern that is not given fits everything; one that
/// is given fits no charge without the name. In patterns `*` stands for any characters and `?` for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Pattern of `ResourceName`, or of `ResourceId` where a charge has no name, such as `prod-gateway-*`.
    #[serde(default)]
    pub resource: Option<String>,
    /// Pattern of `ServiceName`, the provider's service, such as `*Elasticache`.
    #[serde(default)]
    pub provider_service: Option<String>,
    /// Our service.
    pub service: String,
}

/// What happens to the cost of charges that belong to no service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unattributed {
    /// It is shown beside the services.
    #[default]
    Shown,
    /// It is spread over the services in proportion to what is attributed to them in the same period, and the
    /// report says so.
    Spread,
}

impl AttributionRules {
    /// The service that a charge belongs to, if it belongs to one.
    pub fn service<'a>(&'a self, charge: &'a Charge) -> Option<&'a str> {
        self.tag_keys.iter().find_map(|key| tag(charge, key)).or_else(|| {
            let fits = |mapping: &&Mapping| mapping.fits(charge);
            self.mappings.iter().find(fits).map(|mapping| mapping.service.as_str())
        })
    }
}

/// The value of a tag that is not blank.
fn tag<'a>(charge: &'a Charge, key: &str) -> Option<&'a str> {
    let exact = charge.tags.get(key);
    let tag = exact.or_else(|| {
        let any_case = charge.tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        any_case.map(|(_, value)| value)
    });
    let custom = || {
        let column = charge.custom.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        column.map(|(_, value)| &**value)
    };
    tag.map(String::as_str).or_else(custom).map(str::trim).filter(|value| !value.is_empty())
}

impl Mapping {
    fn fits(&self, charge: &Charge) -> bool {
        let fits = |pattern: &Option<String>, name: Option<&str>| match (pattern, name) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(pattern), Some(name)) => glob(pattern, name),
        };
        fits(&self.resource, charge.resource_name.as_deref().or(charge.resource_id.as_deref()))
            && fits(&self.provider_service, charge.service_name.as_deref())
    }
}

/// Whether a text fits a pattern of `*` and `?`. On a mismatch only the last star takes one character more, so the
/// time is at most the product of the lengths.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(sign) if *sign == '?' || *sign == text[from] => {
                at += 1;
                from += 1;
            }
            _ => match &mut star {
                Some((place, taken)) => {
                    *taken += 1;
                    (at, from) = (*place + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|sign| *sign == '*')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::focus::Charges;

    const HEADER: &str = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,\
                          ServiceName,ResourceId,ResourceName,Tags,x_Team\n1,1,USD,2026-02-01,2026-02-02,Usage,";

    fn service(rules: &AttributionRules, cells: &str) -> Option<String> {
        let charges = Charges::read(format!("{HEADER}{cells}\n").as_bytes(), "test.csv").unwrap();
        rules.service(&charges.rows()[0]).map(str::to_owned)
    }

    #[test]
    fn tags_come_before_names_and_in_the_order_of_the_keys() {
        let text = r#"
            mappings = [
                { resource = "prod-gateway-*", service = "gateway" },
                { provider_service = "*RDS", resource = "orders?-db", service = "orders" },
                { resource = "arn:*:natgateway/*", service = "network" },
            ]
        "#;
        let rules: AttributionRules = toml::from_str(text).unwrap();
        let of = |cells: &str| service(&rules, cells).unwrap_or_else(|| "-".into());
        assert_eq!(
            of(r#"EC2,,prod-gateway-1,"{""App"":""quotes"",""SERVICE.name"":"" prices ""}","#),
            "prices"
        );
        assert_eq!(of(r#"EC2,,prod-gateway-1,"{""app"":"" ""}","#), "gateway", "a blank tag names nothing");
        assert_eq!(of("AmazonRDS,,orders1-db,,"), "orders");
        assert_eq!(of("AmazonEC2,,orders1-db,,"), "-", "both patterns of a mapping must fit");
        assert_eq!(
            of("VPC,arn:aws:ec2:eu-west-1:1:natgateway/nat-1,,,"),
            "network",
            "the id stands in for the name"
        );
        assert_eq!(of("VPC,,,,team-a"), "-");
        let by_column = AttributionRules { tag_keys: vec!["x_team".into()], ..AttributionRules::default() };
        assert_eq!(service(&by_column, "VPC,,,,team-a").as_deref(), Some("team-a"));
    }

    #[test]
    fn unknown_settings_are_refused() {
        let error = toml::from_str::<AttributionRules>("tags = []").unwrap_err();
        assert!(error.message().starts_with("unknown field `tags`"), "{error}");
    }

    #[test]
    fn patterns() {
        let fits =
            [("", ""), ("*", ""), ("a*b*c", "a-b-b-c"), ("?", "é"), ("*.svc", "a.svc.svc"), ("**a", "a")];
        assert!(fits.iter().all(|(pattern, text)| glob(pattern, text)));
        let others = [("", "a"), ("?", ""), ("a*b", "a-b-c"), ("a", "A"), ("*?", "")];
        assert!(!others.iter().any(|(pattern, text)| glob(pattern, text)));
        assert!(!glob(&"*a".repeat(200), &"a".repeat(199)));
    }

    proptest! {
        #[test]
        fn a_text_fits_itself_with_any_part_starred(text in "[a-c]{0,12}", cut in 0_usize..12, length in 0_usize..12) {
            let start = cut.min(text.len());
            let end = (start + length).min(text.len());
            let starred = format!("{}*{}", &text[..start], &text[end..]);
            prop_assert!(glob(&starred, &text));
        }
    }
}
