//! The structure of a PDF, for those who hear it: which piece of a page is a heading, a cell, a picture.

use krilla::tagging::{Identifier, Node, TagGroup, TagKind, TagTree};

/// A group in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group(usize);

/// A leaf of the tree: content that is drawn in one or more pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(usize);

enum Child {
    Group(Group),
    Slot(Slot),
}

/// The structure while it grows. The root's groups are those of the document, in reading order.
#[derive(Default)]
pub(super) struct Tree {
    roots: Vec<Group>,
    groups: Vec<(TagKind, Vec<Child>)>,
    slots: Vec<Vec<Identifier>>,
}

impl Tree {
    /// A group of the document's own.
    pub(super) fn root(&mut self, tag: impl Into<TagKind>) -> Group {
        let group = self.add(tag.into());
        self.roots.push(group);
        group
    }

    /// A group within another, after all that is there.
    pub(super) fn group(&mut self, parent: Group, tag: impl Into<TagKind>) -> Group {
        let group = self.add(tag.into());
        self.groups[parent.0].1.push(Child::Group(group));
        group
    }

    /// A place for content in a group, after all that is there.
    pub(super) fn slot(&mut self, parent: Group) -> Slot {
        let slot = Slot(self.slots.len());
        self.slots.push(Vec::new());
        self.groups[parent.0].1.push(Child::Slot(slot));
        slot
    }

    /// Content was drawn.
    pub(super) fn fill(&mut self, slot: Slot, identifier: Identifier) {
        self.slots[slot.0].push(identifier);
    }

    fn add(&mut self, tag: TagKind) -> Group {
        self.groups.push((tag, Vec::new()));
        Group(self.groups.len() - 1)
    }

    /// The tree as krilla takes it. Groups in which nothing was drawn are left out.
    pub(super) fn finish(mut self) -> TagTree {
        let mut tree = TagTree::new();
        for root in std::mem::take(&mut self.roots) {
            if let Some(group) = self.build(root) {
                tree.push(group);
            }
        }
        tree
    }

    fn build(&mut self, group: Group) -> Option<TagGroup> {
        let children = std::mem::take(&mut self.groups[group.0].1);
        let mut nodes = Vec::with_capacity(children.len());
        for child in children {
            match child {
                Child::Group(inner) => nodes.extend(self.build(inner).map(Node::from)),
                Child::Slot(slot) => nodes.extend(self.slots[slot.0].drain(..).map(Node::from)),
            }
        }
        let empty_cell = matches!(self.groups[group.0].0, TagKind::TD(_) | TagKind::TH(_));
        (!nodes.is_empty() || empty_cell)
            .then(|| TagGroup::with_children(self.groups[group.0].0.clone(), nodes))
    }
}
