//! Messages before and after each step of a plan that is acted on, put into the outbox when their time comes.
//!
//! What a step's messages say is made by `headroom_scaler::notice`; signing, sending and trying again are of whoever
//! works the outbox off. A plan is made anew each minute, and every time a little otherwise. So a step is told once, and
//! again only when it has grown by more than a tenth, or moved by more than the time until its replicas serve. What was
//! told is read from the outbox: a program that was started again goes on where it stopped. What waits for a step that is
//! planned no more is withdrawn.

mod told;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::{Control, Delivery, DeliveryState, Form, NewMessage};
use headroom_scaler::notice::{Notice, Timing, notices};

use crate::board::PlanBoard;
use crate::config::NoticesConfig;
use crate::error::Result;
use crate::plan::Mode;
use told::Told;

/// How long what was told is remembered.
const REMEMBERED: TimeDelta = TimeDelta::days(2);

/// Queues messages about steps.
#[derive(Debug)]
pub(crate) struct Notices {
    channels: Vec<String>,
    timing: Timing,
    /// How long before its first message is due a step's messages are queued, so that none is due between two runs.
    reach: TimeDelta,
    control: Control,
}

impl Notices {
    pub(crate) fn new(config: &NoticesConfig, interval: Duration, control: Control) -> Self {
        let reach = TimeDelta::from_std(interval * 2).unwrap_or(TimeDelta::days(1));
        Self { channels: config.channels.clone(), timing: config.timing(), reach, control }
    }

    /// Queues the messages of a service's steps from `from` on that come into reach and are not told yet, and withdraws
    /// those of steps that are planned no more. `running` replicas were planned before, if any were.
    pub(crate) fn queue(
        &self,
        board: &PlanBoard,
        service: &str,
        running: Option<u32>,
        from: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let Some(capacity) = board.capacity(service).filter(|capacity| capacity.mode == Mode::Act) else {
            return Ok(());
        };
        if self.channels.is_empty() {
            return Ok(());
        }
        let steps = board.steps_from(service, from);
        let Some(running) = running.or_else(|| steps.first().map(|step| step.replicas)) else {
            return Ok(());
        };
        let queued = self.control.queued("scale_", now - REMEMBERED)?;
        let queued: Vec<(Told, Delivery)> =
            queued.into_iter().filter_map(|one| Some((Told::of(service, &one)?, one))).collect();
        let told: BTreeSet<Told> = queued.iter().map(|(told, _)| *told).collect();
        let taken = told.iter().filter(|told| told.at <= from);
        let before = told::known(running, taken.clone().next_back());
        let moved = TimeDelta::seconds(capacity.ready_seconds().into());

        let mut standing: BTreeSet<Told> = taken.copied().collect();
        let mut messages: Vec<NewMessage> = Vec::new();
        for change in told::changes(before, &steps, moved) {
            if let Some(same) = told.iter().rev().find(|told| change.is(told, moved)) {
                standing.insert(*same);
                continue;
            }
            let steps = std::slice::from_ref(&change.step);
            let made = notices(service, capacity.quantile(), change.from, steps, self.timing);
            if made.iter().any(|notice| notice.due <= now + self.reach) {
                messages.extend(made.iter().flat_map(|notice| self.each(notice)));
            }
        }
        let waiting = queued.iter().filter(|(_, message)| message.state == DeliveryState::Pending);
        for (_, message) in waiting.filter(|(told, _)| !standing.contains(told)) {
            self.control.withdraw(message.id, "the step is planned no more, or otherwise", now)?;
        }
        self.control.enqueue(&messages, now)?;
        Ok(())
    }

