//! Numbers that others publish, told from a file.

use super::*;

/// ghostfolio: novn-buy-and-sell.
#[test]
fn ghostfolio_novn_buy_and_sell() {
    let lines =
        "2022-03-07,deposit,,,,151.6,CHF\n2022-03-07,buy,NOVN,2,75.8,,CHF\n2022-04-08,sell,NOVN,2,85.73,,CHF";
    let told = of(lines, &Ask::default());
    assert_eq!(told.gain, Some("19.86".parse().unwrap()));
    for total in [told.time_weighted.total, told.modified_dietz.total, told.money_weighted.total] {
        near(total.map(|total| (total * 1e6).round()), 131_003.0);
    }
}
