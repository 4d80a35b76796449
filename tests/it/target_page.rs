//! Pages of documentation as targets: what people compare with.

use std::fs;
use std::path::Path;

use keyrite::adapters::targets::{self, Reach};
use keyrite::domain::publication::{Components, Verdict};
use keyrite::domain::workspace::{Setting, TargetKind};
use keyrite::engine::target::Target;

use crate::support::forge::{KeySpec, certificate};
use crate::support::targets::{Made, cert, judged_first, serves, target, verdict};
use crate::support::web::Web;

fn open(folder: &Path, settings: &[(&str, &str)]) -> Box<dyn Target> {
    let mut declared = target(TargetKind::Page, "docs", settings);
    let places = ["https://example.org/<keys>", "hkps://keys.openpgp.org"];
    let places = places.map(str::to_owned).to_vec();
    declared.settings.insert("places".to_owned(), Setting::List(places));
    assert_eq!(declared.problems(), Vec::<String>::new());
    targets::open(&declared, &Reach::of(folder.to_owned())).unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("docs")).unwrap();
    folder
}

#[test]
fn every_promise_that_a_page_can_hold_holds() {
    let folder = folder();
    serves(&|| open(folder.path(), &[]), &|| ());
}

#[test]
fn it_says_what_people_need_and_takes_no_markup_from_strangers() {
    let folder = folder();
    let id = "<script>alert(1)</script> [TEST](javascript:1) <a@example.org>";
    let primary = KeySpec::new("C", "2025-06-01", Some("2028-06-01"));
    let signer = KeySpec::new("S", "2025-12-01", Some("2026-12-31"));
    let made = Made::of(&certificate(&[id], &primary, &[signer]));
    made.publish(open(folder.path(), &[]).as_ref()).unwrap();
    let hex = made.fingerprint.hex();
    let read =
        |end: &str| fs::read_to_string(folder.path().join(format!("docs/{hex}.{end}"))).unwrap();
    for page in [read("html"), read("md")] {
        assert!(page.contains(&made.fingerprint.grouped()), "{page}");
        assert!(!page.contains("<script>"), "{page}");
        for words in [
            "Ed25519",
            "2028",
            "2026",
            "gpg --import",
            "sq cert import",
            "spack gpg trust -y",
            "/etc/apt/keyrings/",
            "rpmkeys --import",
            "&lt;keys&gt;",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
    }
    assert!(!read("md").contains("[TEST]("), "a link of a stranger");
}

#[test]
fn the_page_that_people_see_shows_the_right_fingerprint_in_groups() {
    let folder = folder();
    let made = Made::of(&cert("release", &[]));
    let grouped = made.fingerprint.grouped().replace("  ", "&nbsp; ");
    let hex = made.fingerprint.hex();
    let other = Made::of(&cert("other", &[])).fingerprint.grouped();
    for (body, wanted, words) in [
        (format!("<p>Ours: <b>{grouped}</b>"), Verdict::Match, ""),
        (format!("<p>Ours: {hex}"), Verdict::Stale, "not in groups"),
        (format!("<p>Ours: {other}"), Verdict::Foreign, "another fingerprint"),
        (format!("<p>Ours: {other}<!-- {grouped} -->"), Verdict::Foreign, "another fingerprint"),
        (format!("<script>'{grouped}'</script>"), Verdict::Stale, "does not show"),
    ] {
        let web = Web::start(move |_| crate::support::web::Answer::new(200, "text/html", &body));
        let url = format!("{}/keys.html", web.url);
        let place = open(folder.path(), &[("read", &url)]);
        let seen = made.look(place.as_ref());
        assert_eq!(seen.doors.len(), 1);
        assert_eq!(seen.doors[0].name, url);
        let facts = judged_first(place.as_ref(), &made).facts.join("; ");
        assert!(facts.contains(words), "{words}: {facts}");
        assert_eq!(verdict(place.as_ref(), &made, &Components::default()), wanted);
    }
}