    /// A message to each channel.
    fn each(&self, notice: &Notice) -> impl Iterator<Item = NewMessage> {
        // The messages of one step are a group: the one after it is not sent before the one before it.
        let group = notice.id.rsplit_once('_').map_or(notice.id.as_str(), |(step, _)| step);
        self.channels.iter().map(move |channel| NewMessage {
            group: group.to_owned(),
            channel: channel.clone(),
            dedup_key: format!("{}_{channel}", notice.id),
            form: Form::Body,
            body: notice.body.clone(),
            due: notice.due,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::body::{PlanBody, PlanStep, ServicePlan};
    use crate::config::ModelsConfig;
    use crate::plan::ServiceCapacity;
    use std::sync::Arc;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-12-09T{text}Z").parse().unwrap()
    }

    /// A board on which `steps` are posted.
    fn board(mode: Mode, steps: &[(&str, u32)]) -> PlanBoard {
        let capacity = ServiceCapacity { mode, ..ServiceCapacity::per_replica(100.0) };
        let services = [("gateway".to_owned(), capacity)].into();
        let board = PlanBoard::new(Arc::new(ModelsConfig { services, ..ModelsConfig::default() }));
        let steps = steps.iter().map(|(ts, replicas)| PlanStep {
            ts: at(ts),
            replicas: *replicas,
            reactive: 1,
            reason: "NYSE opens".to_owned(),
            mode: Some(mode),
        });
        board.restore(&PlanBody {
            made_at: Some(at("14:00:00")),
            services: vec![ServicePlan {
                service: "gateway".to_owned(),
                steps: steps.collect(),
                capacity_per_replica: None,
                lead_seconds: None,
                quantile: None,
            }],
        });
        board
    }

    fn notices_of(control: &Control) -> Notices {
        let config = NoticesConfig { channels: vec!["deploys".to_owned()], ..NoticesConfig::default() };
        Notices::new(&config, Duration::from_mins(1), control.clone())
    }

    fn queue(control: &Control, board: &PlanBoard, now: &str) -> Vec<String> {
        notices_of(control)
            .queue(board, "gateway", board.in_force("gateway", at(now)), at(now), at(now))
            .unwrap();
        let queued = control.queued("scale_", at("00:00:00")).unwrap();
        let waiting = queued.iter().filter(|one| one.state == DeliveryState::Pending);
        waiting.map(|one| format!("{} {}", one.due_at.format("%H:%M:%S"), one.dedup_key)).collect()
    }

    #[test]
    fn both_messages_of_a_step_are_queued_once_when_it_comes_into_reach() {
        let control = Control::in_memory().unwrap();
        let open = board(Mode::Act, &[("14:00:00", 3), ("14:15:00", 12)]);
        assert!(queue(&control, &open, "14:07:00").is_empty(), "due at 14:10, more than two runs ahead");
        let both = queue(&control, &open, "14:08:00");
        insta::assert_snapshot!(both.join("\n"), @r"
        14:10:00 scale_gateway_20261209T141500Z_3_12_before_deploys
        14:20:00 scale_gateway_20261209T141500Z_3_12_after_deploys
        ");
        assert_eq!(
            queue(&control, &open, "14:09:00"),
            both,
            "another run, or a program that was started again"
        );
        assert_eq!(
            queue(&control, &open, "14:16:00"),
            both,
            "the step was taken: the message after it stays"
        );
    }

    #[test]
    fn what_waits_for_a_step_that_is_planned_no_more_is_withdrawn() {
        let control = Control::in_memory().unwrap();
        queue(&control, &board(Mode::Act, &[("14:00:00", 3), ("14:15:00", 12)]), "14:09:00");
        let anew = queue(&control, &board(Mode::Act, &[("14:00:00", 3), ("14:15:00", 14)]), "14:10:00");
        assert!(anew.len() == 2 && anew.iter().all(|one| one.contains("_3_14_")), "{anew:?}");
        assert!(queue(&control, &board(Mode::Act, &[("14:00:00", 3)]), "14:11:00").is_empty());
    }

    #[test]
    fn a_step_that_trembles_is_told_once_and_again_when_it_grows_or_moves() {
        let control = Control::in_memory().unwrap();
        let told = |now: &str, step: (&str, u32)| {
            queue(&control, &board(Mode::Act, &[("14:00:00", 3), step]), now);
            let queued = control.queued("scale_", at("00:00:00")).unwrap();
            let newest = queued.iter().rfind(|one| one.dedup_key.contains("_before_")).unwrap();
            newest.dedup_key["scale_gateway_20261209T".len()..].replace("_before_deploys", "")
        };
        assert_eq!(told("14:08:00", ("14:15:00", 20)), "141500Z_3_20");
        control.lease(at("14:10:00"), TimeDelta::minutes(1)).unwrap();
        for (now, step) in [
            ("14:11:00", ("14:15:00", 21)),
            ("14:12:00", ("14:17:00", 22)),
            ("14:13:00", ("14:14:00", 12)),
            ("14:14:00", ("14:15:00", 20)),
        ] {
            assert_eq!(told(now, step), "141500Z_3_20", "{step:?}");
        }
        assert_eq!(told("14:14:00", ("14:15:00", 26)), "141500Z_3_26", "larger");
        assert_eq!(told("14:14:00", ("14:19:00", 26)), "141900Z_3_26", "later");
        assert_eq!(told("14:15:00", ("14:19:30", 27)), "141900Z_3_26", "what was told is in the outbox");
    }

    #[test]
    fn nothing_is_told_of_a_plan_that_is_only_shown() {
        let control = Control::in_memory().unwrap();
        let shown = board(Mode::Shadow, &[("14:00:00", 3), ("14:15:00", 12)]);
        assert!(queue(&control, &shown, "14:14:00").is_empty());
    }
}
