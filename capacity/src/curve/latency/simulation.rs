//! A discrete-event simulation of requests that meet a delay and a section, for the tests.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};

use super::Minute;
use crate::curve::resample::generator;

/// How the time in the section spreads around its mean.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hold {
    Constant,
    Exponential,
    /// With this squared coefficient of variation.
    Lognormal(f64),
}

/// A system and the hour it is watched for.
#[derive(Debug, Clone, Copy)]
pub(super) struct System {
    /// Requests a second that saturate the section.
    pub(super) capacity: f64,
    /// Delay over time in the section.
    pub(super) delays: f64,
    pub(super) hold: Hold,
    pub(super) servers: u32,
    /// Minutes.
    pub(super) minutes: usize,
    /// Utilisation of the first and the last minute.
    pub(super) ramp: [f64; 2],
}

impl System {
    pub(super) fn new(capacity: f64, delays: f64, hold: Hold) -> Self {
        Self { capacity, delays, hold, servers: 1, minutes: 60, ramp: [0.1, 0.4] }
    }

    /// Runs the requests one by one in the order of their arrival at the section.
    pub(super) fn watch(&self, seed: u64) -> Vec<Minute> {
        let mut rng = generator(seed);
        let service = f64::from(self.servers) / self.capacity;
        // When each server is free.
        let mut free = vec![0.0_f64; self.servers as usize];
        let mut clock = 0.0;
        (0..self.minutes)
            .map(|minute| {
                let along = minute as f64 / (self.minutes - 1) as f64;
                let rate = self.capacity * (self.ramp[0] + along * (self.ramp[1] - self.ramp[0]));
                let (mut count, mut total) = (0_u64, 0.0);
                loop {
                    let gap: f64 = Exp1.sample(&mut rng);
                    clock += gap / rate;
                    if clock >= 60.0 * (minute + 1) as f64 {
                        // Poisson arrivals forget: the next minute draws its own.
                        clock = 60.0 * (minute + 1) as f64;
                        break;
                    }
                    let next = free.iter_mut().min_by(|a, b| a.total_cmp(b));
                    let Some(next) = next else { break };
                    let done = next.max(clock) + service * self.hold.draw(&mut rng);
                    *next = done;
                    count += 1;
                    total += done - clock + service * self.delays * lognormal(0.5, &mut rng);
                }
                let requests = count.max(1);
                Minute {
                    arrival_rate: count as f64 / 60.0,
                    response: total / requests as f64,
                    requests: count,
                }
            })
            .collect()
    }
}

impl Hold {
    /// With mean 1.
    fn draw(self, rng: &mut ChaCha8Rng) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Exponential => Exp1.sample(rng),
            Self::Lognormal(cv2) => lognormal(cv2.ln_1p().sqrt(), rng),
        }
    }
}

/// With mean 1.
fn lognormal(sigma: f64, rng: &mut impl Rng) -> f64 {
    let normal: f64 = StandardNormal.sample(rng);
    (sigma * normal - 0.5 * sigma * sigma).exp()
}
