//! A run from its first byte to its report.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::body::Stock;
use crate::error::LoadError;
use crate::ledger::Writer;
use crate::options::Options;
use crate::report::{Measured, Progress, RunReport};
use crate::schedule::Schedule;
use crate::send::{Connection, connect};
use crate::tally::Tally;
use crate::usage::{Cpu, Watch};
use crate::worker::{Common, Told, work};

/// How often progress is told.
const TELL: Duration = Duration::from_millis(250);

/// How often the ledger is put on the disk and memory is looked at, in ticks of [`TELL`].
const TICKS_A_LOOK: u32 = 4;

/// Sends what `options` ask for and says how it went. `progress` is called four times a second.
///
/// A receiver that refuses or is gone is part of the report and not an error. Errors are: options
/// that make no sense, nobody listening at the start, a watched process that is not there, and a
/// ledger that cannot be written. When the future is dropped, so is the load; the ledger has what
/// was known a second before.
pub async fn run(options: &Options, mut progress: impl FnMut(&Progress)) -> Result<RunReport, LoadError> {
    options.check()?;
    drop(
        connect(&options.target)
            .await
            .map_err(|source| LoadError::Connect { address: options.target.authority.clone(), source })?,
    );
    let mut ledger = options.ledger.as_deref().map(|path| Writer::create(path, options.run)).transpose()?;
    let stock = Stock::new(options);
    let watches = options.watch.iter().map(|pid| Watch::begin(*pid, options.watch_children));
    let mut watches = watches.collect::<Result<Vec<_>, _>>()?;

    let cpu_before = Cpu::of_this_process();
    let begun = Instant::now();
    let schedule = Schedule::new(options, begun);
    let common = Arc::new(Common { options: options.clone(), schedule, stock });
    let (tell, mut told) = mpsc::unbounded_channel();
    // Workers end with this set when the run is given up.
    let mut workers = JoinSet::new();
    for connection in Connection::all(options) {
        workers.spawn(work(common.clone(), connection, tell.clone()));
    }
    drop(tell);

    let (mut tally, mut last, mut ended) = (Tally::default(), Progress::default(), begun);
    let mut ticks = interval(TELL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut tick = 0;
    loop {
        tokio::select! {
            one = told.recv() => {
                let Some(one) = one else { break };
                tally.add(&one);
                if let Told::Done(done) = &one {
                    ended = Instant::now();
                    if let Some(ledger) = &mut ledger {
                        ledger.push(&done.entry)?;
                    }
                }
            }
            _ = ticks.tick() => {
                last = tally.progress(begun.elapsed(), &last);
                progress(&last);
                tick += 1;
                if tick % TICKS_A_LOOK == 0 {
                    watches.iter_mut().for_each(Watch::look);
                    if let Some(ledger) = &mut ledger {
                        ledger.sync().await?;
                    }
                }
            }
        }
    }
    while let Some(ended) = workers.join_next().await {
        if let Err(error) = ended
            && let Ok(panic) = error.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
    }
    if let Some(ledger) = &mut ledger {
        ledger.sync().await?;
    }
    progress(&tally.progress(begun.elapsed(), &last));
    let cpu = Cpu::of_this_process().saturating_sub(cpu_before);
    rest(&mut watches, options.watch_rest).await;
    let processes = watches.into_iter().map(Watch::end).collect();
    let measured = Measured { wall: ended - begun, cpu, watched: begun.elapsed(), processes };
    Ok(RunReport::new(options, tally, measured))
}

/// Watches on until all have come to rest: three seconds in a row with less than a twentieth of a
/// core; `most` at most.
async fn rest(watches: &mut [Watch], most: Duration) {
    let begun = Instant::now();
    let mut quiet = 0;
    while !watches.is_empty() && quiet < 3 && begun.elapsed() < most {
        let cpu = |watches: &[Watch]| watches.iter().map(Watch::cpu_seconds).sum::<f64>();
        let before = cpu(watches);
        sleep(Duration::from_secs(1)).await;
        watches.iter_mut().for_each(Watch::look);
        quiet = if cpu(watches) - before <= 0.05 { quiet + 1 } else { 0 };
    }
}
