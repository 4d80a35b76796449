//! What gpg lists of a home.

use crate::domain::fingerprint::Fingerprint;

/// What gpg lists.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Listed {
    /// The signing subkeys whose secret is there, with their primary keys.
    pub(super) primaries: Vec<(Fingerprint, Fingerprint)>,
    /// The primary keys whose own secret is there.
    pub(super) exposed: Vec<Fingerprint>,
}

/// The secrets that are there, by the lines that gpg puts out.
pub(super) fn listed(lines: &str) -> Listed {
    let mut listed = Listed::default();
    let (mut primary, mut is_primary, mut is_wanted) = (None, false, false);
    for line in lines.lines() {
        let fields: Vec<_> = line.split(':').collect();
        let is_there = fields.get(14) == Some(&"+");
        match fields.first() {
            Some(&"sec") => (is_primary, is_wanted) = (true, is_there),
            Some(&"ssb") => {
                is_primary = false;
                is_wanted = is_there && fields.get(11).is_some_and(|uses| uses.contains('s'));
            }
            Some(&"fpr") => {
                let found = fields.get(9).and_then(|hex| Fingerprint::from_hex(hex));
                if is_primary {
                    primary = found;
                    listed.exposed.extend(found.filter(|_| is_wanted));
                } else if is_wanted {
                    listed.primaries.extend(found.zip(primary));
                }
                (is_primary, is_wanted) = (false, false);
            }
            _ => {}
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_signing_subkeys_with_their_secret_are_told() {
        let hex = |digit: &str| digit.repeat(40);
        let key = |kind: &str, there: &str, uses: &str, digit: &str| {
            let fields =
                ["u", "255", "22", &hex(digit)[..16], "1", "", "", "", "", "", uses, "", ""];
            format!("{kind}:{}:{there}:::\nfpr:::::::::{}:\n", fields.join(":"), hex(digit))
        };
        let lines = [
            key("sec", "#", "cS", "A"),
            key("ssb", "+", "s", "B"),
            key("ssb", "#", "s", "C"),
            key("ssb", "+", "e", "D"),
            key("ssb", "D2760001240102000005000011110000", "s", "E"),
        ]
        .concat();
        let of = |digit| Fingerprint::from_hex(&hex(digit)).unwrap();
        let primaries = vec![(of("B"), of("A"))];
        assert_eq!(listed(&lines), Listed { primaries, exposed: Vec::new() });
        let exposed = vec![of("A")];
        assert_eq!(listed(&key("sec", "+", "cS", "A")), Listed { exposed, ..Listed::default() });
    }
}
