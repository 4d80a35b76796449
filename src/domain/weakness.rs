//! Keys whose secret can be worked out from their public part.

use std::collections::BTreeMap;
use std::fmt;

use super::fingerprint::Fingerprint;

/// Why the secret of an RSA key can be worked out from its public part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// The exponent is even or below three.
    Exponent,
    /// The modulus can be divided by this prime.
    SmallFactor(u32),
    /// The primes are so close that Fermat's method finds them.
    ClosePrimes,
    /// The modulus has the form that the Infineon library made.
    Roca,
    /// The modulus has a prime in common with that of another key.
    SharedFactor(Fingerprint),
    /// The modulus is that of another key: who has one secret has both.
    SameModulus(Fingerprint),
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exponent => f.write_str("its exponent is even or below three"),
            Self::SmallFactor(2) => f.write_str("its modulus is even"),
            Self::SmallFactor(prime) => write!(f, "its modulus can be divided by {prime}"),
            Self::ClosePrimes => f.write_str("the primes of its modulus are close to each other"),
            Self::Roca => f.write_str("its modulus has the form of a ROCA key"),
            Self::SharedFactor(other) => {
                write!(f, "its modulus has a prime in common with that of key {}", other.hex())
            }
            Self::SameModulus(other) => write!(f, "its modulus is that of key {}", other.hex()),
        }
    }
}

/// The weak keys of all certificates that were read.
#[derive(Clone, Debug, Default)]
pub struct Weaknesses {
    /// By the fingerprint of the primary key or subkey.
    pub of: BTreeMap<Fingerprint, Vec<Weakness>>,
    /// RSA keys that were not held against all others, because there were so
    /// many of them.
    pub not_compared: usize,
}
