//! Files that only grow: which of two copies holds the other.

/// How a copy that came stands to the one that is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grown {
    /// They are the same.
    Same,
    /// It has all of ours, and more from that byte on.
    Longer(usize),
    /// Ours has all of it, and more.
    Shorter,
    /// They differ, first in that line, counted from 1.
    Forked(usize),
}

/// Compares the two, byte by byte.
#[must_use]
pub fn grown(ours: &[u8], theirs: &[u8]) -> Grown {
    match ours.iter().zip(theirs).position(|(one, other)| one != other) {
        Some(at) => {
            let before = ours.get(..at).unwrap_or_default();
            Grown::Forked(before.split(|byte| *byte == b'\n').count())
        }
        None if ours.len() < theirs.len() => Grown::Longer(ours.len()),
        None if ours.len() > theirs.len() => Grown::Shorter,
        None => Grown::Same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_the_other_or_they_have_parted() {
        for (ours, theirs, wanted) in [
            ("", "", Grown::Same),
            ("a\n", "a\n", Grown::Same),
            ("a\n", "a\nb\n", Grown::Longer(2)),
            // Ours was cut off while it was written.
            ("a\nb", "a\nbc\n", Grown::Longer(3)),
            ("a\nb\n", "a\n", Grown::Shorter),
            ("a\nb\n", "a\nc\n", Grown::Forked(2)),
            ("a\n", "b\n", Grown::Forked(1)),
        ] {
            assert_eq!(grown(ours.as_bytes(), theirs.as_bytes()), wanted, "{ours:?} {theirs:?}");
        }
    }
}
