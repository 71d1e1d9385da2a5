//! Messages of a partition that are taken together.

use headroom_ingest::Signal;
use headroom_ingest::decode::{Census, Window, walk};
use rdkafka::producer::future_producer::DeliveryFuture;

/// A message that can never be stored.
pub(crate) struct Poison {
    pub(crate) offset: u64,
    pub(crate) key: Option<Box<[u8]>>,
    pub(crate) payload: Vec<u8>,
    /// For the counter.
    pub(crate) reason: &'static str,
    /// In words.
    pub(crate) detail: String,
    /// It is on its way to the dead-letter topic.
    pub(crate) sent: Option<DeliveryFuture>,
}

/// A message's request in a batch.
#[derive(Debug)]
struct Part {
    offset: u64,
    key: Option<Box<[u8]>>,
    /// Where its bytes end.
    end: usize,
}

/// Messages in the order of their offsets: their requests one behind the other, and those that
/// are none.
#[derive(Default)]
pub(crate) struct Batch {
    /// The offset of its first message, and the one behind its last.
    range: Option<(u64, u64)>,
    payload: Vec<u8>,
    parts: Vec<Part>,
    /// To be put aside before anything is taken.
    pub(crate) poison: Vec<Poison>,
}

/// A beginning of a batch, to be taken.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) from_offset: u64,
    pub(crate) to_offset: u64,
    pub(crate) payload: Vec<u8>,
}

impl Batch {
    /// Whether it holds no message.
    pub(crate) fn is_empty(&self) -> bool {
        self.range.is_none()
    }

    /// Messages in it that are requests.
    pub(crate) fn len(&self) -> usize {
        self.parts.len()
    }

    /// Messages in it that say something.
    pub(crate) fn messages(&self) -> usize {
        self.parts.len() + self.poison.len()
    }

    /// Bytes in it.
    pub(crate) fn bytes(&self) -> usize {
        self.payload.len() + self.poison.iter().map(|poison| poison.payload.len()).sum::<usize>()
    }

    /// The offset behind its last message; 0 without any.
    pub(crate) fn end(&self) -> u64 {
        self.range.map_or(0, |(_, end)| end)
    }

    fn reach(&mut self, offset: u64) {
        let (from, _) = self.range.unwrap_or((offset, offset));
        self.range = Some((from, offset + 1));
    }

    /// Adds a message's request.
    pub(crate) fn push(&mut self, offset: u64, key: Option<&[u8]>, request: &[u8]) {
        self.reach(offset);
        if !request.is_empty() {
            self.payload.extend_from_slice(request);
            self.parts.push(Part { offset, key: key.map(Box::from), end: self.payload.len() });
        }
    }

    /// Adds a message that is no request.
    pub(crate) fn push_poison(&mut self, poison: Poison) {
        self.reach(poison.offset);
        self.poison.push(poison);
    }

    /// The first `most` requests and the offsets up to the next; `None` without any message.
    pub(crate) fn head(&self, most: usize) -> Option<Head> {
        let (from_offset, end) = self.range?;
        let to_offset = self.parts.get(most).map_or(end, |next| next.offset);
        let bytes = self.parts[..most.min(self.parts.len())].last().map_or(0, |part| part.end);
        Some(Head { from_offset, to_offset, payload: self.payload[..bytes].to_vec() })
    }

    /// Lets go of everything before `next`; how many requests those were.
    pub(crate) fn drop_before(&mut self, next: u64) -> usize {
        let Some((from, end)) = self.range else { return 0 };
        let count = self.parts.iter().take_while(|part| part.offset < next).count();
        let bytes = self.parts[..count].last().map_or(0, |part| part.end);
        self.payload.drain(..bytes);
        self.parts.drain(..count);
        self.parts.iter_mut().for_each(|part| part.end -= bytes);
        self.range = (next < end).then_some((from.max(next), end));
        count
    }

    /// Makes poison of the requests that are not well-formed; how many there are.
    pub(crate) fn find_malformed(&mut self, signal: Signal) -> usize {
        let window = Window { not_before: i64::MIN, not_after: i64::MAX };
        let before = self.poison.len();
        self.split(|request| {
            let fault = walk(signal, request, window, 0, &mut Census::default()).err()?;
            Some(("malformed", format!("it is not a protobuf request for {signal}: {fault}")))
        });
        self.poison.len() - before
    }

    /// Makes poison of the first request.
    pub(crate) fn refuse_first(&mut self, detail: &str) {
        let mut detail = Some(detail.to_owned());
        self.split(|_| Some(("refused", detail.take()?)));
    }

    fn split(&mut self, mut fault: impl FnMut(&[u8]) -> Option<(&'static str, String)>) {
        let (payload, parts) = (std::mem::take(&mut self.payload), std::mem::take(&mut self.parts));
        let mut start = 0;
        for Part { offset, key, end } in parts {
            let request = &payload[start..end];
            start = end;
            match fault(request) {
                None => {
                    self.payload.extend_from_slice(request);
                    self.parts.push(Part { offset, key, end: self.payload.len() });
                }
                Some((reason, detail)) => {
                    let payload = request.to_vec();
                    self.poison.push(Poison { offset, key, payload, reason, detail, sent: None });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(batch: &Batch, most: usize) -> Option<(u64, u64, String)> {
        let Head { from_offset, to_offset, payload } = batch.head(most)?;
        Some((from_offset, to_offset, String::from_utf8(payload).expect("text")))
    }

    #[test]
    fn heads_reach_to_the_next_request() {
        let mut batch = Batch::default();
        assert!(batch.is_empty() && batch.head(5).is_none());
        batch.push(10, None, b"a");
        batch.push(11, None, b"");
        batch.push(12, None, b"bb");
        batch.push(20, Some(b"key"), b"c");
        assert_eq!(head(&batch, 1), Some((10, 12, "a".into())));
        assert_eq!(head(&batch, 9), Some((10, 21, "abbc".into())));
        batch.drop_before(12);
        assert_eq!(head(&batch, 1), Some((12, 20, "bb".into())));
        batch.drop_before(15);
        assert_eq!(head(&batch, 9), Some((15, 21, "c".into())));
        batch.refuse_first("too large");
        assert_eq!(head(&batch, 9), Some((15, 21, String::new())));
        let Poison { offset, key, payload, .. } = &batch.poison[0];
        assert_eq!((*offset, key.as_deref(), payload.as_slice()), (20, Some(&b"key"[..]), &b"c"[..]));
        batch.drop_before(21);
        assert!(batch.is_empty());
    }

    #[test]
    fn malformed_requests_are_found_among_the_others() {
        let mut batch = Batch::default();
        // A resource that is a number: whole as a message, and no request.
        for (offset, request) in [(1, &b"\x0a\x00"[..]), (2, b"\x0a\x02\x08\x01"), (3, b"\x0a\x00")] {
            batch.push(offset, None, request);
        }
        batch.push(4, None, b"");
        assert_eq!(batch.find_malformed(Signal::Traces), 1);
        assert_eq!((batch.poison[0].offset, batch.len()), (2, 2));
        assert_eq!(batch.head(9).map(|head| (head.from_offset, head.to_offset)), Some((1, 5)));
    }
}
