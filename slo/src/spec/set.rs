//! From documents to objectives: references resolved, figures checked.

use std::collections::BTreeMap;

use super::document::{Document, Kind, read_file};
use super::duration::window_seconds;
use super::indicator::{DataSources, Measurable, Threshold, indicator};
use super::node::{Node, SpecError, SpecErrors};
use super::{Indicator, Kept, Method, Service, Slo, SloSet, Window};

impl SloSet {
    /// Reads files of OpenSLO v1 documents, given as name and text. Documents may
    /// refer to one another across files. Fails with every problem found.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, SpecErrors> {
        let mut errors = Vec::new();
        let mut documents = Vec::new();
        for (file, text) in files {
            documents.extend(read_file(file, text, &mut errors));
        }
        let mut seen: BTreeMap<(&str, &str), (&str, usize)> = BTreeMap::new();
        for doc in &documents {
            let place = (doc.root.file.as_str(), doc.root.document);
            if let Some((file, number)) = seen.insert((doc.kind.word(), &doc.name), place) {
                let problem = format!(
                    "there is another {} named {:?} in {file}, document {number}",
                    doc.kind.word(),
                    doc.name
                );
                errors.push(doc.root.error_in("metadata.name", problem));
            }
        }
        let context = Context::new(&documents);
        let mut set = Self::default();
        for doc in &documents {
            match doc.kind {
                Kind::Slo => match context.objectives(doc) {
                    Ok(slos) => set.slos.extend(slos),
                    Err(error) => errors.push(error),
                },
                Kind::Sli => {
                    if let Err(error) = context.check_sli(doc) {
                        errors.push(error);
                    }
                }
                Kind::Service => {
                    set.services
                        .push(Service { name: doc.name.clone(), display_name: doc.display_name.clone() });
                }
                Kind::DataSource
                | Kind::AlertPolicy
                | Kind::AlertCondition
                | Kind::AlertNotificationTarget => {
                    set.kept.push(Kept {
                        kind: doc.kind.word().to_owned(),
                        name: doc.name.clone(),
                        yaml: doc.yaml(),
                    });
                }
            }
        }
        if errors.is_empty() { Ok(set) } else { Err(SpecErrors(errors)) }
    }
}

struct Context<'a> {
    slis: BTreeMap<&'a str, &'a Document>,
    sources: DataSources,
}

impl<'a> Context<'a> {
    fn new(documents: &'a [Document]) -> Self {
        let of = |kind: Kind| documents.iter().filter(move |doc| doc.kind == kind);
        let source = |doc: &Document| Some((doc.name.clone(), doc.spec.text_of("type").ok()??));
        Self {
            slis: of(Kind::Sli).map(|doc| (doc.name.as_str(), doc)).collect(),
            sources: of(Kind::DataSource).filter_map(source).collect(),
        }
    }

    /// An SLI nobody refers to is checked all the same; its threshold is not known here.
    fn check_sli(&self, doc: &Document) -> Result<(), SpecError> {
        let any = Threshold { low_is_good: true, value: 1.0 };
        indicator(&doc.spec, "", Some(any), &self.sources).map(drop)
    }

    fn objectives(&self, doc: &Document) -> Result<Vec<Slo>, SpecError> {
        let spec = &doc.spec;
        spec.only(&[
            "description",
            "service",
            "indicator",
            "indicatorRef",
            "timeWindow",
            "budgetingMethod",
            "objectives",
            "alertPolicies",
        ])?;
        let service = spec.need("service")?.text()?;
        let (window, window_reason) = window(spec)?;
        let list = spec.need("objectives")?.list()?;
        if list.is_empty() || list.len() > 255 {
            return Err(spec.error_in("objectives", "must have 1 to 255 entries"));
        }
        let mut slos = Vec::new();
        for (n, objective) in list.iter().enumerate() {
            objective.only(&[
                "displayName",
                "op",
                "value",
                "target",
                "targetPercent",
                "timeSliceTarget",
                "timeSliceWindow",
                "indicator",
                "indicatorRef",
                "compositeWeight",
            ])?;
            let (method, method_reason) = method(spec, objective)?;
            let measured = self.indicator_of(spec, objective, &service)?;
            let composite = objective.get("compositeWeight").map(|_| {
                "it is part of a composite (compositeWeight), and headroom does not weigh objectives together".to_owned()
            });
            let reason = window_reason.clone().or(method_reason).or(composite);
            let indicator = reason.map_or(measured, Err);
            slos.push(Slo {
                id: if n == 0 { doc.name.clone() } else { format!("{}.{}", doc.name, n + 1) },
                objective_index: n as u8,
                display_name: objective.text_of("displayName")?.unwrap_or_else(|| doc.display_name.clone()),
                description: spec.text_of("description")?.unwrap_or_default(),
                service: service.clone(),
                target: target(objective)?,
                window: window.clone(),
                method,
                generation: generation(&indicator),
                indicator,
                definition: doc.yaml(),
            });
        }
        Ok(slos)
    }

