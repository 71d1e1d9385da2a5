//! What all signals share: resource, scope, attributes.

#![expect(clippy::inline_always, reason = "ten attributes a span go through it")]

use std::borrow::Cow;

use super::any::{Pair, Value};
use super::refused::{Around, Refused};
use crate::wire::{Chunk, Field, Reader, WireError};

/// Attributes that name the customer, in order of preference.
const CUSTOMER_KEYS: [&[u8]; 3] = [b"customer.id", b"user.id", b"enduser.id"];

/// The service of resources that do not name theirs, as the specification has it.
const UNKNOWN_SERVICE: &[u8] = b"unknown_service";

/// Who sent the records.
#[derive(Debug, Default)]
pub struct Resource<'a> {
    /// Its number in the request.
    pub number: usize,
    /// All attributes.
    pub attributes: Vec<Pair<'a>>,
    /// `service.name`, or `unknown_service`.
    pub service: Cow<'a, [u8]>,
    /// `service.version`, or empty.
    pub version: Cow<'a, [u8]>,
    /// `cloud.region`, or empty.
    pub region: Cow<'a, [u8]>,
    /// The customer, when the resource names one.
    pub customer: Option<Cow<'a, [u8]>>,
}

/// Where a record comes from: its resource and its instrumentation scope.
#[derive(Debug, Default)]
pub struct Origin<'a> {
    /// The resource.
    pub resource: Resource<'a>,
    /// The scope's name.
    pub scope_name: &'a [u8],
    /// The scope's version.
    pub scope_version: &'a [u8],
    around: Around<'a>,
}

impl<'a> Resource<'a> {
    fn read(&mut self, chunk: Chunk<'a>) -> Result<(), WireError> {
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            if field.number == 1 {
                push_pair(&mut self.attributes, &field, "attributes")?;
            }
        }
        Ok(())
    }

    fn resolve(&mut self) {
        self.service = find(&self.attributes, b"service.name").unwrap_or(Cow::Borrowed(UNKNOWN_SERVICE));
        self.version = find(&self.attributes, b"service.version").unwrap_or_default();
        self.region = find(&self.attributes, b"cloud.region").unwrap_or_default();
        self.customer = customer(&self.attributes);
    }
}

impl<'a> Origin<'a> {
    /// The customer of a record with `attributes`: its own, or its resource's, or empty.
    pub fn customer(&self, attributes: &[Pair<'a>]) -> Cow<'a, [u8]> {
        customer(attributes).or_else(|| self.resource.customer.clone()).unwrap_or_default()
    }

    /// A record from here that is refused.
    pub(super) fn refused(&self, record: Chunk<'a>) -> Refused<'_> {
        Refused::single(&self.around, record.bytes)
    }

    fn scope(&mut self, chunk: Chunk<'a>) -> Result<(), WireError> {
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            match field.number {
                1 => self.scope_name = field.bytes().map_err(|e| e.inside("name"))?,
                2 => self.scope_version = field.bytes().map_err(|e| e.inside("version"))?,
                3 => drop(field.chunk().and_then(Pair::read).map_err(|e| e.inside("attributes"))?),
                _ => {}
            }
        }
        Ok(())
    }
}

fn customer<'a>(attributes: &[Pair<'a>]) -> Option<Cow<'a, [u8]>> {
    CUSTOMER_KEYS.iter().find_map(|key| find(attributes, key))
}

/// The text of the attribute `key`; an empty one counts as missing.
pub(super) fn find<'a>(attributes: &[Pair<'a>], key: &[u8]) -> Option<Cow<'a, [u8]>> {
    let pair = attributes.iter().find(|pair| pair.key == key)?;
    match pair.value {
        Value::Empty | Value::Text(b"") => None,
        value => Some(value.text()),
    }
}

/// Reads a repeated `KeyValue` field onto `out`.
#[inline(always)]
pub(super) fn push_pair<'a>(out: &mut Vec<Pair<'a>>, field: &Field<'a>, name: &str) -> Result<(), WireError> {
    let pair = field.chunk().and_then(Pair::read);
    out.push(pair.map_err(|e| e.inside_at(name, out.len()))?);
    Ok(())
}

/// The names of a signal's three levels, for error paths.
pub(super) struct Names {
    pub(super) resources: &'static str,
    pub(super) scopes: &'static str,
    pub(super) records: &'static str,
}

/// Walks request, resources and scopes (the same shape in all signals) down to the records.
pub(super) fn each_record<'a>(
    payload: &'a [u8],
    names: &Names,
    mut record: impl FnMut(&Origin<'a>, Chunk<'a>) -> Result<(), WireError>,
) -> Result<(), WireError> {
    let mut origin = Origin::default();
    let mut request = Reader::new(payload);
    let mut index = 0;
    while let Some(field) = request.next_field()? {
        if field.number != 1 {
            continue;
        }
        origin.resource.number = index;
        field
            .chunk()
            .and_then(|chunk| each_scope(chunk, names, &mut origin, &mut record))
            .map_err(|e| e.inside_at(names.resources, index))?;
        index += 1;
    }
    Ok(())
}

fn each_scope<'a>(
    chunk: Chunk<'a>,
    names: &Names,
    origin: &mut Origin<'a>,
    record: &mut impl FnMut(&Origin<'a>, Chunk<'a>) -> Result<(), WireError>,
) -> Result<(), WireError> {
    // Fields may come in any order: the resource first, then what refers to it.
    origin.around.begin(0);
    origin.resource.attributes.clear();
    let mut first = Reader::of(chunk);
    while let Some(field) = first.next_field()? {
        origin.around.keep(0, field);
        if field.number == 1 {
            field.chunk().and_then(|c| origin.resource.read(c)).map_err(|e| e.inside("resource"))?;
        }
    }
    origin.resource.resolve();
    let mut second = Reader::of(chunk);
    let mut index = 0;
    while let Some(field) = second.next_field()? {
        if field.number != 2 {
            continue;
        }
        field
            .chunk()
            .and_then(|chunk| in_scope(chunk, names, origin, record))
            .map_err(|e| e.inside_at(names.scopes, index))?;
        index += 1;
    }
    Ok(())
}

fn in_scope<'a>(
    chunk: Chunk<'a>,
    names: &Names,
    origin: &mut Origin<'a>,
    record: &mut impl FnMut(&Origin<'a>, Chunk<'a>) -> Result<(), WireError>,
) -> Result<(), WireError> {
    (origin.scope_name, origin.scope_version) = (b"", b"");
    origin.around.begin(1);
    let mut first = Reader::of(chunk);
    while let Some(field) = first.next_field()? {
        origin.around.keep(1, field);
        if field.number == 1 {
            field.chunk().and_then(|c| origin.scope(c)).map_err(|e| e.inside("scope"))?;
        }
    }
    let mut second = Reader::of(chunk);
    let mut index = 0;
    while let Some(field) = second.next_field()? {
        if field.number == 2 {
            field
                .chunk()
                .and_then(|chunk| record(origin, chunk))
                .map_err(|e| e.inside_at(names.records, index))?;
            index += 1;
        }
    }
    Ok(())
}
