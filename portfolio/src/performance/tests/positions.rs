//! Symbols, labels, benchmarks.

use super::*;
use crate::attribution::Part;
use crate::book::View;
use crate::file::read_labels;

const HELD: &str =
    "2025-12-31,deposit,,,,1000\n2025-12-31,buy,X,5,80\n2025-12-31,buy,Y,10,40\n2025-12-31,price,X,,80
    2025-12-31,price,Y,,40\n2026-01-15,dividend,X,,,10\n2026-01-15,fee,Y,,,1\n2026-01-20,interest,,,,2
    2026-01-20,sell,Y,5,38,,,1\n2026-01-31,price,X,,90\n2026-01-31,price,Y,,36";

fn labelled() -> View {
    let labels = read_labels("l.csv", "symbol,sector\nX,energy\nZ,energy\n".as_bytes()).unwrap();
    View { labels, ..View::default() }
}

fn january(more: Ask) -> Ask {
    Ask { from: "2025-12-31".parse().ok(), to: "2026-01-31".parse().ok(), view: labelled(), ..more }
}

#[test]
fn contributions_add_up_to_the_return() {
    let told = of(HELD, &january(Ask::default()));
    assert_eq!(told.gain, dec("30"));
    near(told.modified_dietz.total, 0.03);
    let contributions = told.contributions.unwrap();
    let gains: Vec<(Option<&str>, Option<Decimal>)> =
        contributions.iter().map(|row| (row.symbol.as_deref(), row.gain)).collect();
    // 50 and a dividend; 20 lost on what is left, 10 on what was sold, and two fees; interest.
    assert_eq!(gains, [(Some("X"), dec("60")), (Some("Y"), dec("-32")), (None, dec("2"))]);
    near(contributions[0].contribution, 0.06);
    let label = &told.by_label[0];
    let parts: Vec<(&str, Option<Decimal>)> =
        label.parts.iter().map(|part| (part.name.as_str(), part.gain)).collect();
    assert_eq!(label.by, "sector");
    assert_eq!(parts, [("(none)", dec("-32")), ("cash", dec("2")), ("energy", dec("60"))]);
    assert_eq!(told.movers.gains[0].symbol.as_deref(), Some("X"));
    assert_eq!(told.movers.losses[0].symbol.as_deref(), Some("Y"));
    assert_eq!((told.movers.gains.len(), told.movers.losses.len()), (1, 1));
}

#[test]
fn what_is_renamed_counts_under_its_last_name() {
    let renamed =
        HELD.replace("2026-01-31,price,Y", "2026-01-25,symbol_change,Y,,,,,,,Z\n2026-01-31,price,Z");
    let told = of(&renamed, &january(Ask::default()));
    let contributions = told.contributions.unwrap();
    let names: Vec<Option<&str>> = contributions.iter().map(|row| row.symbol.as_deref()).collect();
    assert_eq!(names, [Some("X"), Some("Z"), None]);
    assert_eq!((contributions[1].start_value, contributions[1].gain), (dec("400"), dec("-32")));
    assert_eq!(told.by_label[0].parts[1].gain, dec("28"));
}

#[test]
fn the_active_return_is_attributed_to_segments() {
    let part = |weight, ratio| Part { weight, ratio: Some(ratio) };
    let parts = [("energy", part(0.5, 0.10)), ("(none)", part(0.5, -0.02))];
    let segments = BenchmarkSegments {
        by: "sector".to_owned(),
        parts: parts.map(|(name, part)| (name.to_owned(), part)).into(),
    };
    let told = of(HELD, &january(Ask { segments: Some(segments.clone()), ..Ask::default() }));
    let found = told.attribution.unwrap();
    near(Some(found.portfolio), told.modified_dietz.total.unwrap());
    near(Some(found.benchmark), 0.04);
    near(Some(found.total.total()), found.active);
    let names: Vec<&str> = found.segments.iter().map(|segment| segment.name.as_str()).collect();
    assert_eq!(names, ["(none)", "cash", "energy"]);
    let half = BenchmarkSegments { parts: [("energy".to_owned(), part(0.5, 0.1))].into(), ..segments };
    let told = of(HELD, &january(Ask { segments: Some(half), ..Ask::default() }));
    insta::assert_snapshot!(told.unavailable["attribution"].reason, @"the weights of the benchmark add up to 0.5 and not to 1");
}

