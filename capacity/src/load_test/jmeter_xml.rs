//! A JMeter log (JTL) as XML: `<httpSample t="86" ts="…" s="true" …>` or `<sample …>` in `<testResults>`
//! (apache/jmeter xdocs/usermanual/listeners.xml, "XML Log format 2.1" and "Sample Attributes"). A sample
//! inside another is a part of it, unless the outer one is a transaction, which stands for those inside.

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::{BytesStart, Event};

use super::jmeter::{Row, Samples, TRANSACTION};
use super::lines::Bounded;
use super::{Format, ImportError, LoadTest};

pub(super) fn read(reader: impl BufRead, source: &str) -> Result<LoadTest, ImportError> {
    let mut xml = Reader::from_reader(Bounded::new(reader));
    let (mut buffer, mut samples, mut notes) = (Vec::new(), Samples::default(), Vec::new());
    // Elements that are open, and of the samples among them those inside a counted one.
    let (mut open, mut counted) = (0_u64, 0_u64);
    let cut = loop {
        xml.get_mut().renew();
        buffer.clear();
        match xml.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => {
                open += 1;
                if is_sample(element.name().as_ref()) {
                    if counted > 0 {
                        samples.part();
                        counted += 1;
                    } else if take(&element, &mut samples, source, xml.buffer_position())? {
                        counted = 1;
                    }
                }
            }
            Ok(Event::Empty(element)) if is_sample(element.name().as_ref()) => {
                if counted == 0 {
                    take(&element, &mut samples, source, xml.buffer_position())?;
                } else {
                    samples.part();
                }
            }
            Ok(Event::End(element)) => {
                open = open.saturating_sub(1);
                if is_sample(element.name().as_ref()) {
                    counted = counted.saturating_sub(1);
                }
            }
            Ok(Event::Eof) => break open > 0,
            Ok(_) => {}
            // A tag, a comment or the like without its end: the file ends in it.
            Err(Error::Syntax(_)) => break true,
            Err(Error::Io(error)) => return Err(ImportError::document(source, error.to_string())),
            Err(error) => {
                return Err(ImportError::document(source, format!("byte {}: {error}", xml.error_position())));
            }
        }
    };
    if cut {
        notes.push("The file ends before </testResults>: the test was stopped while it wrote.".to_owned());
    }
    samples.finish(Format::JMeterXml, source, notes)
}

fn is_sample(name: &[u8]) -> bool {
    matches!(name, b"sample" | b"httpSample")
}

/// Counts a sample; whether samples inside it are parts of it.
fn take(
    element: &BytesStart<'_>,
    samples: &mut Samples,
    source: &str,
    position: u64,
) -> Result<bool, ImportError> {
    const NAMES: [&[u8]; 8] = [b"ts", b"t", b"rm", b"rc", b"s", b"na", b"sc", b"ec"];
    let mut values: [Option<Cow<'_, str>>; 8] = Default::default();
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| {
            ImportError::document(source, format!("byte {position}: an attribute: {error}"))
        })?;
        if let Some(at) = NAMES.iter().position(|name| *name == attribute.key.as_ref()) {
            values[at] = Some(match attribute.value {
                Cow::Borrowed(value) => String::from_utf8_lossy(value),
                Cow::Owned(value) => Cow::Owned(String::from_utf8_lossy(&value).into_owned()),
            });
        }
    }
    let text = |at: usize| values[at].as_deref();
    let row = Row {
        time: text(0).unwrap_or_default(),
        elapsed: text(1).unwrap_or_default(),
        message: text(2).unwrap_or_default(),
        code: text(3).unwrap_or_default(),
        success: text(4),
        threads: text(5),
        samples: text(6),
        errors: text(7),
    };
    samples
        .element(&row)
        .map_err(|message| ImportError::document(source, format!("byte {position}: {message}")))?;
    Ok(!row.message.starts_with(TRANSACTION))
}
