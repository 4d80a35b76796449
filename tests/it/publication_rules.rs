//! Rules about targets: each has a case that it refuses and one that it
//! accepts.

use keyrite::domain::finding::{Finding, FindingId, Severity};
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::lint::lint_targets;
use keyrite::domain::publication::{
    Component, ComponentKind, Components, Observed, Since, Verdict, Watched,
};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Environment, Target, Workspace};
use keyrite::engine::event::Event;

use crate::support::pilot::Stage;

fn key() -> Fingerprint {
    Fingerprint::from_hex(&"A".repeat(40)).unwrap()
}

/// A team with these places of publication.
fn team(places: &[&str]) -> Workspace {
    let stage = Stage::new();
    let mut workspace = stage.app.workspace(&stage.folder).unwrap().team.workspace;
    workspace.environment = Environment::Production;
    let target = |(at, place): (usize, &&str)| Target::of_place(place, at + 1).unwrap();
    workspace.targets = places.iter().enumerate().map(target).collect();
    workspace
}

fn seen(workspace: &Workspace, verdict: Verdict) -> Watched {
    let at = Timestamp::parse("2026-11-01").unwrap();
    let high_water = Components::default();
    let seen = Observed { certificate: key(), at, verdict, high_water, since: Since::new() };
    Watched { target: workspace.targets[0].id.clone(), seen, unseen: Vec::new() }
}

fn found(workspace: &Workspace, watched: &[Watched]) -> Vec<Finding> {
    lint_targets(workspace, &[key()], watched)
}

const TWO: [&str; 2] = ["hkps://keys.example.org", "s3://bucket/keys"];

#[test]
fn what_a_rotation_waits_for_serves_what_was_published() {
    let mut workspace = team(&TWO);
    assert!(found(&workspace, &[]).is_empty());
    for verdict in [Verdict::Missing, Verdict::Stale] {
        let told = found(&workspace, &[seen(&workspace, verdict)]);
        assert_eq!((told[0].id, told[0].severity), (FindingId::Pub001, Severity::Error));
        assert!(told[0].message.contains("seen on 2026-11-01"), "{told:?}");
    }
    let silent = seen(&workspace, Verdict::Unreachable);
    assert!(found(&workspace, &[silent]).is_empty());
    workspace.targets[0].blocking = false;
    assert!(found(&workspace, &[seen(&workspace, Verdict::Stale)]).is_empty());
}

#[test]
fn what_was_made_since_the_last_look_is_told_without_asking() {
    let mut workspace = team(&TWO);
    let lacking = |kind| {
        let part = Component { kind, of: "TEST".to_owned(), created: None };
        Watched { unseen: vec![part], ..seen(&team(&TWO), Verdict::Match) }
    };
    let told = found(&workspace, &[lacking(ComponentKind::Subkey)]);
    assert_eq!(told[0].id, FindingId::Pub001);
    assert!(told[0].message.contains("nobody has seen there: subkey TEST"), "{told:?}");
    // A revocation is wanted everywhere, a subkey where a rotation waits for it.
    workspace.targets[0].blocking = false;
    assert!(found(&workspace, &[lacking(ComponentKind::Subkey)]).is_empty());
    let told = found(&workspace, &[lacking(ComponentKind::Revocation)]);
    assert_eq!(told[0].id, FindingId::Pub001);
}

#[test]
fn an_incident_is_told_wherever_it_is() {
    let mut workspace = team(&TWO);
    workspace.targets[0].blocking = false;
    for verdict in [Verdict::Foreign, Verdict::Rollback] {
        let told = found(&workspace, &[seen(&workspace, verdict)]);
        assert_eq!((told[0].id, told[0].severity), (FindingId::Pub002, Severity::Error));
        assert!(told[0].message.contains(&format!("{verdict:?}").to_lowercase()), "{told:?}");
    }
    assert!(found(&workspace, &[seen(&workspace, Verdict::Match)]).is_empty());
}

#[test]
fn a_fingerprint_can_be_compared_in_two_places() {
    let ids = |places: &[&str]| {
        found(&team(places), &[]).into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&["s3://bucket/keys"]), [FindingId::Pub003]);
    assert_eq!(ids(&["s3://bucket/keys", "s3://bucket/mirror"]), [FindingId::Pub003]);
    assert_eq!(ids(&["/srv/www", "s3://bucket/mirror"]), [FindingId::Pub003]);
    assert_eq!(ids(&TWO), []);
    assert_eq!(ids(&["s3://bucket/keys", "docs/keys.md"]), []);
    // A rehearsal has no users.
    let mut workspace = team(&["s3://bucket/keys"]);
    workspace.environment = Environment::Rehearsal;
    assert!(found(&workspace, &[]).is_empty());
}

#[test]
fn certifications_that_do_not_go_out_are_told() {
    use crate::support::forge::certify;
    use crate::target_files::cert;
    use sequoia_openpgp::Cert;
    use sequoia_openpgp::parse::Parse as _;
    use sequoia_openpgp::serialize::SerializeInto as _;

    let stage = Stage::new();
    stage.hold("root-generation");
    let told = |stage: &Stage| {
        let runner = stage.hold("publication");
        let entries = runner.journal().entries().iter();
        let remarks = entries.filter_map(|entry| match &entry.event {
            Event::Observed { at, remarks } if at.as_str() == "make" => Some(remarks.clone()),
            _ => None,
        });
        remarks.flatten().map(|one| one.id).collect::<Vec<_>>()
    };
    let file = stage.folder.join("keyrite.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let attested = text.replace(
        "kind = \"directory\"\nplace = \"published\"",
        "kind = \"directory\"\nplace = \"published\"\nform = \"attested\"",
    );
    assert_ne!(text, attested);
    std::fs::write(&file, attested).unwrap();
    assert_eq!(told(&stage), []);
    let path = stage.folder.join("certs").join(format!("{}.asc", stage.certificate()));
    let own = Cert::from_bytes(&std::fs::read(&path).unwrap()).unwrap();
    let certified = certify(&cert("friend", &[]), &own, "2026-03-01");
    std::fs::write(&path, certified.armored().to_vec().unwrap()).unwrap();
    assert_eq!(told(&stage), [FindingId::Pub006]);
    // Where no target takes them, nothing is left out.
    std::fs::write(&file, text).unwrap();
    assert_eq!(told(&stage), []);
}
