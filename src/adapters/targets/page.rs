//! A page of the documentation that shows the fingerprint, in Markdown and as
//! a fragment of HTML: what people compare with what they have got.

mod text;

use self::text::{Block, html, markdown};
use super::store::{Ask, File, Files, Kept, Layout};
use crate::adapters::openpgp::{Secrets, read};
use crate::domain::certificate::{Certificate, Key};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;
use crate::engine::target::{Door, Found, Publication};

/// The page, which names these places.
pub(super) struct Page {
    pub(super) places: Vec<String>,
}

/// When a key ends, by its newest self-signature.
fn ends(certificate: &Certificate, key: &Key) -> Option<Timestamp> {
    let own = key.self_signatures.first();
    let is_primary = key.fingerprint == certificate.primary.fingerprint;
    // The period of a primary key may stand on its user IDs instead.
    let of_ids = certificate.user_ids.iter().filter_map(|id| id.self_signatures.first());
    let stated = |one: Option<u32>| one.filter(|seconds| *seconds != 0);
    let seconds = match own.and_then(|own| stated(own.key_validity)) {
        None if is_primary => of_ids.filter_map(|one| stated(one.key_validity)).max(),
        own => own,
    };
    seconds.map(|seconds| key.created.plus(i64::from(seconds)))
}

fn row(certificate: &Certificate, key: &Key) -> Vec<String> {
    let flags = key.self_signatures.first().and_then(|own| own.flags);
    let of_ids = certificate.user_ids.iter().find_map(|id| id.self_signatures.first()?.flags);
    let is_primary = key.fingerprint == certificate.primary.fingerprint;
    let flags = flags.or(of_ids.filter(|_| is_primary));
    let validity = match ends(certificate, key) {
        _ if !key.revocations.is_empty() => "revoked".to_owned(),
        None => format!("from {}, without an end", key.created.date()),
        Some(end) => format!("{} to {}", key.created.date(), end.date()),
    };
    vec![
        if is_primary { "primary key" } else { "subkey" }.to_owned(),
        flags.map(|flags| flags.words().join(", ")).unwrap_or_default(),
        key.fingerprint.grouped(),
        key.algorithm.to_string(),
        validity,
    ]
}

/// What is on it.
fn blocks(
    publication: &Publication<'_>,
    certificate: &Certificate,
    places: &[String],
) -> Vec<Block> {
    let of = publication.certificate;
    let hex = of.hex();
    let text = |text: &str| Block::Text(text.to_owned());
    let name = publication.user_ids.first().map_or("The key", |id| id.as_str());
    let mut blocks = vec![
        Block::Heading(1, name.to_owned()),
        text("The fingerprint of the key is"),
        Block::Fingerprint(of.grouped()),
        text("Compare all of it with what your program shows, before you trust the key."),
    ];
    let ids = publication.user_ids.iter().map(|id| id.as_str().to_owned());
    blocks.extend([Block::Heading(2, "User IDs".to_owned()), Block::List(ids.collect())]);
    let head = ["Key", "May", "Fingerprint", "Algorithm", "Valid"].map(str::to_owned).to_vec();
    let keys = std::iter::once(&certificate.primary).chain(&certificate.subkeys);
    let rows = keys.map(|key| row(certificate, key)).collect();
    blocks.extend([Block::Heading(2, "Keys".to_owned()), Block::Table(head, rows)]);
    if !places.is_empty() {
        blocks.push(Block::Heading(2, "Where it is".to_owned()));
        blocks.push(Block::List(places.to_vec()));
    }
    blocks.push(Block::Heading(2, "How to take it in".to_owned()));
    blocks.push(Block::Text(format!("With the file {hex}.asc, looked at first:")));
    let see = format!("gpg --show-keys --with-fingerprint {hex}.asc");
    for (program, lines) in [
        ("GnuPG", vec![see, format!("gpg --import {hex}.asc")]),
        ("Sequoia", vec![format!("sq inspect {hex}.asc"), format!("sq cert import {hex}.asc")]),
        ("Spack before 1.0", vec![format!("spack gpg trust {hex}.asc")]),
        ("Spack 1.0 and later", vec![format!("spack gpg trust -y {hex}.asc")]),
        (
            "apt",
            vec![
                format!("install -D -m 644 {hex}.asc /etc/apt/keyrings/{hex}.asc"),
                format!("# in the source: Signed-By: /etc/apt/keyrings/{hex}.asc"),
            ],
        ),
        ("rpm", vec![format!("rpmkeys --import {hex}.asc")]),
    ] {
        blocks.extend([Block::Heading(3, program.to_owned()), Block::Code(lines)]);
    }
    blocks
}

impl Layout for Page {
    fn moving(&self, certificate: &Fingerprint, _: &[String]) -> Vec<String> {
        ["md", "html"].map(|end| format!("{}.{end}", certificate.hex())).into()
    }

    fn doors(&self, certificate: &Fingerprint, addresses: &[String], ask: Ask<'_>) -> Vec<Door> {
        let paths = self.moving(certificate, addresses);
        let read = |bytes: Vec<u8>| text::words_of(&String::from_utf8_lossy(&bytes));
        let door = |path: &String| ask(path).made(|bytes| Found::Page(read(bytes)));
        let mut doors: Vec<_> = paths.iter().map(door).collect();
        // On the web all is one page.
        doors.dedup_by(|one, other| one.name == other.name);
        doors
    }

    fn files(&self, publication: &Publication<'_>, _: Kept<'_>) -> Files {
        let certificate = match read(&[publication.binary], &Secrets::default()) {
            Ok(certificate) => certificate,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let blocks = blocks(publication, &certificate, &self.places);
        let hex = publication.certificate.hex();
        let file = |end: &str, text: String, media| File {
            path: format!("{hex}.{end}"),
            bytes: text.into_bytes(),
            media,
            is_fixed: false,
        };
        Ok(Ok(vec![
            file("md", markdown(&blocks), "text/markdown; charset=utf-8"),
            file("html", html(&blocks), "text/html; charset=utf-8"),
        ]))
    }

    fn is_page(&self) -> bool {
        true
    }
}
