//! `KeyValue`: key 1, `AnyValue` 2; in that string 1, bool 2, int 3, double 4.

use super::template::{CUSTOMERS, Hole};
use super::wire::Message;
use crate::run_id::RunId;

impl Message {
    fn attribute(&mut self, number: u32, key: &str, value: &Self) {
        let mut pair = Self::default();
        pair.text(1, key);
        pair.message(2, value);
        self.message(number, &pair);
    }

    fn text_attribute_with(&mut self, number: u32, key: &str, text: &str, hole: Option<(usize, Hole)>) {
        let mut value = Self::default();
        value.text_with(1, text, hole);
        self.attribute(number, key, &value);
    }

    pub(super) fn text_attribute(&mut self, number: u32, key: &str, text: &str) {
        self.text_attribute_with(number, key, text, None);
    }

    pub(super) fn int_attribute(&mut self, number: u32, key: &str, int: u32) {
        let mut value = Self::default();
        value.varint(3, u64::from(int));
        self.attribute(number, key, &value);
    }

    pub(super) fn bool_attribute(&mut self, number: u32, key: &str, truth: bool) {
        let mut value = Self::default();
        value.varint(2, u64::from(truth));
        self.attribute(number, key, &value);
    }

    pub(super) fn double_attribute(&mut self, number: u32, key: &str, double: f64) {
        let mut value = Self::default();
        value.double(4, double);
        self.attribute(number, key, &value);
    }

    /// `customer.id`: one of 50,000, the same for all records of a trace.
    pub(super) fn customer(&mut self, number: u32, trace: u32) {
        let text = format!("cus-{:0width$}", 0, width = CUSTOMERS.ilog10() as usize + 1);
        self.text_attribute_with(number, "customer.id", &text, Some((4, Hole::Customer { trace })));
    }

    /// `order.id`: its own for each trace of each run.
    pub(super) fn order(&mut self, number: u32, run: RunId, trace: u32) {
        let [.., high, low] = run.bytes();
        let text = format!("ord-{high:02x}{low:02x}00000000{trace:04x}");
        self.text_attribute_with(number, "order.id", &text, Some((8, Hole::BodyHex)));
    }

    /// `event.id`: its own for each event of each run.
    pub(super) fn event_id(&mut self, number: u32, run: RunId, record: u32) {
        let text = format!("evt-{run}00000000{record:08x}");
        self.text_attribute_with(number, "event.id", &text, Some((20, Hole::BodyHex)));
    }
}
