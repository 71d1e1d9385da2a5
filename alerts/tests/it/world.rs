//! A store, a clock, and objectives that are evaluated.

use std::sync::Arc;

use chrono::TimeDelta;
use headroom_alerts::{AlertsConfig, Evaluator};
use headroom_control::Control;
use headroom_query::slo::SloSet;
use headroom_store::testing::{TestStore, counting_store as store};
use headroom_store::{Clock as _, ManualClock};

use crate::support::{TENANT, noon, spans};

/// A store of requests on a clock, and an evaluator.
pub(crate) struct World {
    pub(crate) store: TestStore,
    pub(crate) control: Control,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) evaluator: Evaluator,
}

impl World {
    pub(crate) async fn new(config: AlertsConfig, set: Arc<SloSet>) -> Self {
        let (store, control) = (store().await, Control::in_memory().unwrap());
        let clock = Arc::new(ManualClock::new(noon()));
        let evaluator = Evaluator::new(config, set, store.clone(), control.clone(), clock.clone(), TENANT);
        Self { store, control, clock, evaluator }
    }

    /// Requests for so many minutes, at the end of which (and a minute) it is now.
    pub(crate) async fn pass(&self, minutes: i64, rate: u32, bad: u32) {
        let from = self.clock.now() - TimeDelta::seconds(60);
        if rate > 0 {
            spans(&self.store, from, from + TimeDelta::minutes(minutes), rate, bad, 20).await;
        }
        self.clock.advance(TimeDelta::minutes(minutes));
    }

    pub(crate) async fn tick(&mut self) -> usize {
        let tick = self.evaluator.tick().await.unwrap();
        assert!(tick.failed.is_empty(), "{:?}", tick.failed);
        tick.transitions
    }
}
