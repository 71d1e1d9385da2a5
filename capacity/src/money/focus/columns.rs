//! Where the columns of a file stand.

use csv::ByteRecord;

use super::cell::brief;
use crate::money::error::{MoneyError, Result};

/// The columns that are read. The names are FOCUS's own; they are found in any order and, as some warehouses write
/// them in small letters, in any case.
macro_rules! columns {
    ($($name:ident),* $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Column { $($name),* }
        impl Column {
            const ALL: &[Self] = &[$(Self::$name),*];
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

columns!(
    BilledCost,
    EffectiveCost,
    ContractedCost,
    ListCost,
    BillingCurrency,
    BillingPeriodStart,
    BillingPeriodEnd,
    ChargePeriodStart,
    ChargePeriodEnd,
    ChargeCategory,
    ChargeClass,
    ChargeFrequency,
    CommitmentDiscountId,
    CommitmentDiscountCategory,
    CommitmentDiscountType,
    CommitmentDiscountStatus,
    PricingQuantity,
    PricingUnit,
    ConsumedQuantity,
    ConsumedUnit,
    ServiceName,
    ServiceCategory,
    ResourceId,
    ResourceName,
    ResourceType,
    RegionId,
    SubAccountId,
    SkuId,
    Tags,
    AllocatedTags,
    AllocatedResourceName,
);

/// Columns without which no cost can be told. All are mandatory in FOCUS 1.0 to 1.3.
const NEEDED: [Column; 6] = [
    Column::BilledCost,
    Column::EffectiveCost,
    Column::BillingCurrency,
    Column::ChargePeriodStart,
    Column::ChargePeriodEnd,
    Column::ChargeCategory,
];

/// Further mandatory columns: a file without them is read, with a note on what is then not told.
const WANTED: [(Column, &str); 5] = [
    (Column::ChargeClass, "corrections of earlier bills cannot be told from charges"),
    (Column::BillingPeriodStart, "cash is told by the month of the charge"),
    (Column::BillingPeriodEnd, "cash is told by the month of the charge"),
    (Column::ServiceName, "charges are not named by the provider's services"),
    (Column::Tags, "charges are attributed by the names of resources only"),
];

/// Custom columns that are kept; a file has a handful.
const CUSTOM: usize = 64;

/// The positions of the columns of one file.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    at: Vec<Option<usize>>,
    /// The custom columns, whose names start with `x_`, with their positions.
    pub(super) custom: Vec<(String, usize)>,
    /// What the file does without.
    pub(super) notes: Vec<String>,
}

impl Layout {
    /// Finds the columns in a header. Columns of other names are ignored.
    pub(super) fn of(header: &ByteRecord, file: &str) -> Result<Self> {
        let mut at = vec![None; Column::ALL.len()];
        let mut custom = Vec::new();
        for (position, cell) in header.iter().enumerate() {
            let name = String::from_utf8_lossy(cell);
            let name = name.trim_start_matches('\u{feff}').trim();
            if name.starts_with("x_") && custom.len() < CUSTOM {
                custom.push((name.to_owned(), position));
            }
            let Some(column) = Column::ALL.iter().find(|column| column.name().eq_ignore_ascii_case(name))
            else {
                continue;
            };
            if at[*column as usize].replace(position).is_some() {
                let problem = format!("the column `{}` is there twice; leave one out", brief(name));
                return Err(MoneyError::Csv { file: file.to_owned(), line: 1, problem });
            }
        }
        let missing: Vec<&str> = NEEDED
            .iter()
            .filter(|needed| at[**needed as usize].is_none())
            .map(|needed| needed.name())
            .collect();
        if !missing.is_empty() {
            return Err(MoneyError::MissingColumns { file: file.to_owned(), columns: missing.join(", ") });
        }
        let notes = WANTED
            .iter()
            .filter(|(wanted, _)| at[*wanted as usize].is_none())
            .map(|(wanted, without)| format!("{file} has no column {}: {without}.", wanted.name()))
            .collect();
        Ok(Self { at, custom, notes })
    }

    /// A row's cell of a column, unless the file does not have it.
    pub(super) fn cell<'r>(&self, row: &'r ByteRecord, column: Column) -> Option<&'r [u8]> {
        row.get(self.at[column as usize]?)
    }
}
