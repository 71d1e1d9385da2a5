//! Against the vectors of RFC 6962 as transparency-dev/merkle has them, and against a tree made by its definition.

use super::*;
use proptest::prelude::*;
use std::convert::Infallible;

const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Leaf, size and path.
const INCLUSIONS: [(u64, u64, &[&str]); 3] = [
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
];

/// Old size, new size and proof.
const CONSISTENCIES: [(u64, u64, &[&str]); 3] = [
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn leaves() -> Vec<Hash> {
    LEAVES.iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect()
}

fn hashes(texts: &[&str]) -> Vec<Hash> {
    texts.iter().map(|text| hex::decode(text).unwrap().try_into().unwrap()).collect()
}

/// MTH of RFC 6962, as it is written there.
fn naive(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&naive(left), &naive(right))
        }
    }
}

fn of(leaves: &[Hash]) -> impl FnMut(u32, u64) -> Result<Hash, Infallible> {
    |height, number| {
        let from = (number << height) as usize;
        Ok(naive(&leaves[from..from + (1 << height)]))
    }
}

#[test]
fn leaves_and_nodes_are_hashed_as_published() {
    let shown = |hash: Hash| hex::encode(hash);
    assert_eq!(
        shown(leaf_hash(b"L123456")),
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    );
    let node = Sha256::new().chain_update([1]).chain_update("N123").chain_update("N456").finalize();
    assert_eq!(hex::encode(node), "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
    assert_eq!(
        node_hash(&[1; 32], &[2; 32]),
        <Hash>::from(Sha256::digest([&[1][..], &[1; 32], &[2; 32]].concat()))
    );
}

#[test]
fn roots_are_those_published() {
    let mut tree = Frontier::default();
    for (leaf, expected) in leaves().into_iter().zip(ROOTS) {
        assert_eq!(hex::encode(tree.root()), expected, "{} leaves", tree.size());
        tree.push(leaf, |_, _, _| {});
    }
    assert_eq!(hex::encode(tree.root()), ROOTS[8]);
}

#[test]
fn proofs_are_those_published() {
    let leaves = leaves();
    for (index, size, expected) in INCLUSIONS {
        let proof = inclusion_proof(index, size, of(&leaves)).unwrap();
        assert_eq!(proof, hashes(expected), "{index} of {size}");
    }
    for (old, new, expected) in CONSISTENCIES {
        let proof = consistency_proof(old, new, of(&leaves)).unwrap();
        assert_eq!(proof, hashes(expected), "{old} of {new}");
    }
}

proptest! {
    #[test]
    fn a_frontier_is_the_tree(size in 0_u64..300) {
        let leaves: Vec<_> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut tree = Frontier::default();
        let mut completed = Vec::new();
        for leaf in &leaves {
            tree.push(*leaf, |height, number, hash| completed.push((height, number, hash)));
        }
        prop_assert_eq!(tree.root(), naive(&leaves));
        for (height, number, hash) in completed {
            prop_assert_eq!(of(&leaves)(height, number), Ok(hash));
        }
        prop_assert_eq!(Frontier::load(size, of(&leaves)), Ok(tree));
    }

    #[test]
    fn a_proof_of_inclusion_holds_for_its_leaf_alone(
        (size, index) in (1_u64..200).prop_flat_map(|size| (Just(size), 0..size)),
        other in 0_u64..200,
        bit in 0_usize..256,
    ) {
        let leaves: Vec<_> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let (root, leaf) = (naive(&leaves), leaves[index as usize]);
        let proof = inclusion_proof(index, size, of(&leaves)).unwrap();
        prop_assert_eq!(root_of_inclusion(index, size, leaf, &proof), Some(root));
        if other != index {
            prop_assert_ne!(root_of_inclusion(other, size, leaf, &proof), Some(root));
        }
        let mut longer = proof.clone();
        longer.push(root);
        prop_assert_ne!(root_of_inclusion(index, size, leaf, &longer), Some(root));
        for broken in 0..proof.len() {
            let mut forged = proof.clone();
            forged[broken][bit / 8] ^= 1 << (bit % 8);
            prop_assert_ne!(root_of_inclusion(index, size, leaf, &forged), Some(root));
            forged.remove(broken);
            prop_assert_ne!(root_of_inclusion(index, size, leaf, &forged), Some(root));
        }
    }

    #[test]
    fn a_proof_of_consistency_holds_for_its_two_trees_alone(
        (new, old) in (0_u64..200).prop_flat_map(|new| (Just(new), 0..=new)),
        bit in 0_usize..256,
    ) {
        let leaves: Vec<_> = (0..new).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let (before, after) = (naive(&leaves[..old as usize]), naive(&leaves));
        let proof = consistency_proof(old, new, of(&leaves)).unwrap();
        prop_assert!(is_consistent(old, new, &before, &after, &proof));
        let flipped = |hash: &Hash| {
            let mut hash = *hash;
            hash[bit / 8] ^= 1 << (bit % 8);
            hash
        };
        prop_assert!(!is_consistent(old, new, &flipped(&before), &after, &proof));
        if old > 0 {
            prop_assert!(!is_consistent(old, new, &before, &flipped(&after), &proof));
        }
        for broken in 0..proof.len() {
            let mut forged = proof.clone();
            forged[broken] = flipped(&forged[broken]);
            prop_assert!(!is_consistent(old, new, &before, &after, &forged));
        }
    }
}
