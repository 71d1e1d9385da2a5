//! From documents to objectives: references resolved, figures read.

use std::cell::RefCell;
use std::collections::BTreeMap;

use headroom_calendar::Venue;

use super::annotations::{Annotations, annotations};
use super::document::{Document, Kind, Source, read_file};
use super::indicator::{DataSources, Measurable, Threshold, indicator};
use super::metric::{MetricGood, Op};
use super::node::{Node, SpecError, SpecErrors};
use super::policies::Objects;
use super::terms::{figure, method, shown, target, threshold, window};
use super::{Indicator, Kept, Method, Service, Slo, SloSet, openslo};
use crate::composite::{Composite, Part};
use crate::lint::Findings;

impl SloSet {
    /// Reads files of OpenSLO v1 documents, given as name and text. Documents may
    /// refer to one another across files. Fails with every fault found.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, SpecErrors> {
        Self::parse_with(files, &[])
    }

    /// As [`SloSet::parse`], for objectives that count only while one of these venues trades; they stand
    /// before the built-in ones.
    pub fn parse_with<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        venues: &[Venue],
    ) -> Result<Self, SpecErrors> {
        let (set, findings) = read(files, venues);
        if findings.faults.is_empty() { Ok(set) } else { Err(SpecErrors(findings.faults)) }
    }
}

/// Reads as much as can be read, and tells what is wrong and what cannot be computed.
pub(crate) fn read<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
    venues: &[Venue],
) -> (SloSet, Findings) {
    let faults = RefCell::new(Vec::new());
    let sources: Vec<Source<'_>> =
        files.into_iter().flat_map(|(file, text)| read_file(file, text, &faults)).collect();
    let mut documents = Vec::new();
    let mut sound = Vec::new();
    for source in &sources {
        let before = faults.borrow().len();
        if let Some(document) = source.document(&faults) {
            documents.push(document);
            sound.push(faults.borrow().len() == before);
        }
    }
    told_twice(&documents);
    let context = Context::new(&documents);
    let mut set = SloSet::default();
    let mut notes = Vec::new();
    for (doc, _) in documents.iter().zip(&sound).filter(|(_, sound)| **sound) {
        match doc.kind {
            Kind::Slo => context.add_slo(doc, &annotations(doc, venues), &mut set, &mut notes),
            Kind::Sli => notes.extend(context.note_of_sli(doc)),
            Kind::Service => {
                set.services.push(Service { name: doc.name.clone(), display_name: doc.display_name.clone() });
            }
            Kind::AlertPolicy => {
                set.policies.extend(context.objects.policy(&doc.name, &doc.spec, &mut notes));
            }
            Kind::DataSource | Kind::AlertCondition | Kind::AlertNotificationTarget => {}
        }
        if !matches!(doc.kind, Kind::Slo | Kind::Sli | Kind::Service) {
            set.kept.push(Kept {
                kind: doc.kind.word().to_owned(),
                name: doc.name.clone(),
                yaml: doc.text.to_owned(),
            });
        }
    }
    let files: Vec<&str> = sources.iter().map(|source| source.file).collect();
    let faults = faults.borrow().clone();
    (set, Findings::new(&files, faults, notes))
}

/// Gathers names that two documents of one kind have.
fn told_twice(documents: &[Document<'_>]) {
    let mut seen: BTreeMap<(&str, &str), &Node<'_>> = BTreeMap::new();
    for doc in documents {
        if let Some(first) = seen.insert((doc.kind.word(), &doc.name), &doc.root) {
            let problem = format!(
                "there is another {} named {:?} at {}:{}",
                doc.kind.word(),
                doc.name,
                first.file,
                first.place.line
            );
            doc.root.get("metadata").unwrap_or_else(|| doc.root.clone()).fault_in("name", problem);
        }
    }
}

struct Context<'a> {
    slis: BTreeMap<&'a str, &'a Document<'a>>,
    sources: DataSources,
    objects: Objects<'a>,
}

