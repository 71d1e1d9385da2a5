//! Reading points from the wire.

use super::{
    Buckets, Common, Exemplar, ExpHistogramPoint, HistogramPoint, Number, NumberPoint, SummaryPoint, Totals,
};
use crate::decode::any::Pair;
use crate::decode::check::{self, Reason, Refusal, Window};
use crate::decode::common::push_pair;
use crate::wire::{Chunk, Field, Reader, Wire, WireError, zigzag};

/// The point says that no value was recorded.
const NO_RECORDED_VALUE: u32 = 1;

/// A point that can be read over and over into the same memory.
pub(in crate::decode) trait Point<'a>: Default {
    fn common(&mut self) -> &mut Common<'a>;
    fn clear(&mut self);
    fn field(&mut self, field: &Field<'a>) -> Result<(), WireError>;
    /// Where start, time, attributes, flags and exemplars are (0: no such field).
    const FIELDS: [u32; 5];

    fn check(&self) -> Result<(), Refusal> {
        Ok(())
    }

    fn read(&mut self, chunk: Chunk<'a>) -> Result<(), WireError> {
        self.clear();
        self.common().clear();
        let [start, time, attributes, flags, exemplars] = Self::FIELDS;
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            let n = field.number;
            let common = self.common();
            if n == start {
                common.start = field.fixed64().map_err(|e| e.inside("start_time_unix_nano"))?;
            } else if n == time {
                common.time = field.fixed64().map_err(|e| e.inside("time_unix_nano"))?;
            } else if n == attributes {
                push_pair(&mut common.attributes, &field, "attributes")?;
            } else if n == flags {
                common.flags = field.varint().map_err(|e| e.inside("flags"))? as u32;
            } else if n == exemplars {
                let exemplar = field.chunk().and_then(Exemplar::read);
                let index = common.exemplars.len();
                common.exemplars.push(exemplar.map_err(|e| e.inside_at("exemplars", index))?);
            } else {
                self.field(&field).map_err(|e| e.inside("value"))?;
            }
        }
        Ok(())
    }

    fn checked(&mut self, window: Window) -> Result<(), Refusal> {
        check::time(window, "time", self.common().time)?;
        self.check()
    }
}

impl Common<'_> {
    fn clear(&mut self) {
        (self.start, self.time, self.flags) = (0, 0, 0);
        self.attributes.clear();
        self.exemplars.clear();
    }
}

impl Exemplar {
    fn read(chunk: Chunk<'_>) -> Result<Self, WireError> {
        let mut out = Self { time: 0, value: 0.0, trace_id: [0; 16], span_id: [0; 8] };
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            match field.number {
                2 => out.time = field.fixed64()?,
                3 => out.value = field.double()?,
                4 => out.span_id = check::lenient_id(field.bytes()?),
                5 => out.trace_id = check::lenient_id(field.bytes()?),
                6 => out.value = field.fixed64()? as i64 as f64,
                7 => drop(field.chunk().and_then(Pair::read)?),
                _ => {}
            }
        }
        Ok(out)
    }
}

impl<'a> Point<'a> for NumberPoint<'a> {
    const FIELDS: [u32; 5] = [2, 3, 7, 8, 5];

    fn common(&mut self) -> &mut Common<'a> {
        &mut self.common
    }

    fn clear(&mut self) {
        self.value = None;
    }

    fn field(&mut self, field: &Field<'a>) -> Result<(), WireError> {
        match field.number {
            4 => self.value = Some(Number::Double(field.double()?)),
            6 => self.value = Some(Number::Int(field.fixed64()? as i64)),
            _ => {}
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.value.is_none() && self.common.flags & NO_RECORDED_VALUE == 0 {
            return Err((Reason::NoValue, "the point has neither as_int nor as_double".to_owned()));
        }
        Ok(())
    }
}

