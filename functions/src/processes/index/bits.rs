//! Sets of the runs of one block, a bit for each. Pure.

/// Which runs of a block are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// None of a block of this size, which is a multiple of 64.
    pub fn none(block: i64) -> Self {
        Self(vec![0; usize::try_from(block / 64).unwrap_or_default()])
    }

    /// All of a block of this size.
    pub fn all(block: i64) -> Self {
        let mut bits = Self::none(block);
        bits.0.fill(u64::MAX);
        bits
    }

    /// As they are stored.
    pub fn read(bytes: &[u8]) -> Self {
        let words = bytes
            .chunks_exact(8)
            .map(|word| word.iter().rev().fold(0, |all, byte| (all << 8) | u64::from(*byte)));
        Self(words.collect())
    }

    /// To be stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Takes the run at this place in or out.
    pub fn set(&mut self, at: i64, on: bool) {
        let Ok(at) = usize::try_from(at) else { return };
        if let Some(word) = self.0.get_mut(at / 64) {
            let bit = 1 << (at % 64);
            *word = if on { *word | bit } else { *word & !bit };
        }
    }

    /// Those of both.
    pub fn keep(&mut self, others: &Self) {
        for (word, other) in self.0.iter_mut().zip(&others.0) {
            *word &= other;
        }
    }

    /// Those of either.
    pub fn add(&mut self, others: &Self) {
        for (word, other) in self.0.iter_mut().zip(&others.0) {
            *word |= other;
        }
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Their places, in order.
    pub fn places(&self) -> impl Iterator<Item = i64> {
        let words = self.0.iter().zip(0_i64..);
        words.flat_map(|(word, at)| {
            (0..64_i64).filter(move |bit| word & (1 << bit) != 0).map(move |bit| at * 64 + bit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_read_as_they_were_written() {
        let mut bits = Bits::none(128);
        for at in [0, 1, 63, 64, 127] {
            bits.set(at, true);
        }
        bits.set(1, false);
        bits.set(128, true);
        let read = Bits::read(&bits.to_bytes());
        assert_eq!(read, bits);
        assert_eq!(read.places().collect::<Vec<_>>(), [0, 63, 64, 127]);
        assert_eq!((read.count(), Bits::all(128).count()), (4, 128));
    }

    #[test]
    fn sets_are_joined_and_cut() {
        let of = |places: &[i64]| {
            let mut bits = Bits::none(64);
            places.iter().for_each(|at| bits.set(*at, true));
            bits
        };
        let (mut both, mut either) = (of(&[1, 2, 3]), of(&[1, 2]));
        both.keep(&of(&[2, 3, 4]));
        either.add(&of(&[4]));
        assert_eq!((both, either), (of(&[2, 3]), of(&[1, 2, 4])));
    }
}
