//! The customers: who they are, how active, what they hold.

use rand::Rng;
use rust_decimal::Decimal;

use crate::calendar::Venue;
use crate::market::SymbolId;

/// Customers known when the run starts.
pub(crate) const INITIAL: u32 = 2_500;

/// Shares of one symbol.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Holding {
    /// Which symbol.
    pub(crate) symbol: SymbolId,
    /// Shares owned.
    pub(crate) quantity: Decimal,
    /// Shares promised to sell orders that are still open.
    pub(crate) reserved: Decimal,
}

/// One customer with one account and one portfolio.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    number: u32,
    first: &'static str,
    last: &'static str,
    /// The market they trade on.
    pub(crate) venue: Venue,
    /// Cash not promised to open orders.
    pub(crate) cash: Decimal,
    /// What they hold.
    pub(crate) holdings: Vec<Holding>,
    /// Identity check passed.
    pub(crate) verified: bool,
}

const US_FIRST: [&str; 16] = [
    "James", "Maria", "Robert", "Linda", "Michael", "Susan", "David", "Karen", "Daniel", "Nancy", "Grace",
    "Carlos", "Emily", "Kevin", "Aisha", "Peter",
];
const US_LAST: [&str; 16] = [
    "Smith", "Lopez", "Johnson", "Brown", "Garcia", "Miller", "Davis", "Wilson", "Nguyen", "Taylor", "Moore",
    "Clark", "Lewis", "Walker", "Young", "King",
];
const IN_FIRST: [&str; 16] = [
    "Aarav", "Priya", "Rohan", "Ananya", "Vikram", "Kavya", "Arjun", "Meera", "Sanjay", "Divya", "Rahul",
    "Neha", "Karthik", "Lakshmi", "Imran", "Pooja",
];
const IN_LAST: [&str; 16] = [
    "Sharma", "Patel", "Iyer", "Reddy", "Gupta", "Nair", "Singh", "Rao", "Das", "Mehta", "Khan", "Joshi",
    "Menon", "Verma", "Bose", "Pillai",
];

impl Customer {
    /// `cus_104233`.
    pub(crate) fn id(&self) -> String {
        format!("cus_{}", self.number)
    }

    /// `acc_104233`.
    pub(crate) fn account(&self) -> String {
        format!("acc_{}", self.number)
    }

    /// `pf_104233`.
    pub(crate) fn portfolio(&self) -> String {
        format!("pf_{}", self.number)
    }

    /// `adv_07`, one of twelve who look after three customers in four.
    pub(crate) fn adviser(&self) -> Option<String> {
        let desk = self.number % 16;
        (1..=12).contains(&desk).then(|| format!("adv_{desk:02}"))
    }

    /// First and last name.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    /// An address at a domain reserved for examples.
    pub(crate) fn email(&self) -> String {
        let domain = if self.venue == Venue::Xnys { "example.com" } else { "example.org" };
        format!("{}.{}.{}@{domain}", self.first.to_lowercase(), self.last.to_lowercase(), self.number)
    }

    /// ISO 3166 country.
    pub(crate) fn country(&self) -> &'static str {
        if self.venue == Venue::Xnys { "US" } else { "IN" }
    }

    /// The holding of `symbol`, if any.
    pub(crate) fn holding(&mut self, symbol: SymbolId) -> Option<&mut Holding> {
        self.holdings.iter_mut().find(|h| h.symbol == symbol)
    }

    /// Books a settled buy.
    pub(crate) fn bought(&mut self, symbol: SymbolId, quantity: Decimal) {
        if let Some(holding) = self.holding(symbol) {
            holding.quantity += quantity;
        } else {
            let reserved = Decimal::ZERO;
            self.holdings.push(Holding { symbol, quantity, reserved });
        }
    }

    /// Books a settled sell of shares that were reserved for it.
    pub(crate) fn sold(&mut self, symbol: SymbolId, quantity: Decimal) {
        if let Some(holding) = self.holding(symbol) {
            holding.quantity -= quantity;
            holding.reserved -= quantity;
        }
        self.holdings.retain(|h| !h.quantity.is_zero());
    }
}

/// Index of a customer.
pub(crate) type CustomerId = usize;

/// All customers, with a Zipf-like activity by market.
pub(crate) struct Customers {
    all: Vec<Customer>,
    /// Per venue: members by activity, with cumulative weight.
    ranked: [Vec<(CustomerId, f64)>; 2],
    newcomers: [Vec<CustomerId>; 2],
    last_number: u32,
}

impl Customers {
    /// The initial customers: seven in ten on the US market.
    pub(crate) fn new(rng: &mut impl Rng) -> Self {
        let mut customers = Self {
            all: Vec::new(),
            ranked: [Vec::new(), Vec::new()],
            newcomers: [Vec::new(), Vec::new()],
            last_number: 100_000,
        };
        for _ in 0..INITIAL {
            let venue = if rng.random_bool(0.7) { Venue::Xnys } else { Venue::Xnse };
            let number = customers.last_number + rng.random_range(1..40);
            let id = customers.create(number, venue, rng);
            customers.all[id].verified = true;
            let ranked = &mut customers.ranked[venue as usize];
            let weight = (ranked.len() as f64 + 6.0).powf(-0.8);
            let before = ranked.last().map_or(0.0, |(_, w)| *w);
            ranked.push((id, before + weight));
        }
        customers
    }

    /// A new customer who signs up at `ts` (ns).
    pub(crate) fn join(&mut self, venue: Venue, ts: i64, rng: &mut impl Rng) -> CustomerId {
        // Seconds since 2020: a later run never gives the number of an earlier one again.
        let seconds = (ts / 1_000_000_000 - 1_577_836_800).max(0) as u32;
        let id = self.create(seconds.max(self.last_number + 1), venue, rng);
        self.newcomers[venue as usize].push(id);
        id
    }

    fn create(&mut self, number: u32, venue: Venue, rng: &mut impl Rng) -> CustomerId {
        self.last_number = number;
        let (first, last) = match venue {
            Venue::Xnys => (US_FIRST, US_LAST),
            Venue::Xnse => (IN_FIRST, IN_LAST),
        };
        self.all.push(Customer {
            number,
            first: first[rng.random_range(0..first.len())],
            last: last[rng.random_range(0..last.len())],
            venue,
            cash: Decimal::ZERO,
            holdings: Vec::new(),
            verified: false,
        });
        self.all.len() - 1
    }

    /// Someone of `venue`, the active ones far more often.
    pub(crate) fn pick(&self, venue: Venue, rng: &mut impl Rng) -> CustomerId {
        let newcomers = &self.newcomers[venue as usize];
        if !newcomers.is_empty() && rng.random_bool(0.06) {
            return newcomers[rng.random_range(0..newcomers.len())];
        }
        let ranked = &self.ranked[venue as usize];
        let total = ranked.last().map_or(0.0, |(_, w)| *w);
        let at = rng.random::<f64>() * total;
        ranked[ranked.partition_point(|(_, w)| *w < at).min(ranked.len() - 1)].0
    }

    /// One customer.
    pub(crate) fn get(&self, id: CustomerId) -> &Customer {
        &self.all[id]
    }

    /// One customer, to change.
    pub(crate) fn get_mut(&mut self, id: CustomerId) -> &mut Customer {
        &mut self.all[id]
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }
}