#[test]
fn a_symbols_prices_are_a_benchmark_in_the_base_currency_and_without_splits() {
    // 100 euros, 110 and 120 for the two pieces after the split, at 1.1: the last rate is of a day without a price.
    let index = "2025-12-31,price,I,,100,,EUR\n2025-12-31,fx,EUR/USD,,1.1\n2026-01-15,split,I,2:1\n2026-01-15,price,I,,55,,EUR
        2026-01-30,price,I,,60,,EUR\n2026-01-31,fx,EUR/USD,,1.2";
    let benchmark = Some(Benchmark::Symbol("I".to_owned()));
    let told =
        of(&format!("{HELD}\n{index}"), &january(Ask { benchmark: benchmark.clone(), ..Ask::default() }));
    let beside = told.benchmark.unwrap();
    near(beside.benchmark, 120.0 / 100.0 - 1.0);
    near(beside.active, told.time_weighted.total.unwrap() - beside.benchmark.unwrap());
    // From the day of the first flow, where the portfolio begins later than asked.
    let begun = of(&format!("{HELD}\n{index}"), &Ask { benchmark: benchmark.clone(), ..Ask::default() });
    assert_eq!(begun.benchmark.unwrap().period, told.period);
    let none = of(HELD, &january(Ask { benchmark, ..Ask::default() }));
    insta::assert_snapshot!(none.unavailable["benchmark.active"].reason, @"the benchmark has no value on 2025-12-31 or before");
    let values = [("2025-12-31".parse().unwrap(), 1.0)].into();
    let old = of(HELD, &january(Ask { benchmark: Some(Benchmark::Values(values)), ..Ask::default() }));
    insta::assert_snapshot!(old.unavailable["benchmark.beta"].reason, @"the benchmark's last value before 2026-01-20 is of 2025-12-31, more than 7 days before");
}

#[test]
fn one_that_begins_later_counts_nothing_before() {
    let (first, second) = (entries(HELD), entries("2026-01-20,deposit,,,,500\n2026-01-22,buy,W,1,10"));
    let both = [Portfolio { name: "one", entries: &first }, Portfolio { name: "two", entries: &second }];
    let told = performance(&both, &january(Ask::default()));
    assert_eq!((told.start_value, told.inflows, told.end_value), (dec("1000"), dec("500"), None));
    insta::assert_snapshot!(told.unavailable["end_value"].reason, @"two: W: no price of W is known at that time");
    let told = performance(&both, &Ask { to: "2026-01-21".parse().ok(), ..january(Ask::default()) });
    assert_eq!((told.end_value, told.time_weighted.total.is_some()), (dec("1500"), true));
    let oversold = entries("2026-01-20,deposit,,,,500\n2026-01-22,sell,W,1,10,,,,bad");
    let both = [both[0], Portfolio { name: "two", entries: &oversold }];
    let flags = performance(&both, &january(Ask::default())).flags;
    assert_eq!(
        (flags[0].event_id.as_str(), flags[0].reason.as_str()),
        ("bad", "two: 1 W were sold when 0 were held")
    );
}

