//! How a portfolio is booked.

use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use super::entry::Side;

/// How a portfolio is booked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terms {
    /// Which lots a sale closes.
    pub method: Method,
    /// A plain sale of more than is held opens a short position. Without it only a short sale does.
    pub may_go_short: bool,
}

impl Terms {
    /// Whether a trade may open a lot, or only close lots.
    pub(super) fn may_open(self, side: Side) -> bool {
        match side {
            Side::Buy | Side::SellShort => true,
            Side::Sell => self.may_go_short,
            Side::BuyToCover => false,
        }
    }
}

/// Which lots a sale closes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The oldest first.
    #[default]
    Fifo,
    /// The newest first.
    Lifo,
    /// All are one lot, at its average cost.
    Average,
    /// Those that the sale names; the oldest first where it names none.
    Specific,
}

impl FromStr for Method {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "fifo" => Self::Fifo,
            "lifo" => Self::Lifo,
            "average" => Self::Average,
            "specific" => Self::Specific,
            _ => return Err(format!("'{text}' is none of fifo, lifo, average, specific")),
        })
    }
}
