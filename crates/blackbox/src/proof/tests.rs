use super::*;
use crate::hash::leaf_hash;
use crate::testdata::{LEAF_INPUTS, root_hash};
use crate::tree::Tree;

const VECTORS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/blackbox/merkle-proofs.txt"));

/// A hash in the vectors, or nothing where the vector has bytes of another length.
fn read_hash(hexadecimal: &str) -> Option<Hash> {
    let bytes: Option<Vec<u8>> = (0..hexadecimal.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hexadecimal.get(at..at + 2)?, 16).ok())
        .collect();
    Hash::from_slice(&bytes?)
}

fn holds(kind: &str, numbers: (u64, u64), hashes: &str, proof: &str) -> Option<()> {
    let (first, second) = hashes.split_once(',')?;
    let (first, second) = (read_hash(first)?, read_hash(second)?);
    let proof: Option<Vec<Hash>> =
        if proof == "-" { Some(Vec::new()) } else { proof.split(',').map(read_hash).collect() };
    let outcome = match kind {
        "inclusion" => verify_inclusion(numbers.0, numbers.1, &first, &proof?, &second),
        _ => verify_consistency(numbers.0, numbers.1, &proof?, &first, &second),
    };
    outcome.ok()
}

#[test]
fn log_03_the_reference_vectors_hold_and_all_their_manglings_fail() {
    let mut counts = (0, 0);
    for line in VECTORS.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('|').collect();
        let [kind, verdict, case, what, numbers, hashes, proof] = fields[..] else {
            panic!("{line}")
        };
        let (first, second) = numbers.split_once(',').unwrap();
        let numbers = (first.parse().unwrap(), second.parse().unwrap());
        let good = holds(kind, numbers, hashes, proof).is_some();
        assert_eq!(good, verdict == "good", "{kind} {case}: {what}");
        if good { counts.0 += 1 } else { counts.1 += 1 }
    }
    assert_eq!(counts, (12, 184));
}

/// RFC 6962, section 2.1, word for word: the other way to compute everything.
mod rfc {
    use super::*;

    fn split(entries: &[Hash]) -> usize {
        let mut half = 1;
        while half * 2 < entries.len() {
            half *= 2;
        }
        half
    }

    pub(super) fn root(entries: &[Hash]) -> Hash {
        match entries {
            [] => Hash::EMPTY_ROOT,
            [leaf] => *leaf,
            _ => {
                let (left, right) = entries.split_at(split(entries));
                node_hash(&root(left), &root(right))
            }
        }
    }

    pub(super) fn path(index: usize, entries: &[Hash]) -> Vec<Hash> {
        if entries.len() == 1 {
            return Vec::new();
        }
        let half = split(entries);
        let (left, right) = entries.split_at(half);
        let (mut path, other) = if index < half {
            (path(index, left), right)
        } else {
            (path(index - half, right), left)
        };
        path.push(root(other));
        path
    }

    pub(super) fn subproof(size: usize, entries: &[Hash], complete: bool) -> Vec<Hash> {
        if size == entries.len() {
            return if complete { Vec::new() } else { vec![root(entries)] };
        }
        let half = split(entries);
        let (left, right) = entries.split_at(half);
        let (mut proof, other) = if size <= half {
            (subproof(size, left, complete), right)
        } else {
            (subproof(size - half, right, false), left)
        };
        proof.push(root(other));
        proof
    }
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count as u64).map(|number| leaf_hash(&number.to_be_bytes())).collect()
}

fn tree_of(leaves: &[Hash]) -> Tree {
    let mut tree = Tree::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree
}

#[test]
fn log_03_made_proofs_equal_the_rfcs_definition_and_hold() {
    let leaves = leaves(70);
    let tree = tree_of(&leaves);
    for size in 1..=leaves.len() {
        let root = rfc::root(&leaves[..size]);
        assert_eq!(tree.root(size as u64), Some(root));
        for index in 0..size {
            let made = prove_inclusion(&mut &tree, index as u64, size as u64).unwrap();
            assert_eq!(made.hashes(), rfc::path(index, &leaves[..size]), "{index} in {size}");
            let (index, size) = (index as u64, size as u64);
            let leaf = &leaves[index as usize];
            assert_eq!(verify_inclusion(index, size, leaf, made.hashes(), &root), Ok(()));
        }
        for old in 1..=size {
            let made = prove_consistency(&mut &tree, old as u64, size as u64).unwrap();
            let want = rfc::subproof(old, &leaves[..size], true);
            assert_eq!(made.hashes(), want, "{old} to {size}");
            let old_root = rfc::root(&leaves[..old]);
            let (old, size) = (old as u64, size as u64);
            assert_eq!(verify_consistency(old, size, made.hashes(), &old_root, &root), Ok(()));
        }
    }
}

