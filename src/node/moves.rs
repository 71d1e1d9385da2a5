//! Keeps what moved in portfolios, of every tenant that books anything.

use headroom_control::Control;
use headroom_query::portfolio::{MovesKeeper, booking_tenants};
use headroom_store::{Clock, Store};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two rounds: a trade is in the sums within a second of being stored.
const EVERY: Duration = Duration::from_millis(500);
/// The keeper works a quarter of the time at most: when thousands of portfolios are traded in each second, the sums
/// come later, and questions do not. A round takes in each portfolio once, however often it was traded.
const REST: u32 = 3;
/// Rounds after which it is looked for new tenants.
const LOOK_FOR_TENANTS: u32 = 60;

/// Runs until it is stopped, and works while `lead` leads. What fails is tried again in the next round.
pub(super) async fn keep(store: Store, lead: Control, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let mut keepers: BTreeMap<String, MovesKeeper> = BTreeMap::new();
    let mut round = 0_u32;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        if !lead.leads(clock.now()) {
            continue;
        }
        if keepers.is_empty() || round.is_multiple_of(LOOK_FOR_TENANTS) {
            match booking_tenants(&store).await {
                Ok(tenants) => {
                    for tenant in tenants {
                        keepers.entry(tenant).or_insert_with_key(|tenant| {
                            MovesKeeper::new(store.clone(), tenant).resting(REST)
                        });
                    }
                }
                Err(error) => tracing::warn!(%error, "moves of portfolios: tenants cannot be read"),
            }
        }
        round = round.wrapping_add(1);
        for (tenant, keeper) in &mut keepers {
            // A round that is broken off is repeated whole by the next start.
            let kept = tokio::select! {
                () = stop.cancelled() => return,
                kept = keeper.round(clock.now()) => kept,
            };
            match kept {
                Ok(kept) => {
                    metrics::counter!("headroom_moves_portfolios_total").increment(kept.portfolios);
                    metrics::counter!("headroom_moves_days_total").increment(kept.days);
                }
                Err(error) => {
                    metrics::counter!("headroom_moves_failures_total").increment(1);
                    tracing::warn!(tenant, %error, "moves of portfolios cannot be kept; tried again");
                }
            }
        }
    }
}
