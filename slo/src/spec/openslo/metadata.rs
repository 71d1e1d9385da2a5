//! The shape of metadata: names, labels and annotations.

use super::Presence::{May, Must};
use super::{Shape, mapping, name, text, told};
use crate::spec::node::Node;
use crate::yaml::Value;

pub(super) fn metadata(node: &Node<'_>) {
    let fields: [(_, _, Shape); 4] = [
        ("name", Must, name),
        ("displayName", May, text),
        ("labels", May, labels),
        ("annotations", May, annotations),
    ];
    mapping(node, &fields);
}

fn labels(node: &Node<'_>) {
    each(node, is_word, |value| match value.list() {
        Ok(entries) => entries.iter().for_each(plain),
        Err(_) => plain(value),
    });
}

fn annotations(node: &Node<'_>) {
    let is_key = |key: &str| match key.split_once('/') {
        Some((prefix, name)) => prefix.len() <= 253 && prefix.split('.').all(is_label) && is_word(name),
        None => is_word(key),
    };
    each(node, is_key, plain);
}

fn each(node: &Node<'_>, is_key: impl Fn(&str) -> bool, shape: impl Fn(&Node<'_>)) {
    if !matches!(node.value, Value::Map(_)) {
        node.fault("must be a mapping");
    }
    for (key, ..) in node.fields() {
        if !is_key(key) {
            node.fault_in(key, "is not a key; allowed: 1 to 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit");
        }
        if let Some(value) = node.get(key) {
            shape(&value);
        }
    }
}

/// Text, which may be empty.
fn plain(node: &Node<'_>) {
    if !matches!(node.value, Value::Text(_)) {
        told(node, node.text());
    }
}

fn is_word(word: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let edge = |c: char| c.is_ascii_alphanumeric();
    (1..=63).contains(&word.len())
        && word.chars().all(inner)
        && word.starts_with(edge)
        && word.ends_with(edge)
}

/// Whether `name` is an RFC 1123 label, which every implementation must take as a name.
pub(in crate::spec) fn is_label(name: &str) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// Whether `name` is what OpenSLO encourages implementations to take beyond labels (dots, bars and
/// slashes, up to 255 characters), or has capitals as names in its own README have.
pub(super) fn is_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || "-.|/\\".contains(c);
    let edge = |c: char| c.is_ascii_alphanumeric();
    (1..=255).contains(&name.len())
        && name.chars().all(inner)
        && name.starts_with(edge)
        && name.ends_with(edge)
}
