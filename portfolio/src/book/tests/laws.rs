//! What holds for every portfolio.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

/// One thing that happens: what it is, whose it is, pieces and money in the smallest parts.
pub(super) type Happening = (u8, u8, i64, i64);

pub(super) fn life() -> impl Strategy<Value = Vec<Happening>> {
    prop::collection::vec((0_u8..14, 0_u8..3, 1_i64..2_000_000, 1_i64..5_000_000), 1..60)
}

fn methods() -> impl Strategy<Value = Terms> {
    let methods = [Method::Fifo, Method::Lifo, Method::Average, Method::Specific];
    prop::sample::select(methods.to_vec()).prop_map(|method| Terms { method, may_go_short: true })
}

/// A life in three symbols and two currencies: pieces of six decimals, prices of four, times that coincide.
pub(super) fn entries_of(life: &[Happening]) -> Vec<Entry> {
    let start = day("2026-01-01");
    life.iter()
        .enumerate()
        .map(|(place, (kind, whose, pieces, money))| {
            let symbol = ["A", "B", "C"][usize::from(*whose)].to_owned();
            let currency = ["USD", "USD", "EUR"][usize::from(*whose)].to_owned();
            let quantity = Decimal::new(*pieces, 6);
            let price = Decimal::new(*money, 4);
            let trade = |side| {
                let (symbol, currency) = (symbol.clone(), currency.clone());
                let fee = Decimal::new(pieces % 500, 2);
                Movement::Trade(Trade { symbol, side, quantity, price, currency, fee, lots: Vec::new() })
            };
            let paid = |purpose| {
                let symbol = if pieces % 2 == 0 { symbol.clone() } else { String::new() };
                Movement::Money(Money { purpose, symbol, amount: price, currency: currency.clone() })
            };
            let movement = match kind {
                0..=3 => trade(Side::Buy),
                4..=6 => trade(Side::Sell),
                7 => paid(Purpose::Deposit),
                8 => paid(Purpose::Withdrawal),
                9 => paid(Purpose::Fee),
                10 => paid(Purpose::Tax),
                11 => paid(Purpose::Interest),
                12 => paid(Purpose::Dividend),
                _ => {
                    let ratio =
                        Ratio { new: Decimal::from(1 + pieces % 7), old: Decimal::from(1 + money % 5) };
                    Movement::Split { symbol, ratio }
                }
            };
            let ts = start + TimeDelta::hours(place as i64 / 2);
            Entry { event_id: format!("e{place}"), ts, movement }
        })
        .collect()
}

/// The same entries in an order that the seed decides.
fn shuffled(entries: &[Entry], seed: u64) -> Vec<Entry> {
    let mut keyed: Vec<(u64, Entry)> = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let key =
            (place as u64 + 1).wrapping_mul(seed | 1).rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        keyed.push((key, entry.clone()));
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, entry)| entry).collect()
}

