//! Which lines of journals the log vouches for. A journal that no chain names
//! could have been put there by anybody.

use std::collections::{BTreeMap, HashMap};

use super::entry::RunLine;
use super::names::Writer;
use crate::engine::chain::Digest;

/// The chains of this machine, each with its last line that this machine can
/// have written.
pub type Own = BTreeMap<Writer, u64>;

/// The lines of journals that chains name.
#[derive(Clone, Debug, Default)]
pub struct Vouched {
    runs: HashMap<String, HashMap<u64, Vec<Voucher>>>,
}

#[derive(Clone, Debug)]
struct Voucher {
    writer: Writer,
    /// The line of its chain.
    at: u64,
    hash: Digest,
}

impl Vouched {
    /// Takes what line `at` of a chain names.
    pub fn take(&mut self, writer: &Writer, at: u64, line: &RunLine) {
        let voucher = Voucher { writer: writer.clone(), at, hash: line.hash };
        let lines = self.runs.entry(line.id.clone()).or_default();
        lines.entry(line.seq).or_default().push(voucher);
    }

    /// Who vouches for that line of a journal, with the lines of their chains.
    pub fn writers(
        &self,
        run: &str,
        seq: i64,
        hash: Digest,
    ) -> impl Iterator<Item = (&Writer, u64)> {
        let lines = self.runs.get(run);
        let line = lines.and_then(|lines| lines.get(&u64::try_from(seq).ok()?));
        let named = line.into_iter().flatten().filter(move |one| one.hash == hash);
        named.map(|one| (&one.writer, one.at))
    }

    /// Whether somebody does.
    #[must_use]
    pub fn knows(&self, run: &str, seq: i64, hash: Digest) -> bool {
        self.writers(run, seq, hash).next().is_some()
    }

    /// Whether this machine does.
    #[must_use]
    pub fn is_own(&self, own: &Own, run: &str, seq: i64, hash: Digest) -> bool {
        let mut writers = self.writers(run, seq, hash);
        writers.any(|(writer, at)| own.get(writer).is_some_and(|last| at <= *last))
    }
}