impl<'a> Point<'a> for HistogramPoint<'a> {
    const FIELDS: [u32; 5] = [2, 3, 9, 10, 8];

    fn common(&mut self) -> &mut Common<'a> {
        &mut self.common
    }

    fn clear(&mut self) {
        self.totals = Totals::default();
        self.bounds.clear();
        self.counts.clear();
    }

    fn field(&mut self, field: &Field<'a>) -> Result<(), WireError> {
        match field.number {
            4 => self.totals.count = field.fixed64()?,
            5 => self.totals.sum = Some(field.double()?),
            6 => fixed64s(field, |v| self.counts.push(v))?,
            7 => fixed64s(field, |v| self.bounds.push(f64::from_bits(v)))?,
            11 => self.totals.min = Some(field.double()?),
            12 => self.totals.max = Some(field.double()?),
            _ => {}
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Refusal> {
        let (counts, bounds) = (self.counts.len(), self.bounds.len());
        let fits = counts == bounds + 1 || (counts == 0 && bounds == 0);
        if !fits {
            return Err((Reason::Buckets, format!("{counts} bucket counts do not fit {bounds} bounds")));
        }
        let rises = |pair: &[f64]| pair[0] < pair[1];
        if !self.bounds.windows(2).all(rises) || self.bounds.iter().any(|bound| bound.is_nan()) {
            return Err((Reason::Buckets, "the bounds do not rise strictly".to_owned()));
        }
        if self.counts.is_empty() {
            return Ok(());
        }
        sums_up(&self.common, self.totals.count, &self.counts)
    }
}

impl<'a> Point<'a> for ExpHistogramPoint<'a> {
    const FIELDS: [u32; 5] = [2, 3, 1, 10, 11];

    fn common(&mut self) -> &mut Common<'a> {
        &mut self.common
    }

    fn clear(&mut self) {
        self.totals = Totals::default();
        (self.scale, self.zero_count, self.zero_threshold) = (0, 0, 0.0);
        for buckets in [&mut self.positive, &mut self.negative] {
            buckets.offset = 0;
            buckets.counts.clear();
        }
    }

    fn field(&mut self, field: &Field<'a>) -> Result<(), WireError> {
        match field.number {
            4 => self.totals.count = field.fixed64()?,
            5 => self.totals.sum = Some(field.double()?),
            6 => self.scale = zigzag(field.varint()?) as i32,
            7 => self.zero_count = field.fixed64()?,
            8 => self.positive.read(field.chunk()?).map_err(|e| e.inside("positive"))?,
            9 => self.negative.read(field.chunk()?).map_err(|e| e.inside("negative"))?,
            12 => self.totals.min = Some(field.double()?),
            13 => self.totals.max = Some(field.double()?),
            14 => self.zero_threshold = field.double()?,
            _ => {}
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Refusal> {
        let (positive, negative) = (&self.positive.counts, &self.negative.counts);
        let counts = positive.iter().chain(negative).chain([&self.zero_count]);
        sums_up(&self.common, self.totals.count, counts)
    }
}

impl<'a> Point<'a> for SummaryPoint<'a> {
    const FIELDS: [u32; 5] = [2, 3, 7, 8, 0];

    fn common(&mut self) -> &mut Common<'a> {
        &mut self.common
    }

    fn clear(&mut self) {
        (self.count, self.sum) = (0, 0.0);
        self.quantiles.clear();
        self.values.clear();
    }

    fn field(&mut self, field: &Field<'a>) -> Result<(), WireError> {
        match field.number {
            4 => self.count = field.fixed64()?,
            5 => self.sum = field.double()?,
            6 => {
                let (mut quantile, mut value) = (0.0, 0.0);
                let mut reader = Reader::of(field.chunk()?);
                while let Some(field) = reader.next_field()? {
                    match field.number {
                        1 => quantile = field.double()?,
                        2 => value = field.double()?,
                        _ => {}
                    }
                }
                self.quantiles.push(quantile);
                self.values.push(value);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Buckets {
    fn read(&mut self, chunk: Chunk<'_>) -> Result<(), WireError> {
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            match (field.number, field.value) {
                (1, _) => self.offset = zigzag(field.varint()?) as i32,
                (2, Wire::Len(packed)) => {
                    let mut packed = Reader::of(packed);
                    while !packed.is_empty() {
                        self.counts.push(packed.varint()?);
                    }
                }
                (2, _) => self.counts.push(field.varint()?),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Refuses a point whose count is not the sum of its buckets.
fn sums_up<'c>(
    common: &Common<'_>,
    count: u64,
    counts: impl IntoIterator<Item = &'c u64>,
) -> Result<(), Refusal> {
    let sum: u128 = counts.into_iter().copied().map(u128::from).sum();
    if sum == u128::from(count) || common.flags & NO_RECORDED_VALUE != 0 {
        return Ok(());
    }
    Err((Reason::Buckets, format!("the count is {count}, the buckets have {sum} together")))
}

/// A repeated eight-byte field, packed or not.
fn fixed64s(field: &Field<'_>, mut each: impl FnMut(u64)) -> Result<(), WireError> {
    let Wire::Len(packed) = field.value else {
        each(field.fixed64()?);
        return Ok(());
    };
    let mut packed = Reader::of(packed);
    while !packed.is_empty() {
        each(packed.fixed64()?);
    }
    Ok(())
}
