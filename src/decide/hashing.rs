//! A quick hash of short names.

use std::hash::{BuildHasherDefault, Hasher};

/// A map by short names out of a rulebook. What is looked up never becomes a key, so that nobody who asks can choose
/// keys that collide.
pub(crate) type Names<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<Short>>;

/// FNV-1a, over words of eight bytes where there are so many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Short(u64);

impl Default for Short {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Short {
    fn add(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01B3);
        // What differs in the upper half must reach the lower one, which chooses the bucket.
        self.0 ^= self.0 >> 32;
    }
}

impl Hasher for Short {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.add(word.try_into().map_or(0, u64::from_le_bytes));
        }
        for byte in words.remainder() {
            self.add(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.add(u64::from(byte));
    }

    fn write_u32(&mut self, number: u32) {
        self.add(u64::from(number));
    }

    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }

    fn finish(&self) -> u64 {
        // The upper bits tell entries of one bucket apart.
        self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, BuildHasherDefault};

    use super::Short;

    #[test]
    fn names_that_differ_a_little_do_not_collide() {
        let hash = BuildHasherDefault::<Short>::default();
        let names: Vec<String> = (0..20_000).map(|number| format!("person.{number:05}")).collect();
        let mut hashes: Vec<u64> = names.iter().map(|name| hash.hash_one(name.as_str())).collect();
        let mut buckets = vec![0_u32; 4_096];
        for hash in &hashes {
            buckets[usize::try_from(hash % 4_096).unwrap()] += 1;
        }
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), names.len());
        assert!(buckets.iter().all(|count| *count < 20), "spread evenly: {:?}", buckets.iter().max());
    }
}