proptest! {
    #[test]
    fn lots_sum_to_positions(life in life(), terms in methods()) {
        for holding in book(&entries_of(&life), terms).holdings.values() {
            prop_assert_eq!(&holding.spoiled, &None);
            prop_assert_eq!(holding.quantity(), holding.lots.iter().map(|lot| lot.quantity).sum::<Decimal>());
            prop_assert_eq!(holding.cost(), holding.lots.iter().map(|lot| lot.cost).sum::<Decimal>());
            let short = holding.quantity().is_sign_negative();
            prop_assert!(holding.lots.iter().all(|lot| lot.quantity.is_sign_negative() == short));
        }
    }

    #[test]
    fn money_is_neither_made_nor_lost(life in life(), terms in methods()) {
        let entries = entries_of(&life);
        let book = book(&entries, terms);
        for (currency, purse) in &book.purses {
            let own = || book.holdings.values().filter(|holding| holding.currency == *currency);
            let held: Decimal = own().map(Holding::cost).sum();
            let realised: Decimal = own().map(|holding| holding.realised).sum();
            let came = purse.deposits + purse.dividends + purse.interest;
            let went = purse.withdrawals + purse.fees + purse.taxes;
            // To the last of 12 decimals.
            prop_assert_eq!(came + realised, went + purse.cash + held);
            prop_assert_eq!(book.realised(currency), Some(realised));
        }
        // Each figure against its own sum over the entries, so that no two errors cancel out.
        let sum = |purpose: Purpose| -> Decimal {
            let all = entries.iter().filter_map(|entry| match &entry.movement {
                Movement::Money(money) if money.purpose == purpose => Some(money.amount),
                Movement::Trade(trade) if purpose == Purpose::Fee => Some(trade.fee),
                _ => None,
            });
            all.sum()
        };
        let of = |figure: fn(&Purse) -> Decimal| -> Decimal { book.purses.values().map(figure).sum() };
        prop_assert_eq!(sum(Purpose::Deposit), of(|purse| purse.deposits));
        prop_assert_eq!(sum(Purpose::Withdrawal), of(|purse| purse.withdrawals));
        prop_assert_eq!(sum(Purpose::Fee), of(|purse| purse.fees));
        prop_assert_eq!(sum(Purpose::Tax), of(|purse| purse.taxes));
        prop_assert_eq!(sum(Purpose::Interest), of(|purse| purse.interest));
        prop_assert_eq!(sum(Purpose::Dividend), of(|purse| purse.dividends));
    }

    #[test]
    fn whatever_the_method_all_that_is_sold_made_the_same(life in life(), terms in methods()) {
        let mut entries = entries_of(&life);
        let end = day("2026-12-31");
        for (symbol, holding) in book(&entries, terms).holdings {
            let quantity = holding.quantity();
            if quantity.is_zero() { continue; }
            let side = if quantity.is_sign_negative() { Side::BuyToCover } else { Side::Sell };
            let movement = Movement::Trade(Trade {
                symbol: symbol.clone(), side, quantity: quantity.abs(), price: Decimal::ONE,
                currency: holding.currency, fee: Decimal::ZERO, lots: Vec::new(),
            });
            entries.push(Entry { event_id: format!("close {symbol}"), ts: end, movement });
        }
        let realised = |method| {
            let book = book(&entries, Terms { method, ..terms });
            book.holdings.into_values().map(|holding| (holding.quantity(), holding.cost(), holding.realised)).collect::<Vec<_>>()
        };
        prop_assert_eq!(realised(terms.method), realised(Method::Fifo));
    }

    #[test]
    fn no_figure_is_too_large_to_be_told_of(
        life in prop::collection::vec((life().prop_map(|life| life[0]), any::<(u64, u32)>(), 0_u32..28, any::<(u64, u32)>(), 0_u32..28), 1..30),
        terms in methods(),
    ) {
        let decimal = |(low, high): (u64, u32), scale| Decimal::from_parts(low as u32, (low >> 32) as u32, high, false, scale);
        let happenings: Vec<Happening> = life.iter().map(|(happening, ..)| *happening).collect();
        let mut entries = entries_of(&happenings);
        for (entry, (_, pieces, few, money, small)) in entries.iter_mut().zip(life) {
            match &mut entry.movement {
                Movement::Trade(trade) => (trade.quantity, trade.price) = (decimal(pieces, few), decimal(money, small)),
                Movement::Money(paid) => paid.amount = decimal(money, small),
                Movement::Split { ratio, .. } => *ratio = Ratio { new: decimal(pieces, few), old: decimal(money, small) },
                _ => {}
            }
        }
        let rename = Movement::Rename { from: "A".to_owned(), to: "B".to_owned() };
        entries.push(Entry { event_id: "rename".to_owned(), ts: day("2026-01-02"), movement: rename });
        let valuation = value(&entries, day("2026-12-31"), terms, &View::default());
        // What is not there has a reason, and what is there is a sum over its lots.
        for position in &valuation.positions {
            prop_assert_eq!(position.cost_basis.is_none(), position.unavailable.is_some() && position.quantity.is_none());
        }
        prop_assert!(valuation.accounts.iter().all(|account| account.cash.is_some()) || !valuation.flags.is_empty());
        prop_assert!(!valuation.to_string().is_empty());
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(life in life(), terms in methods(), seed in any::<u64>()) {
        let entries = entries_of(&life);
        let again = [shuffled(&entries, seed), shuffled(&entries, seed.rotate_left(7))].concat();
        prop_assert_eq!(book(&again, terms), book(&entries, terms));
    }

    #[test]
    fn corrections_and_cancels_give_what_a_replay_gives(
        (life, right) in life().prop_flat_map(|life| {
            let right = prop::collection::vec((0..life.len(), 0_u8..3, 1_i64..2_000_000), 0..20);
            (Just(life), right)
        }),
        terms in methods(),
        seed in any::<u64>(),
    ) {
        let original = entries_of(&life);
        let mut replayed = original.clone();
        let mut arrived = original.clone();
        let mut cancelled = Vec::new();
        for (place, (target, what, figure)) in right.into_iter().enumerate() {
            let of = original[target].event_id.clone();
            let ts = day("2026-06-01") + TimeDelta::hours(place as i64);
            let figure = Decimal::new(figure, 6);
            let movement = match (&mut replayed[target].movement, what) {
                (_, 0) => {
                    cancelled.push(of.clone());
                    Movement::Cancel { of }
                }
                (Movement::Trade(trade), 1) => {
                    trade.quantity = figure;
                    Movement::Correction { of, figures: Box::new(Figures { quantity: Some(figure), ..Figures::default() }) }
                }
                (Movement::Trade(trade), _) => {
                    trade.fee = figure;
                    Movement::Correction { of, figures: Box::new(Figures { fee: Some(figure), ..Figures::default() }) }
                }
                (Movement::Money(money), _) => {
                    money.amount = figure;
                    Movement::Correction { of, figures: Box::new(Figures { amount: Some(figure), ..Figures::default() }) }
                }
                (Movement::Split { ratio, .. }, _) => {
                    *ratio = Ratio { new: figure, old: Decimal::ONE };
                    Movement::Correction { of, figures: Box::new(Figures { quantity: Some(figure), ..Figures::default() }) }
                }
                _ => continue,
            };
            arrived.push(Entry { event_id: format!("right {place}"), ts, movement });
        }
        replayed.retain(|entry| !cancelled.contains(&entry.event_id));
        prop_assert_eq!(book(&shuffled(&arrived, seed), terms), book(&replayed, terms));
    }

    #[test]
    fn a_split_changes_no_value_and_no_cost(life in life(), terms in methods(), new in 1_i64..50, power in 0_u32..4) {
        let mut entries = entries_of(&life);
        let at = day("2026-06-01");
        for symbol in ["A", "B", "C"] {
            let price = Movement::Price { symbol: symbol.to_owned(), price: dec("12.5"), currency: "USD".to_owned() };
            entries.push(Entry { event_id: format!("price {symbol}"), ts: at, movement: price });
        }
        let rate = Movement::Rate { base: "EUR".to_owned(), quote: "USD".to_owned(), rate: dec("1.25") };
        entries.push(Entry { event_id: "rate".to_owned(), ts: at, movement: rate });
        let later = at + TimeDelta::days(1);
        let before = value(&entries, later, terms, &View::default());
        for symbol in ["A", "B", "C"] {
            // One for a power of two comes out even in decimals.
            let ratio = Ratio { new: Decimal::from(new), old: Decimal::from(2_i64.pow(power)) };
            let split = Movement::Split { symbol: symbol.to_owned(), ratio };
            entries.push(Entry { event_id: format!("split {symbol}"), ts: later, movement: split });
        }
        let after = value(&entries, later, terms, &View::default());
        prop_assert_eq!(before.totals.cash, after.totals.cash);
        for (before, after) in before.positions.iter().zip(&after.positions) {
            prop_assert_eq!((before.cost_basis, before.realised), (after.cost_basis, after.realised));
            // The price after it may not end: 28 digits of it are left.
            let gap = before.market_value.unwrap() - after.market_value.unwrap();
            prop_assert!(gap.abs() <= dec("0.000000000001"), "{} {}", before.symbol, gap);
        }
    }

    #[test]
    fn deposits_alone_make_no_profit(cents in prop::collection::vec((any::<bool>(), 1_i64..1_000_000_000), 1..40)) {
        let entries: Vec<Entry> = cents.iter().enumerate().map(|(place, (inside, cents))| Entry {
            event_id: place.to_string(),
            ts: day("2026-01-01") + TimeDelta::hours(7 * place as i64),
            movement: Movement::Money(Money {
                purpose: if *inside { Purpose::Deposit } else { Purpose::Withdrawal },
                symbol: String::new(),
                amount: Decimal::new(*cents, 2),
                currency: "USD".to_owned(),
            }),
        }).collect();
        let days = days_until(&entries, day("2026-02-01"));
        let mut put_in = Decimal::ZERO;
        for day in daily(&entries, &days, Terms::default(), &View::default()) {
            put_in += day.flows.iter().filter_map(|flow| flow.amount).sum::<Decimal>();
            prop_assert_eq!(day.value, Some(put_in));
        }
    }

    #[test]
    fn a_day_is_worth_what_a_valuation_says(
        life in life(),
        known in prop::collection::vec((0_u8..4, 1_i64..1_000, 0_i64..30), 0..8),
        unreadable in prop::option::of((prop::sample::select(vec!["", "USD", "EUR", "CHF"]), 0_i64..30)),
        may_go_short in any::<bool>(),
    ) {
        let mut entries = entries_of(&life);
        let at = |hours: i64| day("2026-01-01") + TimeDelta::hours(hours);
        for (place, (what, cents, hours)) in known.into_iter().enumerate() {
            let amount = Decimal::new(cents, 2);
            let movement = match ["A", "B", "C"].get(usize::from(what)) {
                Some(symbol) => Movement::Price { symbol: (*symbol).to_owned(), price: amount, currency: "USD".to_owned() },
                None => Movement::Rate { base: "EUR".to_owned(), quote: "USD".to_owned(), rate: amount },
            };
            entries.push(Entry { event_id: format!("known {place}"), ts: at(hours), movement });
        }
        if let Some((currency, hours)) = unreadable {
            let movement = Movement::Unreadable { symbol: String::new(), money: Some(currency.to_owned()), reason: "it has no amount".to_owned() };
            entries.push(Entry { event_id: "unreadable".to_owned(), ts: at(hours), movement });
        }
        let terms = Terms { may_go_short, ..Terms::default() };
        let days = days_until(&entries, day("2026-01-05"));
        for found in daily(&entries, &days, terms, &View::default()) {
            let alone = value(&entries, end_of(found.date), terms, &View::default());
            prop_assert_eq!(found.value, alone.totals.value, "{:?}", found.unavailable);
        }
    }

    #[test]
    fn there_and_back_at_one_rate_is_the_same(cents in -1_000_000_000_i64..1_000_000_000, rate in 1_i64..10_000_000) {
        let rates = [(("EUR".to_owned(), "USD".to_owned()), Decimal::new(rate, 5))].into();
        let market = Market { rates, ..Market::default() };
        let amount = Decimal::new(cents, 2);
        let there = market.convert(amount, "EUR", "USD").unwrap();
        prop_assert_eq!(market.convert(there, "USD", "EUR"), Some(amount.normalize()));
    }
}
