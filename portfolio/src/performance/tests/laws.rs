//! What holds for every portfolio.

use chrono::{DateTime, Days, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::book::{Figures, Money, Movement, Purpose, Ratio, Side, Terms, Trade, View};

/// One thing that happens: on which day, what it is, whose it is, pieces, and money in cents.
type Happening = (u64, u8, usize, i64, i64);

const DAYS: u64 = 45;
const SYMBOLS: [(&str, &str); 3] = [("A", "USD"), ("B", "USD"), ("E", "EUR")];

fn life() -> impl Strategy<Value = Vec<Happening>> {
    prop::collection::vec((1..DAYS, 0_u8..12, 0_usize..3, 1_i64..40, 100_i64..20_000), 1..40)
}

fn start() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn money(purpose: Purpose, symbol: &str, amount: Decimal, currency: &str) -> Movement {
    Movement::Money(Money { purpose, symbol: symbol.to_owned(), amount, currency: currency.to_owned() })
}

fn price(place: usize, cents: i64) -> Movement {
    let (symbol, currency) = SYMBOLS[place];
    Movement::Price {
        symbol: symbol.to_owned(),
        price: Decimal::new(cents, 2),
        currency: currency.to_owned(),
    }
}

fn rate(cents: i64) -> Movement {
    Movement::Rate { base: "EUR".to_owned(), quote: "USD".to_owned(), rate: Decimal::new(cents, 2) }
}

/// Much money in two currencies, and a life in three symbols that does not use it up.
fn entries_of(life: &[Happening]) -> Vec<Entry> {
    let mut movements = vec![(0, rate(110))];
    movements.extend((0..3).map(|place| (0, price(place, 5_000))));
    movements.push((0, money(Purpose::Deposit, "", Decimal::from(1_000_000), "USD")));
    movements.push((0, money(Purpose::Deposit, "", Decimal::from(500_000), "EUR")));
    movements.extend(life.iter().map(|(day, kind, place, pieces, cents)| {
        let ((symbol, currency), amount) = (SYMBOLS[*place], Decimal::new(*cents, 2));
        let trade = |side| {
            Movement::Trade(Trade {
                symbol: symbol.to_owned(),
                side,
                quantity: Decimal::from(*pieces),
                price: amount,
                currency: currency.to_owned(),
                fee: Decimal::new(pieces % 7, 2),
                lots: Vec::new(),
            })
        };
        let movement = match kind {
            0..=2 => trade(Side::Buy),
            3 | 4 => trade(Side::Sell),
            5 => money(Purpose::Deposit, "", amount * Decimal::from(100), currency),
            6 => money(Purpose::Withdrawal, "", amount * Decimal::from(10), currency),
            7 => money(Purpose::Dividend, symbol, amount, currency),
            8 => money(Purpose::Fee, if pieces % 2 == 0 { symbol } else { "" }, amount, currency),
            9 | 10 => price(*place, 2_500 + cents / 2),
            _ => rate(80 + pieces),
        };
        (*day, movement)
    }));
    let entry = |(place, (day, movement)): (usize, (u64, Movement))| Entry {
        event_id: format!("e{place}"),
        ts: start() + Days::new(day) + TimeDelta::seconds(place as i64),
        movement,
    };
    movements.into_iter().enumerate().map(entry).collect()
}

/// All that can be told of such a life.
fn ask() -> Ask {
    Ask {
        terms: Terms { may_go_short: true, ..Terms::default() },
        view: View { base_currency: Some("USD".to_owned()), ..View::default() },
        large_flow: Some(0.1),
        ..Ask::default()
    }
}

fn alone(entries: &[Entry]) -> Performance {
    performance(&[Portfolio { name: "one", entries }], &ask())
}

/// The same figures, but for the last digits of what was rounded in other places.
fn same(one: &Performance, other: &Performance) -> Result<(), TestCaseError> {
    let (mut one, mut other) = (one.clone(), other.clone());
    (one.flags, other.flags) = (Vec::new(), Vec::new());
    alike("", &serde_json::to_value(one).unwrap(), &serde_json::to_value(other).unwrap())
}

fn alike(at: &str, one: &serde_json::Value, other: &serde_json::Value) -> Result<(), TestCaseError> {
    use serde_json::Value::{Array, Object, String};
    let number = |value: &serde_json::Value| match value {
        String(text) => text.parse().ok(),
        value => value.as_f64(),
    };
    match (one, other) {
        (Object(one), Object(other)) => {
            prop_assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{}", at);
            one.iter().try_for_each(|(key, value)| alike(&format!("{at}.{key}"), value, &other[key]))
        }
        (Array(one), Array(other)) => {
            prop_assert_eq!(one.len(), other.len(), "{}", at);
            one.iter()
                .zip(other)
                .enumerate()
                .try_for_each(|(place, (one, other))| alike(&format!("{at}[{place}]"), one, other))
        }
        _ => {
            if let (Some(a), Some(b)) = (number(one), number(other)) {
                prop_assert!((a - b).abs() <= 1e-7 * a.abs().max(1.0), "{}: {} and {}", at, a, b);
            } else {
                prop_assert_eq!(one, other, "{}", at);
            }
            Ok(())
        }
    }
}

/// Whether all books know it, as they do prices, or it is booked in one.
fn is_public(movement: &Movement) -> bool {
    matches!(movement, Movement::Price { .. } | Movement::Rate { .. } | Movement::Split { .. })
}

proptest! {
    #[test]
    fn contributions_add_up_to_the_return_and_gains_to_the_gain(life in life()) {
        let told = alone(&entries_of(&life));
        let contributions = told.contributions.unwrap();
        let gains: Decimal = contributions.iter().filter_map(|row| row.gain).sum();
        prop_assert_eq!(Some(gains.normalize()), told.gain);
        let sum: f64 = contributions.iter().filter_map(|row| row.contribution).sum();
        prop_assert!((sum - told.modified_dietz.total.unwrap()).abs() < 1e-12);
        let unavailable: Vec<&String> = told.unavailable.iter().filter(|(_, why)| why.missing).map(|(name, _)| name).collect();
        prop_assert!(unavailable.is_empty(), "{:?}", unavailable);
    }

    #[test]
    fn several_books_are_worth_what_one_book_is_in_which_all_is_booked(
        life in life(),
        whose in prop::collection::vec((0_usize..3, 0_i64..100), 60),
        transfers in prop::collection::vec((1..DAYS, 0_usize..3, 1_usize..3, 1_i64..1_000), 0..4),
    ) {
        let entries = entries_of(&life);
        let mut books = [Vec::new(), Vec::new(), Vec::new()];
        for (entry, (book, percent)) in entries.iter().zip(&whose) {
            if is_public(&entry.movement) {
                books.iter_mut().for_each(|book| book.push(entry.clone()));
                continue;
            }
            // A deposit or a withdrawal is split at random between two of them.
            let mut entry = entry.clone();
            if let Movement::Money(Money { purpose: Purpose::Deposit | Purpose::Withdrawal, amount, .. }) = &mut entry.movement {
                let part = (*amount * Decimal::new(*percent, 2)).round_dp(2);
                let rest = *amount - part;
                *amount = part;
                let mut other = entry.clone();
                if let Movement::Money(money) = &mut other.movement { money.amount = rest; }
                books[(book + 1) % 3].push(other);
            }
            books[*book].push(entry);
        }
        let last = entries.iter().map(|entry| entry.ts.date_naive()).max();
        let mut all = entries;
        // What goes from one to another is no flow of all, though it makes a day.
        for (place, (day, from, further, amount)) in transfers.into_iter().enumerate() {
            let ts = start() + Days::new(day) + TimeDelta::hours(20);
            let moved = |purpose| Entry { event_id: format!("t{place}"), ts, movement: money(purpose, "", Decimal::from(amount), "USD") };
            all.push(Entry { event_id: format!("t{place}"), ts, movement: money(Purpose::Fee, "", Decimal::ZERO, "USD") });
            books[from].push(moved(Purpose::Withdrawal));
            books[(from + further) % 3].push(moved(Purpose::Deposit));
        }
        let ask = Ask { to: last, ..ask() };
        let portfolios: Vec<Portfolio<'_>> = ["one", "two", "three"].iter().zip(&books).map(|(name, entries)| Portfolio { name, entries }).collect();
        let together = performance(&portfolios, &ask);
        let one = performance(&[Portfolio { name: "all", entries: &all }], &ask);
        same(&together, &one)?;
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(entries in life().prop_map(|life| entries_of(&life)).prop_flat_map(|entries| (Just(entries.clone()), Just(entries).prop_shuffle()))) {
        let (entries, shuffled) = entries;
        prop_assert_eq!(alone(&shuffled), alone(&entries));
        let again = [shuffled, entries.clone()].concat();
        prop_assert_eq!(alone(&again), alone(&entries));
    }

    #[test]
    fn what_is_restated_is_what_it_would_have_been(life in life(), wrong in prop::collection::vec((any::<prop::sample::Index>(), 1_i64..500, any::<bool>()), 1..6)) {
        let right = entries_of(&life);
        let (mut arrived, mut replayed) = (right.clone(), right.clone());
        for (place, (which, figure, cancelled)) in wrong.into_iter().enumerate() {
            let at = which.index(right.len());
            let of = right[at].event_id.clone();
            let ts = start() + Days::new(DAYS + 10) + TimeDelta::hours(place as i64);
            let figure = Decimal::new(figure, 2);
            let figures = match &mut replayed.iter_mut().find(|entry| entry.event_id == of).map(|entry| &mut entry.movement) {
                Some(Movement::Trade(trade)) if !cancelled => { trade.price = figure; Figures { price: Some(figure), ..Figures::default() } }
                Some(Movement::Price { price, .. }) => { *price = figure; Figures { price: Some(figure), ..Figures::default() } }
                Some(Movement::Trade(_)) => {
                    replayed.retain(|entry| entry.event_id != of);
                    arrived.push(Entry { event_id: format!("c{place}"), ts, movement: Movement::Cancel { of } });
                    continue;
                }
                _ => continue,
            };
            arrived.push(Entry { event_id: format!("c{place}"), ts, movement: Movement::Correction { of, figures: Box::new(figures) } });
        }
        prop_assert_eq!(alone(&arrived), alone(&replayed));
    }

    #[test]
    fn deposits_alone_earn_nothing(flows in prop::collection::vec((1_u64..60, any::<bool>(), 1_i64..100_000), 1..20)) {
        let mut life = vec![(0, money(Purpose::Deposit, "", Decimal::from(10_000), "USD"))];
        life.extend(flows.into_iter().map(|(day, inside, cents)| {
            let purpose = if inside { Purpose::Deposit } else { Purpose::Withdrawal };
            (day, money(purpose, "", Decimal::new(if inside { cents } else { cents / 10 + 1 }, 2), "USD"))
        }));
        let entry = |(place, (day, movement)): (usize, (u64, Movement))| Entry {
            event_id: place.to_string(), ts: start() + Days::new(day) + TimeDelta::seconds(place as i64), movement,
        };
        let entries: Vec<Entry> = life.into_iter().enumerate().map(entry).collect();
        let told = alone(&entries);
        prop_assert_eq!(told.gain, Some(Decimal::ZERO));
        prop_assert_eq!(told.modified_dietz.total, Some(0.0));
        prop_assert!(told.time_weighted.total.unwrap().abs() < 1e-12);
        prop_assert!(told.linked.unwrap().total.unwrap().abs() < 1e-12);
        prop_assert!(told.money_weighted.total.unwrap().abs() < 1e-9);
    }

    #[test]
    fn a_split_changes_nothing(life in life(), day in 1..DAYS, place in 0_usize..3, power in 1_u32..4) {
        let before = entries_of(&life);
        let ratio = Decimal::from(2_i64.pow(power));
        let at = start() + Days::new(day);
        let mut after = before.clone();
        for entry in after.iter_mut().filter(|entry| entry.ts >= at) {
            match &mut entry.movement {
                Movement::Trade(trade) if trade.symbol == SYMBOLS[place].0 => {
                    trade.quantity *= ratio;
                    trade.price /= ratio;
                }
                Movement::Price { symbol, price, .. } if symbol == SYMBOLS[place].0 => *price /= ratio,
                _ => {}
            }
        }
        let split = Movement::Split { symbol: SYMBOLS[place].0.to_owned(), ratio: Ratio { new: ratio, old: Decimal::ONE } };
        after.push(Entry { event_id: "split".to_owned(), ts: at, movement: split });
        // Both have the split's day.
        let mut before = before;
        before.push(Entry { event_id: "nothing".to_owned(), ts: at, movement: money(Purpose::Fee, "", Decimal::ZERO, "USD") });
        same(&alone(&after), &alone(&before))?;
    }

    #[test]
    fn money_changed_there_and_back_changes_nothing(life in life(), day in 1..DAYS, amount in 1_i64..10_000) {
        let mut entries = entries_of(&life);
        // At a rate that comes out even, made for the moment and the day's last.
        let at = start() + Days::new(day) + TimeDelta::hours(23);
        let mut add = |name: &str, ts, movement| entries.push(Entry { event_id: name.to_owned(), ts, movement });
        add("rate", at, rate(125));
        let before = alone(&entries);
        let mut add = |name: &str, ts, movement| entries.push(Entry { event_id: name.to_owned(), ts, movement });
        let (dollars, euros) = (Decimal::from(amount * 5), Decimal::from(amount * 4));
        add("out", at, money(Purpose::Withdrawal, "", dollars, "USD"));
        add("in", at, money(Purpose::Deposit, "", euros, "EUR"));
        let back = at + TimeDelta::minutes(1);
        add("back out", back, money(Purpose::Withdrawal, "", euros, "EUR"));
        add("back in", back, money(Purpose::Deposit, "", dollars, "USD"));
        prop_assert_eq!(alone(&entries), before);
    }

    #[test]
    fn whatever_is_not_told_has_its_reason(
        life in life(),
        left_out in prop::collection::vec(any::<bool>(), 8),
        huge in prop::option::of((any::<prop::sample::Index>(), any::<u64>(), 0_u32..20)),
        months in any::<bool>(),
    ) {
        // The first entries are a rate, three prices and two deposits; sales of what is not held are refused.
        let mut entries = entries_of(&life);
        if let Some((which, amount, scale)) = huge {
            match &mut entries[which.index(life.len() + 6)].movement {
                Movement::Trade(trade) => trade.price = Decimal::from_i128_with_scale(i128::from(amount) << 30, scale),
                Movement::Money(money) => money.amount = Decimal::from_i128_with_scale(i128::from(amount) << 30, scale),
                _ => {}
            }
        }
        let mut place = 0;
        entries.retain(|_| { place += 1; left_out.get(place - 1).is_none_or(|out| !out) });
        let benchmark = Some(Benchmark::Symbol("A".to_owned()));
        let frequency = if months { Frequency::Month } else { Frequency::Day };
        let told = performance(&[Portfolio { name: "one", entries: &entries }], &Ask { terms: Terms::default(), benchmark, frequency, ..ask() });
        prop_assert!(!told.to_string().contains("NaN"));
        let why = |name: &str| told.unavailable.contains_key(name) || told.unavailable.contains_key("period");
        let body = serde_json::to_value(&told).unwrap();
        for (name, figure) in body.as_object().unwrap() {
            match figure {
                serde_json::Value::Object(figures) if name != "unavailable" => for (inner, figure) in figures {
                    let name = format!("{name}.{inner}");
                    prop_assert!(!figure.is_null() || why(&name), "{}", name);
                },
                serde_json::Value::Null if name != "attribution" && name != "base_currency" => prop_assert!(why(name), "{}", name),
                _ => {}
            }
        }
        for row in told.contributions.iter().flatten() {
            let name = format!("contributions.{}", row.symbol.as_deref().unwrap_or("cash"));
            prop_assert!(row.gain.is_some() || why(&name), "{}", name);
            prop_assert!(row.contribution.is_some() || why("contributions"));
        }
    }
}
