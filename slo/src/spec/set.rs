//! From documents to objectives: references resolved, figures read.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::document::{Document, Kind, Source, read_file};
use super::duration::Span;
use super::indicator::{DataSources, Measurable, OPS, Op, Threshold, indicator};
use super::node::{Node, SpecError, SpecErrors};
use super::{Indicator, Kept, Method, Service, Slo, SloSet, Window, openslo};
use crate::lint::Findings;
use crate::yaml::Value;

impl SloSet {
    /// Reads files of OpenSLO v1 documents, given as name and text. Documents may
    /// refer to one another across files. Fails with every fault found.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, SpecErrors> {
        let (set, findings) = read(files);
        if findings.faults.is_empty() { Ok(set) } else { Err(SpecErrors(findings.faults)) }
    }
}

/// Reads as much as can be read, and tells what is wrong and what cannot be computed.
pub(crate) fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> (SloSet, Findings) {
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
            Kind::Slo => set.slos.extend(context.objectives(doc, &mut notes)),
            Kind::Sli => notes.extend(context.note_of_sli(doc)),
            Kind::Service => {
                set.services.push(Service { name: doc.name.clone(), display_name: doc.display_name.clone() });
            }
            Kind::DataSource | Kind::AlertPolicy | Kind::AlertCondition | Kind::AlertNotificationTarget => {
                set.kept.push(Kept {
                    kind: doc.kind.word().to_owned(),
                    name: doc.name.clone(),
                    yaml: doc.text.to_owned(),
                });
            }
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
}

impl<'a> Context<'a> {
    fn new(documents: &'a [Document<'a>]) -> Self {
        let of = |kind: Kind| documents.iter().filter(move |doc| doc.kind == kind);
        let source = |doc: &Document<'_>| Some((doc.name.clone(), doc.spec.text_of("type").ok()??));
        Self {
            slis: of(Kind::Sli).map(|doc| (doc.name.as_str(), doc)).collect(),
            sources: of(Kind::DataSource).filter_map(source).collect(),
        }
    }

    /// An SLI nobody refers to is read all the same; its threshold is not known here.
    fn note_of_sli(&self, doc: &Document<'_>) -> Option<SpecError> {
        let any = Threshold { op: Op::Lte, value: 1.0 };
        indicator(&doc.spec, "", Some(any), &self.sources)?.err()
    }

    /// The objectives of a well-formed document; those of which faults were gathered are missing.
    fn objectives(&self, doc: &Document<'_>, notes: &mut Vec<SpecError>) -> Vec<Slo> {
        let spec = &doc.spec;
        let (window, window_note) = window(spec);
        let list = spec.get("objectives").and_then(|list| list.list().ok()).unwrap_or_default();
        let mut slos = Vec::new();
        for (n, objective) in list.iter().enumerate() {
            let service = spec.text_of("service").ok().flatten().unwrap_or_default();
            let (method, method_note) = method(spec, objective);
            let Some(measured) = self.indicator_of(spec, objective, &service) else { continue };
            let composite = objective.get("compositeWeight").map(|weight| {
                weight.error(
                    "is a part's weight in a composite, and headroom does not weigh objectives together",
                )
            });
            let whole = [name_note(doc), window_note.clone(), method_note, composite];
            let reasons: Vec<SpecError> =
                whole.into_iter().flatten().chain(measured.as_ref().err().cloned()).collect();
            let indicator = match reasons.first() {
                Some(note) => Err(format!("{} {}", note.path, note.problem)),
                None => measured.map_err(|note| note.problem),
            };
            notes.extend(reasons);
            slos.push(Slo {
                id: if n == 0 { doc.name.clone() } else { format!("{}.{}", doc.name, n + 1) },
                objective_index: n as u8,
                display_name: shown(objective, "displayName").unwrap_or_else(|| doc.display_name.clone()),
                description: shown(spec, "description").unwrap_or_default(),
                service,
                target: target(objective),
                window: window.clone(),
                method,
                generation: generation(&indicator),
                indicator,
                definition: doc.text.to_owned(),
            });
        }
        slos
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

/// Names that OpenSLO allows and an address cannot hold.
fn name_note(doc: &Document<'_>) -> Option<SpecError> {
    let problem = "is more than lower-case letters, digits and '-', and headroom puts names into addresses";
    let metadata = doc.root.get("metadata")?;
    (!openslo::is_label(&doc.name)).then(|| metadata.error_in("name", problem))
}

fn shown(node: &Node<'_>, key: &str) -> Option<String> {
    node.text_of(key).ok().flatten()
}

fn figure(node: &Node<'_>, key: &str) -> Option<f64> {
    node.get(key)?.number().ok()
}

fn target(objective: &Node<'_>) -> f64 {
    let percent = || figure(objective, "targetPercent").map(|percent| percent / 100.0);
    figure(objective, "target").or_else(percent).unwrap_or(0.0)
}

/// An operator without a value, or a value without one, says nothing about a ratio and too little
/// about a threshold.
fn threshold(objective: &Node<'_>) -> Option<Threshold> {
    let op = objective.get("op")?.word(&OPS).ok()?;
    Some(Threshold { op, value: figure(objective, "value")? })
}

fn window(spec: &Node<'_>) -> (Window, Option<SpecError>) {
    let list = spec.get("timeWindow").and_then(|list| list.list().ok()).unwrap_or_default();
    let Some(node) = list.first() else {
        let note =
            spec.error_in("timeWindow", "is missing, and headroom keeps a budget for a window; add one");
        return (Window { text: String::new(), seconds: 0 }, Some(note));
    };
    let text = shown(node, "duration").unwrap_or_default();
    let seconds = Span::parse(&text).ok().and_then(Span::seconds);
    let note = if node.has("calendar") {
        Some(format!(
            "is aligned to the calendar, and headroom computes rolling windows; write isRolling: true instead of calendar, with {text}"
        ))
    } else {
        match seconds {
            None => Some(format!("is rolling, and {text} has no fixed length; use m, h, d or w")),
            Some(s) if s < 3_600 => {
                Some(format!("of {text} is shorter than an hour, too short for slices of a minute"))
            }
            Some(s) if s > 400 * 86_400 => {
                Some(format!("of {text} is longer than the 400 days that slices are kept"))
            }
            Some(_) => None,
        }
    };
    (Window { text, seconds: seconds.unwrap_or(0) }, note.map(|note| node.error(note)))
}

fn method(spec: &Node<'_>, objective: &Node<'_>) -> (Method, Option<SpecError>) {
    let slice = objective.get("timeSliceWindow");
    let seconds = match slice.as_ref().map(|node| node.value) {
        None => 60,
        Some(Value::Number(minutes)) => (minutes * 60.0).round() as i64,
        Some(_) => shown(objective, "timeSliceWindow")
            .and_then(|text| Span::parse(&text).ok()?.seconds())
            .unwrap_or(0),
    };
    let note = slice.filter(|_| seconds < 60 || seconds % 60 != 0).map(|node| {
        node.error("is no whole number of minutes of fixed length, and headroom measures by the minute")
    });
    match shown(spec, "budgetingMethod").as_deref() {
        Some("Timeslices") => (
            Method::Timeslices { target: figure(objective, "timeSliceTarget").unwrap_or(1.0), seconds },
            note,
        ),
        Some("RatioTimeslices") => (Method::RatioTimeslices { seconds }, note),
        _ => (Method::Occurrences, None),
    }
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
