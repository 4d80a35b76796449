//! The lines of gpg.conf that are ours: which subkey is used, and which was
//! put there by what.

use crate::domain::fingerprint::Fingerprint;

const BEGIN: &str = "# keyrite begin: these lines are written by keyrite";
const END: &str = "# keyrite end";

/// What stands in our lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) current: Option<Entry>,
    pub(super) pending: Option<Entry>,
    pub(super) previous: Option<Entry>,
}

/// A subkey, and the effect that put it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) subkey: Fingerprint,
    pub(super) version: String,
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        let (subkey, version) = text.split_once(' ')?;
        let subkey = Fingerprint::from_hex(subkey)?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let is_plain = !version.is_empty() && version.chars().all(is_name);
        is_plain.then(|| Self { subkey, version: version.to_owned() })
    }
}

impl Block {
    /// Takes our lines out of the file: what they say, and the others.
    pub(super) fn parse(file: &str) -> (Self, String) {
        let mut block = Self::default();
        let mut others = String::new();
        let mut is_ours = false;
        for line in file.split_inclusive('\n') {
            let text = line.trim_end();
            match (is_ours, text) {
                (false, BEGIN) => is_ours = true,
                (true, END) => is_ours = false,
                (false, _) => others.push_str(line),
                (true, text) => {
                    let entry = |word: &str| Entry::parse(text.strip_prefix(word)?);
                    block.current = entry("# current ").or(block.current);
                    block.pending = entry("# pending ").or(block.pending);
                    block.previous = entry("# previous ").or(block.previous);
                }
            }
        }
        (block, others)
    }

    /// The file with these lines at its end, where they count most.
    pub(super) fn write(&self, others: &str) -> String {
        let mut file = others.to_owned();
        if !file.is_empty() && !file.ends_with('\n') {
            file.push('\n');
        }
        let known =
            [("current", &self.current), ("pending", &self.pending), ("previous", &self.previous)];
        let line = |(word, entry): (&str, &Option<Entry>)| {
            let entry = entry.as_ref()?;
            Some(format!("# {word} {} {}\n", entry.subkey.hex(), entry.version))
        };
        let lines: String = known.into_iter().filter_map(line).collect();
        if lines.is_empty() {
            return file;
        }
        file.push_str(BEGIN);
        file.push('\n');
        file.push_str(&lines);
        if let Some(current) = &self.current {
            file.push_str("default-key ");
            file.push_str(&current.subkey.hex());
            file.push_str("!\n");
        }
        file.push_str(END);
        file.push('\n');
        file
    }

    /// What is recorded of a subkey.
    pub(super) fn of(&self, subkey: &Fingerprint) -> Option<&Entry> {
        let all = [&self.current, &self.pending, &self.previous];
        all.into_iter().flatten().find(|entry| entry.subkey == *subkey)
    }

    /// The record without a subkey that is not current.
    pub(super) fn without(mut self, subkey: &Fingerprint) -> Self {
        let is_other = |entry: &Entry| entry.subkey != *subkey;
        self.pending = self.pending.filter(is_other);
        self.previous = self.previous.filter(is_other);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(digit: char) -> Entry {
        let subkey = Fingerprint::from_hex(&digit.to_string().repeat(40)).unwrap();
        Entry { subkey, version: format!("effect-{digit}") }
    }

    #[test]
    fn other_lines_stay_and_ours_are_read_again() {
        let block = Block { current: Some(entry('A')), pending: None, previous: Some(entry('B')) };
        for others in ["", "no-greeting\n", "keyid-format long\ndefault-key X"] {
            let file = block.write(others);
            assert!(file.contains(&format!("default-key {}!\n", "A".repeat(40))), "{file}");
            let (found, left) = Block::parse(&file);
            assert_eq!(found, block);
            assert_eq!(left.trim_end(), others.trim_end());
            // Written anew it is the same.
            assert_eq!(found.write(&left), file);
        }
        assert_eq!(Block::default().write("own\n"), "own\n");
    }

    #[test]
    fn odd_lines_between_ours_are_no_record() {
        let file =
            format!("{BEGIN}\n# current xyz name\n# pending {} a b\n{END}\n", "A".repeat(40));
        assert_eq!(Block::parse(&file).0, Block::default());
        // Without an end, ours go to the end of the file.
        let file = format!("own\n{BEGIN}\n# current {} name\n", "A".repeat(40));
        let (block, others) = Block::parse(&file);
        assert!(block.current.is_some() && others == "own\n");
    }
}