impl<'a> Context<'a> {
    fn new(documents: &'a [Document<'a>]) -> Self {
        let of = |kind: Kind| documents.iter().filter(move |doc| doc.kind == kind);
        let source = |doc: &Document<'_>| Some((doc.name.clone(), doc.spec.text_of("type").ok()??));
        Self {
            slis: of(Kind::Sli).map(|doc| (doc.name.as_str(), doc)).collect(),
            sources: of(Kind::DataSource).filter_map(source).collect(),
            objects: Objects::new(documents),
        }
    }

    /// An SLI nobody refers to is read all the same; its threshold is not known here.
    fn note_of_sli(&self, doc: &Document<'_>) -> Option<SpecError> {
        let any = Threshold { op: Op::Lte, value: 1.0 };
        indicator(&doc.spec, "", Some(any), &self.sources)?.err()
    }

    /// Adds the objectives of a well-formed document; those of which faults were gathered are missing.
    fn add_slo(&self, doc: &Document<'_>, own: &Annotations, set: &mut SloSet, notes: &mut Vec<SpecError>) {
        let spec = &doc.spec;
        let (window, window_note) = window(spec);
        let (policies, inline) = self.objects.of_slo(spec, notes);
        set.policies.extend(inline);
        let list = spec.get("objectives").and_then(|list| list.list().ok()).unwrap_or_default();
        let has_own = |node: &Node<'_>| node.has("indicator") || node.has("indicatorRef");
        let is_composite = list.iter().any(has_own);
        let mut parts = Vec::new();
        for (n, objective) in list.iter().enumerate() {
            let service = shown(spec, "service").unwrap_or_default();
            let (method, method_note) = method(spec, objective);
            let Some(measured) = self.indicator_of(spec, objective, &service) else { continue };
            let method = of_what(&measured, method);
            let whole = [name_note(doc), own.note.clone(), window_note.clone(), method_note];
            let reasons: Vec<SpecError> =
                whole.into_iter().flatten().chain(measured.as_ref().err().cloned()).collect();
            let indicator = match reasons.first() {
                Some(note) => Err(format!("{} {}", note.path, note.problem)),
                None => measured.map_err(|note| note.problem),
            };
            notes.extend(reasons);
            let id =
                if n == 0 && !is_composite { doc.name.clone() } else { format!("{}.{}", doc.name, n + 1) };
            if let Some(weight) = objective.get("compositeWeight").filter(|_| !is_composite) {
                notes.push(weight.error("weighs nothing: give each objective an indicator of its own"));
            }
            parts.push(Part { slo: id.clone(), weight: figure(objective, "compositeWeight").unwrap_or(1.0) });
            set.slos.push(Slo {
                id,
                objective_index: n as u8,
                display_name: shown(objective, "displayName").unwrap_or_else(|| doc.display_name.clone()),
                description: shown(spec, "description").unwrap_or_default(),
                service,
                target: target(objective),
                window: window.clone(),
                method,
                generation: generation(&indicator),
                indicator,
                counting: own.counting.clone(),
                policies: policies.clone(),
                runbook: own.runbook.clone(),
                definition: doc.text.to_owned(),
            });
        }
        if is_composite {
            set.composites.push(Composite {
                id: doc.name.clone(),
                display_name: doc.display_name.clone(),
                description: shown(spec, "description").unwrap_or_default(),
                service: shown(spec, "service").unwrap_or_default(),
                window,
                parts,
                policies,
                runbook: own.runbook.clone(),
                definition: doc.text.to_owned(),
            });
        }
    }

    fn indicator_of(
        &self,
        spec: &Node<'_>,
        objective: &Node<'_>,
        service: &str,
    ) -> Option<Measurable<Indicator>> {
        let threshold = threshold(objective);
        let own = objective.has("indicator") || objective.has("indicatorRef");
        let holder = if own { objective } else { spec };
        if let Some(inline) = holder.get("indicator") {
            return indicator(&inline.get("spec")?, service, threshold, &self.sources);
        }
        let reference = holder.get("indicatorRef")?;
        let name = reference.text().ok()?;
        if let Some(sli) = self.slis.get(name.as_str()) {
            return indicator(&sli.spec, service, threshold, &self.sources);
        }
        let known: Vec<&str> = self.slis.keys().copied().collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Some(Err(
            reference.error(format!("names the SLI {name:?}, which is in none of the files; known: {known}"))
        ))
    }
}

/// A ratio without counts behind it has no occurrences: its minutes count alike.
fn of_what(measured: &Measurable<Indicator>, method: Method) -> Method {
    match (measured, method) {
        (Ok(Indicator::Metric { good: MetricGood::Ratio { .. }, .. }), Method::Occurrences) => {
            Method::RatioTimeslices { seconds: 60 }
        }
        _ => method,
    }
}

/// Names that OpenSLO allows and an address cannot hold.
fn name_note(doc: &Document<'_>) -> Option<SpecError> {
    let problem = "is more than lower-case letters, digits and '-', and headroom puts names into addresses";
    let metadata = doc.root.get("metadata")?;
    (!openslo::is_label(&doc.name)).then(|| metadata.error_in("name", problem))
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
