//! The hash of names, made from the right, so that one pass over a name gives the hash of every
//! domain above it; and the filter that stands in front of the index.

/// The hash of what was read of a name so far, its end first.
///
/// A step is one multiplication; [`Suffix::hash`] mixes. Each list has a seed of its own, made from its
/// digest, so that whoever writes a list cannot choose names that fall together without changing where
/// they fall. A wrong hash costs time, never an answer: what is found is compared with the name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suffix(u64);

/// The golden ratio in 64 bits, odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Suffix {
    #[inline]
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// With one more byte on the left.
    #[inline]
    pub(super) const fn with(self, byte: u8) -> Self {
        Self((self.0 ^ byte as u64).wrapping_mul(STEP))
    }

    /// Its hash: every bit of it depends on every bit read (the finaliser of MurmurHash3).
    #[inline]
    pub(super) const fn hash(self) -> u64 {
        let mut hash = self.0;
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
        hash ^ (hash >> 33)
    }

    /// The hash of a whole name.
    pub(super) fn of(seed: u64, name: &[u8]) -> u64 {
        name.iter()
            .rev()
            .fold(Self::new(seed), |suffix, byte| suffix.with(*byte))
            .hash()
    }
}

/// The filter's bits for a name, all in one word: five of 64.
#[inline]
pub(super) const fn filter_bits(hash: u64) -> u64 {
    (1 << (hash & 63))
        | (1 << ((hash >> 6) & 63))
        | (1 << ((hash >> 12) & 63))
        | (1 << ((hash >> 18) & 63))
        | (1 << ((hash >> 24) & 63))
}

/// Bits of the filter for each name: some 1.5 percent of other names pass it.
pub(super) const FILTER_BITS: usize = 12;

/// Names in a bucket, on average.
pub(super) const BUCKET: usize = 8;
