//! What capacity costs by service and period: the body that bills and prices both give.

mod text;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amount::{Figure, Money};
use super::focus::ChargeCategory;
use super::period::Period;

/// Where the costs come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// The provider's bill.
    Bill,
    /// A price table and what was used.
    Prices,
}

/// What capacity costs, by currency, service and period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CostReport {
    /// Where the costs come from.
    pub source: CostSource,
    /// The length of the periods; the first and the last end with the time that is billed. `None` if all of that
    /// time is one period.
    pub period: Option<Period>,
    /// Start of the time that is billed.
    pub from: Option<DateTime<Utc>>,
    /// End of the time that is billed, exclusive.
    pub to: Option<DateTime<Utc>>,
    /// The costs, by currency in the order of the codes. Amounts of different currencies are never added.
    pub currencies: Vec<CurrencyCosts>,
    /// Services whose usage is known, but not their cost.
    pub without_cost: Vec<WithoutCost>,
    /// What a reader should know, in sentences.
    pub notes: Vec<String>,
}

/// All costs in one currency. `cost` is effective cost, which holds the part of prepaid purchases that a time uses;
/// `billed` is what is invoiced and so paid in cash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CurrencyCosts {
    /// ISO 4217 code.
    pub currency: String,
    /// All of the cost: that of the services and that which belongs to none, to the last decimal.
    pub cost: Money,
    /// All that is billed.
    pub billed: Figure<Money>,
    /// What is billed by billing period, in the order of time.
    pub cash: Vec<Cash>,
    /// Cost and what is billed by the kind of charge.
    pub categories: Vec<CategoryCosts>,
    /// Of the cost: corrections of earlier bills.
    pub corrections: Money,
    /// Of the cost: commitments that were paid for and not used.
    pub unused_commitments: Money,
    /// Of the cost: charged for time before or after the time that is billed, such as corrections of earlier bills.
    /// It is no part of any period.
    pub outside: Money,
    /// The services, the most expensive one first.
    pub services: Vec<ServiceCosts>,
    /// What belongs to no service.
    pub unattributed: UnattributedCosts,
}

/// What is billed for a billing period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Cash {
    /// Start of the billing period.
    pub from: DateTime<Utc>,
    /// Its end, exclusive.
    pub to: DateTime<Utc>,
    /// What is billed.
    pub billed: Money,
}

/// The costs of one kind of charge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CategoryCosts {
    /// The kind.
    pub category: ChargeCategory,
    /// Its cost.
    pub cost: Money,
    /// What is billed for it.
    pub billed: Figure<Money>,
}

/// The costs of one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceCosts {
    /// The service.
    pub service: String,
    /// All of its cost: `direct` and `shared`.
    pub cost: Money,
    /// What is attributed to it.
    pub direct: Money,
    /// Its share of what belongs to no service, if that is spread.
    pub shared: Money,
    /// Of the cost: charged for time outside the time that is billed.
    pub outside: Money,
    /// What is billed for it, without shares.
    pub billed: Figure<Money>,
    /// Over all of the time that is billed. Costs per count are those of the periods for which the count is known.
    pub whole: UnitCosts,
    /// How many of the periods have a count of transactions.
    pub periods_with_transactions: usize,
    /// The periods, in the order of time.
    pub periods: Vec<UnitCosts>,
}

/// A service's cost in a time, and what one of the things it did cost. Quotients are rounded half to even to 15
/// decimals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnitCosts {
    /// From when on.
    pub from: DateTime<Utc>,
    /// Until when, exclusive.
    pub to: DateTime<Utc>,
    /// Its cost.
    pub cost: Money,
    /// Transactions counted.
    pub transactions: Option<u64>,
    /// Customers counted.
    pub customers: Option<u64>,
    /// Cost of one transaction.
    pub per_transaction: Figure<Money>,
    /// Cost of 1,000 transactions.
    pub per_thousand_transactions: Figure<Money>,
    /// Cost of one customer.
    pub per_customer: Figure<Money>,
    /// Cost of one core-hour of CPU that was used.
    pub per_core_hour_used: Figure<Money>,
    /// Cost of one GiB-hour of memory that was used.
    pub per_gib_hour_used: Figure<Money>,
}

/// The costs that belong to no service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnattributedCosts {
    /// What is left of them, after spreading if they are spread.
    pub cost: Money,
    /// What of them is spread over the services.
    pub spread: Money,
    /// What is billed for them, without regard to spreading.
    pub billed: Figure<Money>,
    /// What they are for, before spreading, the largest first; at most 50, and a last one for all others.
    pub lines: Vec<UnattributedLine>,
}

/// A part of the costs that belong to no service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnattributedLine {
    /// The kind of charge; none for all others together.
    pub category: Option<ChargeCategory>,
    /// The provider's service, or `no service` or `others`.
    pub provider_service: String,
    /// Its cost.
    pub cost: Money,
}

/// A service without a cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WithoutCost {
    /// The service.
    pub service: String,
    /// Why it has none.
    pub why: String,
}
