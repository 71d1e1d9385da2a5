//! One row of a bill.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a charge is for, as FOCUS classes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum ChargeCategory {
    /// Something was consumed.
    Usage,
    /// Something was bought up front or for a recurring fee; a commitment among others.
    Purchase,
    /// A tax.
    Tax,
    /// Granted by the provider.
    Credit,
    /// Anything else the provider charges or gives back.
    Adjustment,
}

impl ChargeCategory {
    /// All of them, in FOCUS's order.
    pub const ALL: [Self; 5] = [Self::Usage, Self::Purchase, Self::Tax, Self::Credit, Self::Adjustment];

    /// FOCUS's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Usage => "Usage",
            Self::Purchase => "Purchase",
            Self::Tax => "Tax",
            Self::Credit => "Credit",
            Self::Adjustment => "Adjustment",
        }
    }
}

/// How often a charge occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeFrequency {
    /// Once.
    OneTime,
    /// At regular times, whatever is used.
    Recurring,
    /// Whenever something is used.
    UsageBased,
}

impl ChargeFrequency {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OneTime, Self::Recurring, Self::UsageBased];

    /// FOCUS's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneTime => "One-Time",
            Self::Recurring => "Recurring",
            Self::UsageBased => "Usage-Based",
        }
    }
}

/// Whether a commitment was used for a charge, or paid for and not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitmentStatus {
    /// Used by a resource.
    Used,
    /// Paid for, but not used.
    Unused,
}

impl CommitmentStatus {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Used, Self::Unused];

    /// FOCUS's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Used => "Used",
            Self::Unused => "Unused",
        }
    }
}

/// The commitment discount that a charge belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// `CommitmentDiscountId`.
    pub id: Arc<str>,
    /// `CommitmentDiscountCategory`: `Spend` or `Usage`.
    pub category: Option<Arc<str>>,
    /// `CommitmentDiscountType`, the provider's name of its kind.
    pub kind: Option<Arc<str>>,
    /// `CommitmentDiscountStatus`; none on the purchase itself.
    pub status: Option<CommitmentStatus>,
}

/// One row of a bill, by the FOCUS columns of the same names.
///
/// Amounts are in `currency`, to 15 decimals; quantities to 6.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// The line at which the row starts, counted from 1.
    pub line: u64,
    /// `BilledCost`: what is invoiced, and so paid in cash.
    pub billed: Decimal,
    /// `EffectiveCost`: what the charge's time costs, with the part of prepaid purchases that it uses.
    pub effective: Decimal,
    /// `ContractedCost`: at negotiated prices without commitments.
    pub contracted: Option<Decimal>,
    /// `ListCost`: at list prices.
    pub list: Option<Decimal>,
    /// `BillingCurrency`, an ISO 4217 code.
    pub currency: Arc<str>,
    /// `BillingPeriodStart`.
    pub billing_start: Option<DateTime<Utc>>,
    /// `BillingPeriodEnd`, exclusive.
    pub billing_end: Option<DateTime<Utc>>,
    /// `ChargePeriodStart`.
    pub start: DateTime<Utc>,
    /// `ChargePeriodEnd`, exclusive and not before the start.
    pub end: DateTime<Utc>,
    /// `ChargeCategory`.
    pub category: ChargeCategory,
    /// Whether `ChargeClass` is `Correction`: the row corrects an earlier bill.
    pub correction: bool,
    /// `ChargeFrequency`.
    pub frequency: Option<ChargeFrequency>,
    /// The `CommitmentDiscount...` columns, if the row has an id.
    pub commitment: Option<Commitment>,
    /// `PricingQuantity`.
    pub pricing_quantity: Option<Decimal>,
    /// `PricingUnit`.
    pub pricing_unit: Option<Arc<str>>,
    /// `ConsumedQuantity`.
    pub consumed_quantity: Option<Decimal>,
    /// `ConsumedUnit`.
    pub consumed_unit: Option<Arc<str>>,
    /// `ServiceName`, the provider's service.
    pub service_name: Option<Arc<str>>,
    /// `ServiceCategory`.
    pub service_category: Option<Arc<str>>,
    /// `ResourceId`.
    pub resource_id: Option<Arc<str>>,
    /// `ResourceName`; of a charge that the provider split (FOCUS 1.3), `AllocatedResourceName`.
    pub resource_name: Option<Arc<str>>,
    /// `ResourceType`.
    pub resource_type: Option<Arc<str>>,
    /// `RegionId`.
    pub region_id: Option<Arc<str>>,
    /// `SubAccountId`.
    pub sub_account_id: Option<Arc<str>>,
    /// `SkuId`.
    pub sku_id: Option<Arc<str>>,
    /// `Tags`; of a charge that the provider split (FOCUS 1.3), `AllocatedTags` over them.
    pub tags: Arc<BTreeMap<String, String>>,
    /// The columns that start with `x_`, where they are not null.
    pub custom: Vec<(Arc<str>, Arc<str>)>,
}

impl Charge {
    /// Whether it buys a commitment, whose cost then comes back as that of the usage it covers.
    pub fn buys_commitment(&self) -> bool {
        self.category == ChargeCategory::Purchase && self.commitment.is_some()
    }

    /// Whether it is for a commitment that was paid for and not used.
    pub fn unused_commitment(&self) -> bool {
        self.commitment.as_ref().is_some_and(|commitment| commitment.status == Some(CommitmentStatus::Unused))
    }
}