    fn indicator_of(
        &self,
        spec: &Node,
        objective: &Node,
        service: &str,
    ) -> Result<Measurable<Indicator>, SpecError> {
        let threshold = threshold(objective)?;
        let own = objective.get("indicator").is_some() || objective.get("indicatorRef").is_some();
        let holder = if own { objective } else { spec };
        match (holder.get("indicator"), holder.get("indicatorRef")) {
            (Some(inline), None) => {
                inline.only(&["metadata", "spec"])?;
                indicator(&inline.need("spec")?, service, threshold, &self.sources)
            }
            (None, Some(reference)) => {
                let name = reference.text()?;
                let Some(sli) = self.slis.get(name.as_str()) else {
                    let known: Vec<&str> = self.slis.keys().copied().collect();
                    return Err(reference
                        .error(format!("there is no SLI named {name:?}; known: {}", known.join(", "))));
                };
                indicator(&sli.spec, service, threshold, &self.sources)
            }
            _ => Err(holder.error("must have exactly one of indicator, indicatorRef")),
        }
    }
}

fn target(objective: &Node) -> Result<f64, SpecError> {
    let (node, value) = match (objective.get("target"), objective.get("targetPercent")) {
        (Some(node), None) => (node.clone(), node.number()?),
        (None, Some(node)) => (node.clone(), node.number()? / 100.0),
        _ => return Err(objective.error("must have exactly one of target, targetPercent")),
    };
    if (0.0..1.0).contains(&value) {
        Ok(value)
    } else {
        Err(node.error("must be at least 0 and below 1 (target) or below 100 (targetPercent): a target of 100 % leaves no budget"))
    }
}

fn threshold(objective: &Node) -> Result<Option<Threshold>, SpecError> {
    let op = objective
        .get("op")
        .map(|op| op.word(&[("lte", true), ("lt", true), ("gte", false), ("gt", false)]))
        .transpose()?;
    let value = objective.get("value").map(|value| value.number()).transpose()?;
    match (op, value) {
        (Some(low_is_good), Some(value)) => Ok(Some(Threshold { low_is_good, value })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(objective.error_in("value", "is required beside op")),
        (None, Some(_)) => {
            Err(objective.error_in("op", "is required beside value; allowed: lte, lt, gte, gt"))
        }
    }
}

fn window(spec: &Node) -> Result<(Window, Option<String>), SpecError> {
    let list = spec.need("timeWindow")?.list()?;
    let [node] = list.as_slice() else {
        return Err(spec.error_in("timeWindow", "must have exactly one entry"));
    };
    node.only(&["duration", "isRolling", "calendar"])?;
    let duration = node.need("duration")?;
    let text = duration.text()?;
    let seconds = window_seconds(&text).map_err(|problem| duration.error(problem))?;
    let rolling = match node.get("isRolling") {
        None => node.get("calendar").is_none(),
        Some(flag) => flag.value.as_bool().ok_or_else(|| flag.error("must be true or false"))?,
    };
    let reason = if !rolling || node.get("calendar").is_some() {
        Some(format!(
            "its window of {text} is aligned to the calendar, and headroom computes rolling windows; use isRolling: true"
        ))
    } else {
        match seconds {
            None => Some(format!("a rolling window of {text} has no fixed length; use m, h, d or w")),
            Some(s) if s < 3_600 => Some(format!(
                "its window of {text} is shorter than an hour, too short for slices of a minute"
            )),
            Some(s) if s > 400 * 86_400 => {
                Some(format!("its window of {text} is longer than the 400 days that slices are kept"))
            }
            Some(_) => None,
        }
    };
    Ok((Window { text, seconds: seconds.unwrap_or(0) }, reason))
}

fn method(spec: &Node, objective: &Node) -> Result<(Method, Option<String>), SpecError> {
    let seconds = match objective.get("timeSliceWindow") {
        None => 60,
        Some(node) if node.value.is_number() => (node.number()? * 60.0).round() as i64,
        Some(node) => window_seconds(&node.text()?).map_err(|problem| node.error(problem))?.unwrap_or(0),
    };
    let reason = (seconds < 60 || seconds % 60 != 0)
        .then(|| "its time slices are not whole minutes, and headroom measures by the minute".to_owned());
    let share = |node: Node| {
        let value = node.number()?;
        if value > 0.0 && value <= 1.0 { Ok(value) } else { Err(node.error("must be above 0 and at most 1")) }
    };
    let word = spec.need("budgetingMethod")?.word(&[
        ("Occurrences", 0),
        ("Timeslices", 1),
        ("RatioTimeslices", 2),
    ])?;
    Ok(match word {
        0 => (Method::Occurrences, None),
        1 => (Method::Timeslices { target: share(objective.need("timeSliceTarget")?)?, seconds }, reason),
        _ => (Method::RatioTimeslices { seconds }, reason),
    })
}

/// FNV-1a (64 bits) of the indicator: the same in every build and on every machine.
fn generation(indicator: &Result<Indicator, String>) -> String {
    let Ok(indicator) = indicator else { return String::new() };
    let canonical = format!("{indicator:?}");
    let hash = canonical.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
