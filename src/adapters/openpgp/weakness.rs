//! RSA keys whose secret can be worked out from their public part.
//!
//! This costs more than reading a certificate does, so that it is done on
//! request only.

use std::collections::BTreeMap;

use openssl::bn::{BigNum, BigNumContext, BigNumContextRef, BigNumRef};
use openssl::error::ErrorStack;
use rayon::prelude::*;
use sequoia_openpgp::cert::raw::RawCert;
use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::{Packet, Tag};
use sequoia_openpgp::parse::Parse as _;

use super::facts;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::weakness::{Weakness, Weaknesses};

/// RSA keys that are held against each other; the effort grows with the square.
const MAX_COMPARED: usize = 200;

/// Bits of a modulus beyond which nothing is looked for: programs refuse such
/// keys.
const MAX_BITS: i32 = 8192;

/// Primes up to which a factor counts as small.
const SMALL: u32 = 1000;

/// Steps of Fermat's method; honest keys need more than there are atoms.
const FERMAT_STEPS: usize = 100;

/// The largest prime by which a ROCA modulus gives itself away.
const ROCA_LARGEST: u32 = 167;

/// The generator of the group in which the primes of a ROCA key are.
const ROCA_GENERATOR: u32 = 65_537;

/// An RSA key.
struct Rsa {
    modulus: BigNum,
    exponent: BigNum,
}

/// The weak keys in certificates; of each all public copies are given.
#[must_use]
pub fn weaknesses<B: AsRef<[u8]>>(certificates: &[Vec<B>]) -> Weaknesses {
    let mut keys: BTreeMap<Fingerprint, Rsa> = BTreeMap::new();
    for copy in certificates.iter().flatten() {
        collect(copy.as_ref(), &mut keys);
    }
    let primes = primes(SMALL);
    let found = keys
        .par_iter()
        .map(|(fingerprint, rsa)| (*fingerprint, of_key(rsa, &primes).unwrap_or_default()));
    let mut of: BTreeMap<_, _> = found.filter(|(_, found)| !found.is_empty()).collect();
    let compared: Vec<_> = keys.iter().take(MAX_COMPARED).collect();
    for (fingerprint, weakness) in shared(&compared).unwrap_or_default() {
        of.entry(fingerprint).or_default().push(weakness);
    }
    Weaknesses { of, not_compared: keys.len() - compared.len() }
}

fn collect(copy: &[u8], keys: &mut BTreeMap<Fingerprint, Rsa>) {
    let Ok(raw) = RawCert::from_bytes(copy) else { return };
    let is_key = |tag| matches!(tag, Tag::PublicKey | Tag::PublicSubkey);
    for packet in raw.packets().filter(|packet| is_key(packet.tag())) {
        let (fingerprint, material) = match Packet::from_bytes(packet.as_bytes()) {
            Ok(Packet::PublicKey(key)) => (key.fingerprint(), key.mpis().clone()),
            Ok(Packet::PublicSubkey(key)) => (key.fingerprint(), key.mpis().clone()),
            _ => continue,
        };
        let mpi::PublicKey::RSA { e, n } = material else { continue };
        let numbers = (BigNum::from_slice(n.value()), BigNum::from_slice(e.value()));
        if let (Ok(fingerprint), (Ok(modulus), Ok(exponent))) =
            (facts::fingerprint(&fingerprint), numbers)
            && (2..=MAX_BITS).contains(&modulus.num_bits())
        {
            keys.insert(fingerprint, Rsa { modulus, exponent });
        }
    }
}

/// What is weak about one key by itself.
fn of_key(rsa: &Rsa, primes: &[u32]) -> Result<Vec<Weakness>, ErrorStack> {
    let mut found = Vec::new();
    if rsa.exponent.is_even() || rsa.exponent.num_bits() < 2 {
        found.push(Weakness::Exponent);
    }
    for prime in primes {
        if rsa.modulus.mod_word(*prime)? == 0 {
            found.push(Weakness::SmallFactor(*prime));
            return Ok(found);
        }
    }
    if has_close_primes(&rsa.modulus, &mut *BigNumContext::new()?)? {
        found.push(Weakness::ClosePrimes);
    }
    if is_roca(&rsa.modulus, primes)? {
        found.push(Weakness::Roca);
    }
    Ok(found)
}