#[test]
fn people_read_tables() {
    let values = [("2025-12-31", 100.0), ("2026-01-15", 102.0), ("2026-01-20", 101.0), ("2026-01-31", 104.0)];
    let values = values.map(|(date, value)| (date.parse().unwrap(), value)).into();
    let benchmark = Some(Benchmark::Values(values));
    let told = of(HELD, &january(Ask { benchmark, large_flow: Some(0.1), ..Ask::default() }));
    insta::assert_snapshot!(told, @"
    from the close of 2025-12-31 to that of 2026-01-31 (31 days)

      start value  1000 USD
      inflows         0 USD
      outflows        0 USD
      gain           30 USD
      end value    1030 USD

    returns
      time-weighted, daily                           3.0000 %
        a year                                              -
      time-weighted, by months and flows over 10 %   3.0000 %
        a year                                              -
      modified Dietz                                 3.0000 %
      money-weighted                                 3.0000 %
        a year (act/365)                            41.6276 %

    risk: 2 returns, each day of trading (252 a year); risk-free 0.0000 %
      volatility a year, simple returns            33.6749 %
      volatility over the period, log returns       2.9559 %
      downside deviation a year                     0.0000 %
      semi-deviation over the period, log returns   2.0901 %
      Sharpe                                         11.2250
      Sortino                                              -
      growth a year                                        -
      Calmar                                               -
      tail ratio                                     19.0000
      maximum drawdown                              0.8920 %
        from 2026-01-15 to 2026-01-20, back on 2026-01-31 after 16 days; at most 16 days without a new high

    beside the benchmark
      from the close of          2025-12-31
      portfolio                    3.0000 %
      benchmark                    4.0000 %
      active return               -1.0000 %
      beta                           1.5226
      correlation                    1.0000
      alpha a year, simple      -383.6985 %
      alpha a year, compounded   -97.9068 %
      captured of rises                   -
      captured of falls                   -

      contribution  start  end  gain  average capital  of the return
      X               400  450    60        394.83871       6.0000 %  USD
      Y               400  180   -32       333.451613      -3.2000 %  USD
      cash            200  400     2       271.709677       0.2000 %  USD

    largest gains
      X  60  6.0000 %

    largest losses
      Y  -32  -3.2000 %

    contributions by sector
      (none)  -32  -3.2000 %
      cash      2   0.2000 %
      energy   60   6.0000 %

    not available, because
      2 rows are less than the 252 of a year: growth is told as it is and not annualised
        risk.cagr, risk.calmar
      31 days are less than a year: such a return is told as it is and not annualised
        linked.annualised, time_weighted.annualised
      no return is below what is required, and a ratio to such shortfalls needs one
        risk.sortino
      the benchmark never went down
        benchmark.capture
    ");
    insta::assert_snapshot!(of_lines("date,value,flow\n2026-01-01,100,\n2026-01-02,,10", &Ask::default()), @"
    from the close of 2026-01-01 to that of 2026-01-02 (1 day)

      start value  100
      inflows       10
      outflows       0
      gain           -
      end value      -

    returns
      time-weighted, daily  -
        a year              -
      modified Dietz        -
      money-weighted        -
        a year (act/365)    -

    risk: - returns, each day of trading (252 a year); risk-free 0.0000 %
      volatility a year, simple returns            -
      volatility over the period, log returns      -
      downside deviation a year                    -
      semi-deviation over the period, log returns  -
      Sharpe                                       -
      Sortino                                      -
      growth a year                                -
      Calmar                                       -
      tail ratio                                   -
      maximum drawdown                             -

    not available, because
      the file tells values of the whole only, and not of single symbols
        contributions
      the value at the close of 2026-01-02 is missing, and money moved next to it: the value of 2026-01-02 is empty
        index, risk.cagr, risk.calmar, risk.downside_deviation, risk.max_drawdown, risk.returns, risk.semi_deviation, risk.sharpe, risk.sortino, risk.tail_ratio, risk.volatility, risk.volatility_over_period, time_weighted.annualised, time_weighted.total
      the value of 2026-01-02 is empty
        end_value, gain, modified_dietz.average_capital, modified_dietz.total, money_weighted.annual, money_weighted.total
    ");
}
