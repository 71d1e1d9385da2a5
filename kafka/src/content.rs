//! What a message holds, as the protobuf of a request.

use std::borrow::Cow;

use headroom_ingest::json;
use headroom_ingest::wire::Reader;

use crate::config::{Content, Encoding};
use crate::event;

/// A topic's messages: how they are read and whose they are.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) content: Content,
    pub(crate) encoding: Encoding,
    pub(crate) tenant: String,
}

impl Topic {
    /// The request in a message; or why it is none.
    pub(crate) fn request<'a>(
        &self,
        message: &'a [u8],
        sent_ms: Option<i64>,
    ) -> Result<Cow<'a, [u8]>, String> {
        let signal = self.content.signal();
        match (self.content, self.encoding) {
            (Content::JsonEvents, _) => event::to_protobuf(message, sent_ms).map(Cow::Owned),
            (_, Encoding::Json) => json::to_protobuf(signal, message)
                .map(|rewritten| Cow::Owned(rewritten.bytes))
                .map_err(|e| format!("it is not an OTLP/JSON request for {signal}: {e}")),
            (_, Encoding::Protobuf) => {
                whole(message).map_err(|e| format!("it is not a protobuf request for {signal}: {e}"))?;
                Ok(Cow::Borrowed(message))
            }
        }
    }
}

/// Whether the message ends where its last field does: only then may others stand behind it.
fn whole(message: &[u8]) -> Result<(), headroom_ingest::wire::WireError> {
    let mut fields = Reader::new(message);
    while fields.next_field()?.is_some() {}
    Ok(())
}
