//! One event as it is compared.

use std::collections::BTreeMap;

use crate::field::{EVENT_ID, canonical};
use crate::wire::{Reader, put_bytes, put_optional};

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Text; also `true`, `false` and nested JSON.
    Text(String),
    /// What its source says is a number, in the source's own digits: compared as a decimal.
    Number(String),
}

impl Value {
    /// The text or the digits.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
        }
    }
}

/// An event: id, time and flat fields. A field without text is a field that is not there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Record {
    /// When, in nanoseconds since 1970; `None` when the source does not say.
    pub time: Option<i64>,
    /// The event's own id: the same id with the same content is one event that was sent again.
    pub id: Option<String>,
    fields: BTreeMap<String, Value>,
    /// Fields that came with two values, under two spellings.
    clashes: Vec<String>,
}

impl Record {
    /// An event without fields.
    pub fn at(time: Option<i64>) -> Self {
        Self { time, ..Self::default() }
    }

    /// Sets a field, by either spelling of its name; `event.id` becomes the id.
    pub fn set(&mut self, name: &str, value: Value) {
        if value.text().is_empty() {
            return;
        }
        let name = canonical(name);
        if name == EVENT_ID {
            self.id = Some(value.text().to_owned());
            return;
        }
        match self.fields.get(&name) {
            Some(there) if *there != value => self.clashes.push(name),
            _ => {
                self.fields.insert(name, value);
            }
        }
    }

    /// Sets the id, whatever it was.
    pub(crate) fn set_id(&mut self, id: &str) {
        self.id = (!id.is_empty()).then(|| id.to_owned());
    }

    /// Sets a field, whatever it was.
    pub(crate) fn replace(&mut self, name: &str, text: String) {
        self.clashes.retain(|clash| clash != name);
        self.fields.insert(name.to_owned(), Value::Text(text));
    }

    /// The same with a field set to text.
    #[must_use]
    pub fn with(mut self, name: &str, text: &str) -> Self {
        self.set(name, Value::Text(text.to_owned()));
        self
    }

    /// The text of a field by its folded name.
    pub fn text(&self, name: &str) -> Option<&str> {
        match name {
            EVENT_ID => self.id.as_deref(),
            _ => self.fields.get(name).map(Value::text),
        }
    }

    /// A field by its folded name.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// The names of its fields, without the id.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// Drops fields.
    pub(crate) fn keep(&mut self, mut wanted: impl FnMut(&str) -> bool) {
        self.fields.retain(|name, _| wanted(name));
    }

    /// A field among those wanted that came with two values.
    pub(crate) fn clash(&self, mut wanted: impl FnMut(&str) -> bool) -> Option<&str> {
        self.clashes.iter().map(String::as_str).find(|name| wanted(name))
    }

    /// Bytes of its texts.
    pub(crate) fn size(&self) -> usize {
        let fields: usize = self.fields.iter().map(|(name, value)| name.len() + value.text().len()).sum();
        fields + self.id.as_ref().map_or(0, String::len)
    }

    /// Appends the record as bytes; `number` gives each name a number.
    pub(crate) fn put(&self, out: &mut Vec<u8>, mut number: impl FnMut(&str) -> u16) {
        put_optional(out, self.time.map(i64::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice));
        put_optional(out, self.id.as_deref().map(str::as_bytes));
        for (name, value) in &self.fields {
            out.extend(number(name).to_le_bytes());
            out.push(u8::from(matches!(value, Value::Number(_))));
            put_bytes(out, value.text().as_bytes());
        }
    }

    /// The record in the rest of `bytes`, as [`Record::put`] wrote it. `None` when they are damaged.
    pub(crate) fn take(mut bytes: Reader<'_>, names: &[String]) -> Option<Self> {
        let time = bytes.optional(|time| Some(i64::from_le_bytes(time.try_into().ok()?))).ok()?;
        let id = bytes.optional(|id| String::from_utf8(id.to_vec()).ok()).ok()?;
        let mut record = Self { time, id, ..Self::default() };
        while !bytes.is_empty() {
            let name = names.get(usize::from(bytes.number()?))?.clone();
            let is_number = bytes.byte()? == 1;
            let text = String::from_utf8(bytes.bytes()?.to_vec()).ok()?;
            record.fields.insert(name, if is_number { Value::Number(text) } else { Value::Text(text) });
        }
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn either_spelling_is_one_field_and_two_values_clash() {
        let record = Record::at(None).with("order.id", "7").with("order_id", "7").with("event.id", "e");
        assert_eq!(
            (record.text("order_id"), record.id.as_deref(), record.clash(|_| true)),
            (Some("7"), Some("e"), None)
        );
        let record = record.with("order.id", "8");
        assert_eq!(record.clash(|_| true), Some("order_id"));
        assert_eq!(record.clash(|name| name != "order_id"), None);
    }

    #[test]
    fn empty_text_is_no_field() {
        assert_eq!(Record::at(None).with("amount", ""), Record::at(None));
    }

    proptest! {
        #[test]
        fn records_survive_being_bytes(
            time in any::<Option<i64>>(),
            id in proptest::option::of("\\PC{0,20}"),
            fields in proptest::collection::btree_map("\\PC{1,8}", ("\\PC{1,30}", any::<bool>()), 0..6),
        ) {
            let mut record = Record::at(time);
            record.id = id;
            for (name, (text, is_number)) in fields {
                let name = format!("f{name}");
                record.fields.insert(name, if is_number { Value::Number(text) } else { Value::Text(text) });
            }
            let mut names = Vec::new();
            let mut bytes = Vec::new();
            record.put(&mut bytes, |name| {
                names.push(name.to_owned());
                names.len() as u16 - 1
            });
            prop_assert_eq!(Record::take(Reader::new(&bytes), &names), Some(record));
        }

        #[test]
        fn damaged_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Record::take(Reader::new(&bytes), &["a".to_owned()]);
        }
    }
}
