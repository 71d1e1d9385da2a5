//! A delay and a section in series, with known figures.

use serde::Serialize;
use utoipa::ToSchema;

use crate::curve::figures::{figure, percent};
use crate::curve::knee::{Knee, KneeError, rate_at};
use crate::curve::queue::{QueueError, general_wait};

/// A delay in series with a section that takes some requests at a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Residence {
    delay: f64,
    service: f64,
    servers: u32,
    service_cv2: f64,
}

impl Residence {
    /// A residence of a mean `delay` and a section of mean `service`, in seconds, that takes `servers` requests at a
    /// time and whose times have the squared coefficient of variation `service_cv2`.
    pub fn new(delay: f64, service: f64, servers: u32, service_cv2: f64) -> Result<Self, QueueError> {
        if !(0.0..=1e12).contains(&delay) {
            return Err(QueueError::Input {
                name: "delay",
                value: delay,
                range: "in seconds, from 0 to 1e12",
            });
        }
        if !(0.0..=1e6).contains(&service_cv2) {
            return Err(QueueError::Input {
                name: "service_cv2",
                value: service_cv2,
                range: "from 0 (constant) over 1 (exponential) to 1e6",
            });
        }
        general_wait(servers, 0.0, service, 1.0, service_cv2)?;
        Ok(Self { delay, service, servers, service_cv2 })
    }

    /// D, the mean delay outside of the section, in seconds.
    pub fn delay(&self) -> f64 {
        self.delay
    }

    /// S, the mean time in the section, in seconds.
    pub fn service(&self) -> f64 {
        self.service
    }

    /// Mean response of a request that is alone, in seconds.
    pub fn idle(&self) -> f64 {
        self.delay + self.service
    }

    /// The rate at which the section saturates, in requests a second.
    pub fn capacity(&self) -> f64 {
        f64::from(self.servers) / self.service
    }

    /// Mean response at an arrival rate, in seconds.
    pub fn response(&self, arrival_rate: f64) -> Result<f64, QueueError> {
        general_wait(self.servers, arrival_rate, self.service, 1.0, self.service_cv2)
            .map(|wait| self.idle() + wait)
    }

    /// The arrival rate at which the mean response reaches a target in seconds.
    pub fn knee(&self, target: f64) -> Result<Knee, KneeError> {
        let throughput = self.rate(target, target, self.idle())?;
        Ok(self.knee_at(throughput, "the mean response", target, self.idle()))
    }

    /// The arrival rate at which a percentile reaches a target in seconds, if it is `idle_percentile` when nothing
    /// else runs and stretches as the mean does. Near saturation percentiles stretch more than the mean, so with a
    /// target of several times the idle percentile the knee is too high.
    pub fn knee_of_percentile(&self, idle_percentile: f64, target: f64) -> Result<Knee, KneeError> {
        if !(idle_percentile.is_finite() && idle_percentile > 0.0) {
            return Err(QueueError::Input {
                name: "idle_percentile",
                value: idle_percentile,
                range: "a number of seconds above 0",
            }
            .into());
        }
        let mean = self.idle() * (target / idle_percentile);
        let throughput = self.rate(mean, target, idle_percentile)?;
        Ok(self.knee_at(throughput, "the percentile", target, idle_percentile))
    }

    /// The rate for a mean response, with the figures that an error is to name.
    fn rate(&self, mean: f64, target: f64, idle: f64) -> Result<f64, KneeError> {
        rate_at(self.capacity(), self.idle(), mean, |rate| self.response(rate)).map_err(|error| match error {
            KneeError::BelowIdle { .. } => KneeError::BelowIdle { target, idle },
            KneeError::Queue(error) => error.into(),
        })
    }

    fn knee_at(&self, throughput: f64, what: &str, target: f64, idle: f64) -> Knee {
        let utilisation = throughput / self.capacity();
        let why = format!(
            "{what}, {} s when idle, reaches {} s at {} requests a second, with the serialised section {} busy; it saturates at {}",
            figure(idle),
            figure(target),
            figure(throughput),
            percent(utilisation),
            figure(self.capacity())
        );
        Knee { throughput, utilisation, why }
    }
}