/// The primes up to and with `limit`.
fn primes(limit: u32) -> Vec<u32> {
    let mut primes: Vec<u32> = Vec::new();
    for number in 2..=limit {
        if primes.iter().all(|prime| number % prime != 0) {
            primes.push(number);
        }
    }
    primes
}

/// Fermat's method: a modulus of close primes is nearly a square, and what it
/// lacks is a square, too.
fn has_close_primes(
    modulus: &BigNumRef,
    context: &mut BigNumContextRef,
) -> Result<bool, ErrorStack> {
    let mut middle = square_root(modulus, context)?;
    let mut square = BigNum::new()?;
    square.sqr(&middle, context)?;
    for _ in 0..FERMAT_STEPS {
        if *square >= *modulus && is_square(&(&*square - modulus), context)? {
            return Ok(true);
        }
        let mut step = BigNum::new()?;
        step.lshift1(&middle)?;
        step.add_word(1)?;
        square = &*square + &*step;
        middle.add_word(1)?;
    }
    Ok(false)
}

fn is_square(number: &BigNumRef, context: &mut BigNumContextRef) -> Result<bool, ErrorStack> {
    // Most numbers are no squares modulo small ones.
    for modulus in [64, 63, 65, 11] {
        let rest = number.mod_word(modulus)?;
        let modulus = u64::from(modulus);
        if (0..modulus).all(|root| root * root % modulus != rest) {
            return Ok(false);
        }
    }
    let root = square_root(number, context)?;
    let mut square = BigNum::new()?;
    square.sqr(&root, context)?;
    Ok(*square == *number)
}

/// The largest number whose square is not larger, by Newton's method.
fn square_root(number: &BigNumRef, context: &mut BigNumContextRef) -> Result<BigNum, ErrorStack> {
    let mut root = BigNum::new()?;
    if number.num_bits() == 0 {
        return Ok(root);
    }
    root.set_bit((number.num_bits() + 1) / 2)?;
    loop {
        let mut next = BigNum::new()?;
        next.checked_div(number, &root, context)?;
        let sum = &*next + &*root;
        next.rshift1(&sum)?;
        if next >= root {
            return Ok(root);
        }
        root = next;
    }
}

/// Whether the modulus is a power of the generator modulo every small prime:
/// a chance of less than one in 2^27 for any other key.
fn is_roca(modulus: &BigNumRef, primes: &[u32]) -> Result<bool, ErrorStack> {
    for prime in primes.iter().filter(|prime| (3..=ROCA_LARGEST).contains(*prime)) {
        let rest = modulus.mod_word(*prime)?;
        let generator = u64::from(ROCA_GENERATOR % prime);
        let mut power = 1;
        let mut is_power = power == rest;
        for _ in 0..*prime {
            power = power * generator % u64::from(*prime);
            is_power |= power == rest;
        }
        if !is_power {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The keys that have a prime in common with another one.
fn shared(keys: &[(&Fingerprint, &Rsa)]) -> Result<Vec<(Fingerprint, Weakness)>, ErrorStack> {
    let mut product = BigNum::from_u32(1)?;
    for (_, rsa) in keys {
        product = &*product * &*rsa.modulus;
    }
    let of = |(fingerprint, rsa): &(&Fingerprint, &Rsa)| {
        // The product of all others, as far as this modulus can tell.
        let square = &*rsa.modulus * &*rsa.modulus;
        let rest = &*product % &*square;
        let others = &*rest / &*rsa.modulus;
        if !has_factor_in_common(&rsa.modulus, &others) {
            return None;
        }
        let mut others = keys.iter().filter(|(other, _)| other != fingerprint);
        let (other, its) =
            others.find(|(_, other)| has_factor_in_common(&rsa.modulus, &other.modulus))?;
        let same = rsa.modulus == its.modulus;
        let weakness = if same { Weakness::SameModulus } else { Weakness::SharedFactor };
        Some((**fingerprint, weakness(**other)))
    };
    Ok(keys.par_iter().filter_map(of).collect())
}

/// Euclid's algorithm: the library's own hides what it divides, which is slow
/// and here of no use.
fn has_factor_in_common(a: &BigNumRef, b: &BigNumRef) -> bool {
    let (Ok(mut a), Ok(mut b)) = (a.to_owned(), b.to_owned()) else { return false };
    while b.num_bits() > 0 {
        let rest = &*a % &*b;
        a = b;
        b = rest;
    }
    a.num_bits() > 1
}
