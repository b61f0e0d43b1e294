//! What screen readers follow: headings, paragraphs, tables and figures in reading order.

use krilla::tagging::{Identifier, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};

use super::page::{Composed, Part, Role};

/// The outline: parts in reading order, each with its content or its own parts.
pub(super) fn outline(composed: &Composed, content: &[Vec<Identifier>]) -> TagTree {
    let mut members = vec![Vec::new(); composed.parts.len()];
    let mut tops = Vec::new();
    for (number, (_, parent)) in composed.parts.iter().enumerate() {
        parent
            .map_or(&mut tops, |Part(parent)| &mut members[parent])
            .push(number);
    }
    let mut tree = TagTree::new();
    for top in tops {
        tree.push(group(composed, content, &members, top));
    }
    tree
}

fn group(
    composed: &Composed,
    content: &[Vec<Identifier>],
    members: &[Vec<usize>],
    part: usize,
) -> TagGroup {
    let mut group = TagGroup::new(kind(&composed.parts[part].0));
    for identifier in &content[part] {
        group.push(*identifier);
    }
    for member in &members[part] {
        group.push(self::group(composed, content, members, *member));
    }
    group
}

fn kind(role: &Role) -> TagKind {
    const FIRST: std::num::NonZeroU16 = std::num::NonZeroU16::MIN;
    match role {
        Role::Title => Tag::Hn(FIRST, None).into(),
        Role::Heading => Tag::Hn(FIRST.saturating_add(1), None).into(),
        Role::Paragraph => Tag::P.into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::Head { of_row: true } => Tag::TH(TableHeaderScope::Row).into(),
        Role::Head { of_row: false } => Tag::TH(TableHeaderScope::Column).into(),
        Role::Cell => Tag::TD.into(),
        Role::Figure(words) => Tag::Figure(Some(words.clone())).into(),
    }
}
