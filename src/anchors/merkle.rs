//! The root of a Merkle tree (as RFC 6962, 2.1), leaf by leaf: memory grows with the tree's height only.

use crate::seal::sha256;

/// A tree that grows to the right.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Roots of whole subtrees with their heights, the largest first.
    whole: Vec<(u32, [u8; 32])>,
}

impl Tree {
    /// Adds a leaf.
    pub(super) fn push(&mut self, leaf: &[u8]) {
        let mut node = (0, sha256(&[&[0], leaf].concat()));
        while let Some(left) = self.whole.pop_if(|left| left.0 == node.0) {
            node = (node.0 + 1, join(&left.1, &node.1));
        }
        self.whole.push(node);
    }

    /// The root, in hexadecimal.
    pub(super) fn root(&self) -> String {
        let root = self
            .whole
            .iter()
            .rev()
            .map(|node| node.1)
            .reduce(|right, left| join(&left, &right));
        hex::encode(root.unwrap_or_else(|| sha256(&[])))
    }
}

fn join(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    sha256(&[&[1], left.as_slice(), right.as_slice()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, word for word.
    fn defined(leaves: &[&[u8]]) -> [u8; 32] {
        match leaves {
            [] => sha256(&[]),
            [leaf] => sha256(&[&[0], *leaf].concat()),
            many => {
                let split = many.len().next_power_of_two() / 2;
                join(&defined(&many[..split]), &defined(&many[split..]))
            }
        }
    }

    #[test]
    fn it_is_the_tree_of_the_definition_at_every_size() {
        let names: Vec<String> = (0..70).map(|n| format!("leaf {n}")).collect();
        let mut tree = Tree::default();
        for size in 0..names.len() {
            let leaves: Vec<&[u8]> = names[..size].iter().map(String::as_bytes).collect();
            assert_eq!(tree.root(), hex::encode(defined(&leaves)), "{size} leaves");
            tree.push(names[size].as_bytes());
        }
    }
}