#[test]
fn log_03_no_mangled_proof_holds_in_any_small_tree() {
    let leaves = leaves(20);
    let tree = tree_of(&leaves);
    let last = Hash([0xff; 32]);
    for size in 1..=leaves.len() {
        let root = rfc::root(&leaves[..size]);
        for index in 0..size {
            let (leaf, i, n) = (&leaves[index], index as u64, size as u64);
            let proof = prove_inclusion(&mut &tree, i, n).unwrap().hashes().to_vec();
            for other in 0..leaves.len() as u64 + 2 {
                let moved = verify_inclusion(other, n, leaf, &proof, &root);
                assert_eq!(moved.is_ok(), other == i, "{index} moved to {other} in {size}");
            }
            let shorter = proof.split_last().map(|(_, shorter)| shorter);
            assert!(shorter.is_none_or(|p| verify_inclusion(i, n, leaf, p, &root).is_err()));
            let longer = [&proof[..], &[last]].concat();
            let outcome = verify_inclusion(i, n, leaf, &longer, &root);
            assert_eq!(outcome, Err(ProofError::WrongLength));
            assert_eq!(verify_inclusion(i, n, &last, &proof, &root), Err(ProofError::WrongRoot));
            assert_eq!(verify_inclusion(i, n, leaf, &proof, &last), Err(ProofError::WrongRoot));
        }
        for old in 1..=size {
            let (m, n) = (old as u64, size as u64);
            let old_root = rfc::root(&leaves[..old]);
            let proof = prove_consistency(&mut &tree, m, n).unwrap().hashes().to_vec();
            let verify = |m, n, p: &[Hash], a: &Hash, b: &Hash| verify_consistency(m, n, p, a, b);
            for at in 0..proof.len() {
                let mut bent = proof.clone();
                bent[at].0[31] ^= 1;
                assert!(verify(m, n, &bent, &old_root, &root).is_err());
            }
            let longer = [&proof[..], &[last]].concat();
            assert_eq!(verify(m, n, &longer, &old_root, &root), Err(ProofError::WrongLength));
            let shorter = proof.split_last().map(|(_, shorter)| shorter);
            assert!(shorter.is_none_or(|p| verify(m, n, p, &old_root, &root).is_err()));
            assert_eq!(verify(m, n, &proof, &last, &root), Err(ProofError::WrongRoot));
            assert_eq!(verify(m, n, &proof, &old_root, &last), Err(ProofError::WrongRoot));
        }
    }
}

#[test]
fn impossible_numbers_are_refused_by_name() {
    let tree = tree_of(&leaves(3));
    let beyond = |index, size| Err(ProofError::IndexBeyondSize { index, size });
    assert_eq!(prove_inclusion(&mut &tree, 3, 3), beyond(3, 3));
    assert_eq!(prove_inclusion(&mut &tree, 0, 0), beyond(0, 0));
    let missing = Err(ProofError::HashMissing { level: 0, index: 3 });
    assert_eq!(prove_inclusion(&mut &tree, 2, 4), missing);
    for (old, new) in [(0, 3), (4, 3), (0, 0)] {
        let outcome = prove_consistency(&mut &tree, old, new);
        assert_eq!(outcome, Err(ProofError::SizesOutOfOrder { old, new }));
    }
    assert_ne!(prove_inclusion(&mut &tree, 0, 3), prove_inclusion(&mut &tree, 1, 3));
    let proof = prove_consistency(&mut &tree, 3, 3).unwrap();
    assert_eq!(format!("{proof:?}"), "[]");
}

#[test]
fn the_largest_sizes_do_not_overflow() {
    struct Same;
    impl TreeReader for Same {
        fn subtree(&mut self, _: u8, _: u64) -> Option<Hash> {
            Some(Hash([1; 32]))
        }
    }
    let inclusion = prove_inclusion(&mut Same, u64::MAX - 1, u64::MAX).unwrap();
    assert_eq!(inclusion.hashes().len(), 63);
    assert_eq!(prove_inclusion(&mut Same, 0, u64::MAX).unwrap().hashes().len(), 64);
    assert_eq!(prove_consistency(&mut Same, 1, u64::MAX).unwrap().hashes().len(), 64);
    assert_eq!(prove_consistency(&mut Same, 3, u64::MAX).unwrap().hashes().len(), 65);
    let hashes = [Hash([1; 32]); 65];
    let leaf = Hash([2; 32]);
    for length in 0..=65 {
        let proof = &hashes[..length];
        assert!(verify_inclusion(u64::MAX - 1, u64::MAX, &leaf, proof, &leaf).is_err());
        assert!(verify_consistency(u64::MAX - 1, u64::MAX, proof, &leaf, &leaf).is_err());
    }
}

/// Only every eighth level at hand, as in a folder of tiles.
struct EighthLevels(Tree);

impl TileReader for EighthLevels {
    fn tile_hash(&mut self, level: u8, index: u64) -> Option<Hash> {
        (&self.0).subtree(level * 8, index)
    }
}

#[test]
fn log_14_proofs_from_tiles_equal_those_from_the_whole_tree() {
    let leaves = leaves(700);
    let tree = tree_of(&leaves);
    let mut tiles = Tiles(EighthLevels(tree.clone()));
    for (index, size) in [(0, 700), (255, 256), (256, 700), (511, 513), (699, 700), (3, 300)] {
        let want = prove_inclusion(&mut &tree, index, size);
        assert!(want.is_ok());
        assert_eq!(prove_inclusion(&mut tiles, index, size), want);
        let want = prove_consistency(&mut &tree, index + 1, size);
        assert_eq!(prove_consistency(&mut tiles, index + 1, size), want);
    }
    assert_eq!(tiles.subtree(0, 700), None);
    assert_eq!(tiles.subtree(9, 0), (&tree).subtree(9, 0));
    assert_eq!(tiles.subtree(255, u64::MAX), None);
}

#[test]
fn the_published_eight_leaves_prove_as_published() {
    let tree = tree_of(&LEAF_INPUTS.map(leaf_hash));
    let proof = prove_inclusion(&mut &tree, 5, 8).unwrap();
    let want = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(format!("{proof:?}"), format!("[{}]", want.join(", ")));
    let leaf = leaf_hash(LEAF_INPUTS[5]);
    assert_eq!(verify_inclusion(5, 8, &leaf, proof.hashes(), &root_hash(8)), Ok(()));
}
