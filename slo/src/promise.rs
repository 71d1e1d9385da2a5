//! What is promised: one objective, or several of a journey weighed together.

use crate::composite::{self, Composite};
use crate::policy::AlertPolicy;
use crate::spec::{Slo, SloSet};
use crate::window::Window;

/// An objective that stands by itself, or a composite.
#[derive(Debug, Clone)]
pub enum Promise<'a> {
    /// One objective.
    One(&'a Slo),
    /// Several weighed together, with their weights.
    Whole(&'a Composite, Vec<(f64, &'a Slo)>),
}

impl SloSet {
    /// All promises in the order of the files; the parts of a composite follow it.
    pub fn promises(&self) -> Vec<Promise<'_>> {
        let mut all = Vec::new();
        for slo in &self.slos {
            let begins =
                |composite: &&Composite| composite.parts.first().is_some_and(|part| part.slo == slo.id);
            all.extend(self.composites.iter().find(begins).map(|composite| self.whole(composite)));
            all.push(Promise::One(slo));
        }
        all
    }

    /// The promise of a name.
    pub fn promise(&self, name: &str) -> Option<Promise<'_>> {
        let whole = || self.composite(name).map(|composite| self.whole(composite));
        self.get(name).map(Promise::One).or_else(whole)
    }

    /// The composite that an objective is a part of.
    pub fn whole_of(&self, id: &str) -> Option<&Composite> {
        self.composites.iter().find(|composite| composite.parts.iter().any(|part| part.slo == id))
    }

    fn whole<'a>(&'a self, composite: &'a Composite) -> Promise<'a> {
        let parts = composite.parts.iter().filter_map(|part| Some((part.weight, self.get(&part.slo)?)));
        Promise::Whole(composite, parts.collect())
    }

    /// The policies of a promise that are in the files.
    pub fn policies_of(&self, promise: &Promise<'_>) -> Vec<&AlertPolicy> {
        let named = |name: &String| self.policies.iter().find(|policy| policy.name == *name);
        promise.policies().iter().filter_map(named).collect()
    }
}

impl<'a> Promise<'a> {
    /// Its name in addresses and alerts.
    pub fn id(&self) -> &'a str {
        match self {
            Self::One(slo) => &slo.id,
            Self::Whole(composite, _) => &composite.id,
        }
    }

    /// The name people read.
    pub fn display_name(&self) -> &'a str {
        match self {
            Self::One(slo) => &slo.display_name,
            Self::Whole(composite, _) => &composite.display_name,
        }
    }

    /// The service it is promised for.
    pub fn service(&self) -> &'a str {
        match self {
            Self::One(slo) => &slo.service,
            Self::Whole(composite, _) => &composite.service,
        }
    }

    /// Its window.
    pub fn window(&self) -> &'a Window {
        match self {
            Self::One(slo) => &slo.window,
            Self::Whole(composite, _) => &composite.window,
        }
    }

    /// The address of what to do when it burns.
    pub fn runbook(&self) -> Option<&'a str> {
        match self {
            Self::One(slo) => slo.runbook.as_deref(),
            Self::Whole(composite, _) => composite.runbook.as_deref(),
        }
    }

    /// Names of the policies that its burn is held against, beside the rules.
    pub fn policies(&self) -> &'a [String] {
        match self {
            Self::One(slo) => &slo.policies,
            Self::Whole(composite, _) => &composite.policies,
        }
    }

    /// The document it came from, as it stands in the file.
    pub fn definition(&self) -> &'a str {
        match self {
            Self::One(slo) => &slo.definition,
            Self::Whole(composite, _) => &composite.definition,
        }
    }

    /// The share that must be good; of a composite by the weights of its parts.
    pub fn target(&self) -> f64 {
        match self {
            Self::One(slo) => slo.target,
            Self::Whole(_, parts) => composite::target(parts),
        }
    }

    /// The objectives it is made of: itself, or its parts.
    pub fn objectives(&self) -> Vec<&'a Slo> {
        match self {
            Self::One(slo) => vec![slo],
            Self::Whole(_, parts) => parts.iter().map(|(_, slo)| *slo).collect(),
        }
    }

    /// Why it cannot be computed, if it cannot: its own reason or that of a part.
    pub fn unavailable(&self) -> Option<String> {
        match self {
            Self::One(slo) => slo.indicator.as_ref().err().cloned(),
            Self::Whole(_, parts) => parts.iter().find_map(|(_, slo)| {
                slo.indicator.as_ref().err().map(|reason| format!("{}: {reason}", slo.display_name))
            }),
        }
    }
}
