//! Prints the back-test of the forecasters on recorded SPY volume, one session ahead, by kind of hour.
//!
//! `cargo run -p headroom-forecast --example spy_backtest -- DIRECTORY [FIRST_YEAR]`, where DIRECTORY holds
//! `market/spy_hourly_volume.csv.gz` and `calendar/fed_decisions.csv`.

#[path = "spy/data.rs"]
mod spy;

use std::path::Path;

fn main() -> spy::Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("usage: spy_backtest DIRECTORY [FIRST_YEAR]")?;
    let from: i32 = arguments.next().map_or(Ok(2010), |year| year.parse())?;
    let directory = Path::new(&directory);
    let series = spy::volume(directory, (from - 5).max(2005))?;
    let forecasters = spy::forecasters()?;
    let forecasters: Vec<_> = forecasters.iter().map(AsRef::as_ref).collect();
    let reports = spy::backtest(&series, spy::calendar(directory)?, from, &forecasters)?;
    println!(
        "SPY hourly volume (a stand-in for demand), one session ahead, {from} to {}",
        series.end().date_naive()
    );
    for kind in ["all", "ordinary", "rate_decision", "half_day", "expiry", "month_end", "payroll"] {
        println!("\n{kind:<34} hours   WAPE  pin.9  pin.99  cov.5  cov.9 cov.99  unserved at .9, .99");
        for report in &reports {
            let Some(score) = (if kind == "all" { Some(&report.all) } else { report.strata.get(kind) })
            else {
                continue;
            };
            let (pinball, coverage, unserved) = (score.pinball(), score.coverage(), score.unserved());
            println!(
                "{:<34} {:>5}  {:.3} {:.4}  {:.4} {:>5.1}% {:>5.1}% {:>5.1}%  {:>6.2}% {:>5.2}%",
                report.name,
                score.steps,
                score.wape(),
                pinball[2],
                pinball[4],
                coverage[0] * 100.0,
                coverage[2] * 100.0,
                coverage[4] * 100.0,
                unserved[2] * 100.0,
                unserved[4] * 100.0
            );
        }
    }
    Ok(())
}
