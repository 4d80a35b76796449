//! Places of publication as people write them.

use super::{Target, TargetKind};
use crate::domain::worded::Worded as _;

impl Target {
    /// The target that a place stands for.
    ///
    /// The kind shows in the place itself; `number` makes the name one of its
    /// own.
    pub fn of_place(place: &str, number: usize) -> Result<Self, String> {
        let place = place.trim();
        let kind = kind_of(place).ok_or_else(|| {
            format!(
                "'{place}' is no place that is known; write hkps://SERVER, keys.openpgp.org, \
                 s3://BUCKET/PATH, https://HOST/.well-known/openpgpkey, a git URL, a folder, a \
                 file called KEYS, or a page (.md, .html)"
            )
        })?;
        Ok(Self {
            id: format!("{}-{number}", kind.word()),
            kind,
            place: place.to_owned(),
            // A page does not hold up a rotation.
            blocking: kind != TargetKind::Page,
            keeps_history: true,
            form: None,
            certificates: Vec::new(),
            settings: std::collections::BTreeMap::new(),
            line: 0,
        })
    }
}

fn kind_of(place: &str) -> Option<TargetKind> {
    let begins = |start: &str| place.starts_with(start);
    let file = place.rsplit('/').next().unwrap_or(place);
    let ends = |end: &str| file.len() > end.len() && file.ends_with(end);
    Some(match () {
        () if place.contains("keys.openpgp.org") => TargetKind::Vks,
        () if begins("hkps://") || begins("hkp://") => TargetKind::Hkp,
        () if begins("s3://") => TargetKind::S3,
        () if place.contains("/.well-known/openpgpkey") => TargetKind::Wkd,
        () if begins("git@") || begins("git+") || begins("ssh://") || ends(".git") => {
            TargetKind::Git
        }
        () if file == "KEYS" => TargetKind::ApacheKeys,
        () if [".md", ".html", ".rst", ".txt"].into_iter().any(ends) => TargetKind::Page,
        () if begins("/") || begins("./") || begins("../") => TargetKind::Directory,
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_shows_in_the_place() {
        for (place, kind) in [
            ("keys.openpgp.org", Some(TargetKind::Vks)),
            ("hkps://keyserver.example.org", Some(TargetKind::Hkp)),
            ("s3://bucket/keys", Some(TargetKind::S3)),
            ("https://openpgpkey.example.org/.well-known/openpgpkey", Some(TargetKind::Wkd)),
            ("git@example.org:team/keys.git", Some(TargetKind::Git)),
            ("dist/KEYS", Some(TargetKind::ApacheKeys)),
            ("docs/keys.md", Some(TargetKind::Page)),
            ("/srv/www/keys", Some(TargetKind::Directory)),
            ("somewhere", None),
            (".md", None),
            ("", None),
        ] {
            assert_eq!(Target::of_place(place, 1).ok().map(|target| target.kind), kind, "{place}");
        }
    }
}
