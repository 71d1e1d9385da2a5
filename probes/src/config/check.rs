//! What the types of the configuration cannot refuse.

use std::collections::HashSet;
use std::sync::Arc;

use headroom_calendar::{Calendar, CalendarError, Venue};
use url::Url;

use super::{ProbeConfig, StepConfig};
use crate::error::{Place, ProbesError, Result};
use crate::template::is_name;
use crate::variables::BUILTIN;

/// Most steps of a probe, most requests of one of its steps.
const MOST_STEPS: usize = 100;
const MOST_REQUESTS: u32 = 1_000;

type Fault = (&'static str, String);

/// Refuses probes that could not work: which key of which one, and what to do.
pub fn check(probes: &[ProbeConfig]) -> Result<()> {
    for (n, probe) in probes.iter().enumerate() {
        let at = |step, (key, problem): Fault| {
            let place = Place { probe: n, step, key };
            ProbesError::Config { place, problem }
        };
        if probes[..n].iter().any(|other| other.name == probe.name) {
            return Err(at(None, ("name", format!("the probe {:?} is there twice", probe.name))));
        }
        itself(probe).map_err(|fault| at(None, fault))?;
        let mut known = Known::of(probe);
        for (list, steps) in [("steps", &probe.steps), ("cleanup", &probe.cleanup)] {
            for (m, step) in steps.iter().enumerate() {
                known.take(probe, step).map_err(|fault| at(Some((list, m)), fault))?;
            }
        }
    }
    Ok(())
}

/// Refuses probes that name a venue which neither `calendar` nor anybody else knows.
pub fn check_venues(probes: &[ProbeConfig], calendar: &Calendar) -> Result<()> {
    let known = probes.iter().enumerate().filter_map(|(n, probe)| Some((n, probe.during.as_ref()?)));
    known.into_iter().try_for_each(|(n, mic)| {
        let place = Place { probe: n, step: None, key: "during" };
        let unknown = |error: CalendarError| ProbesError::Config { place, problem: error.to_string() };
        find(calendar, mic).map(drop).map_err(unknown)
    })
}

/// A venue as `calendar` has it, with the operator's overrides, or as it is built in.
pub fn venue(calendar: &Calendar, mic: &str) -> Option<Arc<Venue>> {
    find(calendar, mic).ok().map(Arc::new)
}

fn find(calendar: &Calendar, mic: &str) -> std::result::Result<Venue, CalendarError> {
    calendar.venue(mic).map_or_else(|| Venue::builtin(mic), |venue| Ok(venue.clone()))
}

fn itself(probe: &ProbeConfig) -> Result<(), Fault> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let named = |text: &str| (1..=63).contains(&text.len()) && text.chars().all(plain);
    let allowed = "allowed: 1 to 63 letters, digits, '-', '_' and '.'";
    for (key, text) in [("name", &probe.name), ("service", &probe.service)] {
        if !named(text) {
            return Err((key, format!("is {text:?}; {allowed}")));
        }
    }
    if probe.tenant.as_ref().is_some_and(|tenant| tenant.trim().is_empty()) {
        return Err(("tenant", "is empty: leave it out, or name a tenant".to_owned()));
    }
    if probe.every.get().as_secs() == 0 {
        return Err(("every", "must be at least 1s".to_owned()));
    }
    if probe.steps.is_empty() {
        return Err(("steps", "a probe needs at least one step".to_owned()));
    }
    if probe.steps.len() + probe.cleanup.len() > MOST_STEPS {
        return Err(("steps", format!("a probe has at most {MOST_STEPS} steps")));
    }
    let own = probe.variables.keys().map(|name| ("variables", name));
    let own: Vec<_> = own.chain(probe.secrets.keys().map(|name| ("secrets", name))).collect();
    for (n, (key, name)) in own.iter().enumerate() {
        variable(name, own[..n].iter().any(|(_, other)| other == name)).map_err(|why| (*key, why))?;
    }
    Ok(())
}

fn variable(name: &str, taken: bool) -> Result<(), String> {
    if !is_name(name) {
        return Err(format!(
            "{name:?} is no name of a variable; allowed: letters, digits and '_', not a digit first"
        ));
    }
    if taken || BUILTIN.contains(&name) {
        return Err(format!("the variable {name:?} is there already: give this one another name"));
    }
    Ok(())
}

/// What is known when a step is taken.
struct Known<'a> {
    steps: HashSet<&'a str>,
    variables: HashSet<&'a str>,
    secrets: HashSet<&'a str>,
}

impl<'a> Known<'a> {
    fn of(probe: &'a ProbeConfig) -> Self {
        let variables = probe.variables.keys().chain(probe.secrets.keys()).map(String::as_str);
        Self {
            steps: HashSet::new(),
            variables: variables.chain(BUILTIN).collect(),
            secrets: probe.secrets.keys().map(String::as_str).collect(),
        }
    }

    fn take(&mut self, probe: &ProbeConfig, step: &'a StepConfig) -> Result<(), Fault> {
        let plain = |c: char| !c.is_control();
        if step.name.trim().is_empty() || step.name.len() > 63 || !step.name.chars().all(plain) {
            return Err(("name", format!("is {:?}; allowed: 1 to 63 characters", step.name)));
        }
        if !self.steps.insert(&step.name) {
            return Err(("name", format!("the step {:?} is there twice", step.name)));
        }
        for (key, hole) in step.needs() {
            if !self.variables.contains(hole) {
                let mut known: Vec<&str> = self.variables.iter().copied().collect();
                known.sort_unstable();
                let why = format!("{{{{{hole}}}}} is not known here; known: {}", known.join(", "));
                return Err((key, why));
            }
        }
        let url = trial(probe, step)?;
        let secret =
            step.sent().iter().any(|(_, template)| template.holes().any(|hole| self.secrets.contains(hole)));
        if secret && url.scheme() == "http" && probe.allow_networks.is_empty() {
            let why =
                "a secret would be sent in clear: use an https:// url (http:// only with allow_networks)";
            return Err(("url", why.to_owned()));
        }
        if step.json.is_some() && step.text.is_some() {
            return Err(("text", "give either json or text".to_owned()));
        }
        if let Some(repeat) = &step.repeat {
            if repeat.until.is_empty() {
                return Err(("repeat", "until names nothing to wait for".to_owned()));
            }
            if !(2..=MOST_REQUESTS).contains(&repeat.at_most) {
                return Err(("repeat", format!("at_most must lie between 2 and {MOST_REQUESTS}")));
            }
        }
        for (name, extract) in &step.extract {
            variable(name, self.variables.contains(name.as_str())).map_err(|why| ("extract", why))?;
            self.variables.insert(name);
            if extract.secret {
                self.secrets.insert(name);
            }
        }
        Ok(())
    }
}

/// The URL of a step, with some value in each hole that is filled later.
fn trial(probe: &ProbeConfig, step: &StepConfig) -> Result<Url, Fault> {
    let text = step.url.filled(|hole| probe.variables.get(hole).cloned().unwrap_or_else(|| "1".to_owned()));
    let wrong = || ("url", format!("{} is not a URL: write it as https://host/path", step.url));
    let url: Url = text.parse().map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(("url", "holds a name or a password: send them in a header, from secrets".to_owned()));
    }
    Ok(url)
}
