//! Which words of a digest are typed. They are drawn when the carry has come:
//! nobody can make another one that agrees in words that are not known before.

/// How many words are typed.
pub const ASKED: usize = 4;
/// Words of a digest.
const WORDS: usize = 32;

/// Their places, counted from 1, in their order; no two are the same.
#[must_use]
pub fn asked(chance: [u8; 4 * ASKED]) -> [usize; ASKED] {
    let mut left: Vec<usize> = (1..=WORDS).collect();
    let mut places = [0; ASKED];
    for (place, chunk) in places.iter_mut().zip(chance.chunks_exact(4)) {
        let number = chunk.iter().fold(0usize, |number, byte| number << 8 | usize::from(*byte));
        *place = left.remove(number % left.len());
    }
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_drawn_and_none_twice() {
        assert_eq!(asked([0; 16]), [1, 2, 3, 4]);
        assert_eq!(asked([255; 16]), {
            let mut places = [255, 255, 255, 255];
            let mut left: Vec<usize> = (1..=32).collect();
            for place in &mut places {
                *place = left.remove(0xffff_ffff % left.len());
            }
            places.sort_unstable();
            places
        });
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..=255u8 {
            let mut chance = [0; 16];
            let mut next = number;
            for byte in &mut chance {
                next = next.wrapping_mul(31).wrapping_add(7);
                *byte = next;
            }
            let places = asked(chance);
            let is_rising = places.windows(2).all(|pair| pair[0] < pair[1]);
            assert!(is_rising && places[3] <= 32, "{places:?}");
            seen.extend(places);
        }
        assert_eq!(seen.len(), 32);
    }
}
