//! Secrets of GitHub Actions as slots, against a GitHub of our own.

use std::sync::Arc;
use std::time::Duration;

use keyrite::adapters::slots::{self, Access, GithubAccess, Patience};
use keyrite::domain::custody::Stage;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Setting, Slot as Declared, SlotKind};
use keyrite::engine::place::PlaceError;
use keyrite::engine::secret::Secret;
use keyrite::engine::slot::{Found, Promotion, Put, Slot};

use crate::slot_directory::declared;
use crate::support::github::{Github, TOKEN};
use crate::support::github_description::is_as_described;
use crate::support::slots::{NAMES, guard, key, promote, put, stage, value};

pub(crate) const REPOSITORY: &str = "halyard/halyard:GPG_PRIVATE_KEY";
pub(crate) const SECRETS: &str = "repos/halyard/halyard/actions/secrets";
const VARIABLE: &str = "repos/halyard/halyard/actions/variables/GPG_SUBKEY";

pub(crate) fn slot(github: &Github, place: &str, more: &[(&str, &str)]) -> Declared {
    let mut slot = declared(SlotKind::GithubActions, place);
    let pinned = [("repository_id", "4711"), ("visibility", "private"), ("api", &github.url)];
    let text = |(name, text): &(&str, &str)| (name.to_string(), Setting::Text(text.to_string()));
    slot.settings = pinned.iter().chain(more).map(text).collect();
    slot.settings.retain(|_, setting| *setting != Setting::Text(String::new()));
    assert_eq!(slot.problems(), Vec::<String>::new());
    slot
}

pub(crate) fn access(answer: u64, proof: u64) -> Access {
    let token = Secret::take(&mut TOKEN.as_bytes().to_vec()).unwrap();
    let [answer, proof] = [answer, proof].map(Duration::from_millis);
    let patience = Patience { answer, pause: Duration::from_millis(2), proof };
    let github = GithubAccess { token: Some(Arc::new(token)), patience };
    Access { github, ..Access::default() }
}

pub(crate) fn open(github: &Github, place: &str, more: &[(&str, &str)]) -> Box<dyn Slot> {
    let now = Timestamp::from_unix(1);
    slots::open(&slot(github, place, more), &access(1000, 60_000), now).unwrap()
}

pub(crate) fn text(github: &Github, name: &str) -> Option<String> {
    github.text(&format!("{SECRETS}/{name}"))
}

pub(crate) fn own(digit: char) -> String {
    format!("GPG_PRIVATE_KEY_{}", key(digit).hex())
}

#[test]
fn a_variable_makes_a_subkey_current_in_one_step() {
    let github = Github::start();
    let open = &|| open(&github, REPOSITORY, &[("variable", "GPG_SUBKEY")]);
    let empty = guard(open);
    let one = put(open, NAMES[0], 'A', "one").unwrap();
    assert_eq!((one.as_str(), stage(open, &one)), (own('A').as_str(), Some(Stage::Pending)));
    assert_eq!(text(&github, &one).unwrap(), "one");
    assert_eq!(github.text(VARIABLE), None);
    assert_eq!(open().find(NAMES[0]), Ok(Found::Again));
    // The same once more, with what was seen before; another one not.
    let (same, other) = (value("one"), value("two"));
    let again = Put { name: NAMES[0], subkey: key('A'), value: &same, guard: &empty };
    assert_eq!(open().put_pending(&again), Ok(one.clone()));
    let stale = Put { name: NAMES[1], subkey: key('B'), value: &other, guard: &empty };
    assert!(matches!(open().put_pending(&stale), Err(PlaceError::Changed { .. })));
    assert_eq!(text(&github, &own('B')), None);

    assert_eq!(promote(open, NAMES[2], 'A', &one, "one"), Ok(one.clone()));
    assert_eq!(github.text(VARIABLE).unwrap(), key('A').hex());
    let two = put(open, NAMES[1], 'B', "two").unwrap();
    assert_eq!(
        (stage(open, &one), stage(open, &two)),
        (Some(Stage::Current), Some(Stage::Pending))
    );
    let stale = guard(open);
    let before = github.writes().len();
    assert_eq!(promote(open, NAMES[2], 'B', &two, "two"), Ok(two.clone()));
    assert_eq!(github.writes()[before..], [format!("PATCH /{VARIABLE}")]);
    assert_eq!(promote(open, NAMES[2], 'B', &two, "two"), Ok(two.clone()));
    assert_eq!(github.writes().len(), before + 1);
    assert_eq!(
        (stage(open, &one), stage(open, &two)),
        (Some(Stage::Previous), Some(Stage::Current))
    );
    let seen = open().observe().unwrap();
    assert_eq!(seen.version(&two).unwrap().subkey, Some(key('B')));
    assert!(seen.facts[0].contains("4711"), "{seen:?}");
    // Back; and neither with what was seen before nor under another name.
    let back =
        Promotion { name: NAMES[2], subkey: key('A'), version: &one, value: None, guard: &stale };
    assert!(matches!(open().promote(&back), Err(PlaceError::Changed { .. })));
    assert!(matches!(promote(open, NAMES[2], 'C', &one, ""), Err(PlaceError::Unfit { .. })));
    assert!(matches!(promote(open, NAMES[2], 'C', &own('C'), ""), Err(PlaceError::Unfit { .. })));
    promote(open, NAMES[2], 'A', &one, "one").unwrap();
    assert_eq!(
        (stage(open, &one), stage(open, &two)),
        (Some(Stage::Current), Some(Stage::Previous))
    );

    assert!(matches!(open().retire(&one), Err(PlaceError::Unfit { .. })));
    assert!(matches!(open().retire("OTHER"), Err(PlaceError::Unfit { .. })));
    for _ in 0..2 {
        open().retire(&two).unwrap();
    }
    assert_eq!((text(&github, &two), stage(open, &one)), (None, Some(Stage::Current)));
    assert!(open().read_back(&one).is_err() && open().freeze(true).is_err());
    is_as_described(&github);
}

#[test]
fn a_fixed_name_is_written_again_and_what_was_pending_goes() {
    let github = Github::start();
    let open = &|| open(&github, REPOSITORY, &[]);
    let one = put(open, NAMES[0], 'A', "one").unwrap();
    assert!(one.starts_with("GPG_PRIVATE_KEY_NEXT@2026-01-05"), "{one}");
    assert_eq!(stage(open, &one), Some(Stage::Pending));
    let current = promote(open, NAMES[1], 'A', &one, "one").unwrap();
    assert_eq!(stage(open, &current), Some(Stage::Current));
    assert_eq!(text(&github, "GPG_PRIVATE_KEY").unwrap(), "one");
    assert_eq!(text(&github, "GPG_PRIVATE_KEY_NEXT"), None);
    assert_eq!(promote(open, NAMES[1], 'A', &current, "one"), Ok(current.clone()));
    let two = put(open, NAMES[0], 'B', "two").unwrap();
    assert_eq!(text(&github, "GPG_PRIVATE_KEY").unwrap(), "one");
    // Somebody writes over the current one: it has another name since.
    let stale = guard(open);
    let theirs = serde_json::json!({});
    github.with(|state| state.keep(format!("{SECRETS}/GPG_PRIVATE_KEY"), "x".into(), &theirs));
    assert_eq!(stage(open, &current), None);
    let again = value("two");
    let again = Promotion {
        name: NAMES[2],
        subkey: key('B'),
        version: &two,
        value: Some(&again),
        guard: &stale,
    };
    assert!(matches!(open().promote(&again), Err(PlaceError::Changed { .. })));
    assert_eq!(text(&github, "GPG_PRIVATE_KEY").unwrap(), "x");
    assert!(matches!(open().retire("GPG_PRIVATE_KEY_NEXT@other"), Err(PlaceError::Changed { .. })));
    open().retire(&two).unwrap();
    open().retire(&two).unwrap();
    assert_eq!(text(&github, "GPG_PRIVATE_KEY_NEXT"), None);
    let found = open().observe().unwrap().versions[0].version.clone();
    assert!(matches!(open().retire(&found), Err(PlaceError::Unfit { .. })));
    is_as_described(&github);
}

#[test]
fn an_environment_and_an_organisation_have_secrets_of_their_own() {
    let github = Github::start();
    let place = "halyard/halyard/release/x:GPG_PRIVATE_KEY";
    let environment = &|| open(&github, place, &[("variable", "GPG_SUBKEY")]);
    let version = put(environment, NAMES[0], 'A', "one").unwrap();
    promote(environment, NAMES[1], 'A', &version, "one").unwrap();
    let scope = "repos/halyard/halyard/environments/release/x";
    assert_eq!(github.text(&format!("{scope}/secrets/{version}")).unwrap(), "one");
    assert_eq!(github.text(&format!("{scope}/variables/GPG_SUBKEY")).unwrap(), key('A').hex());

    let more = [("repository_id", ""), ("organisation_id", "815"), ("visibility", "selected")];
    let all = [&more[..], &[("variable", "GPG_SUBKEY")]].concat();
    let organisation = &|| open(&github, "halyard:GPG_PRIVATE_KEY", &all);
    let one = put(organisation, NAMES[0], 'A', "one").unwrap();
    let path = |name: &str| format!("orgs/halyard/actions/secrets/{name}");
    github.with(|state| state.things.get_mut(&path(&one)).unwrap().selected = vec![7, 8]);
    promote(organisation, NAMES[1], 'A', &one, "one").unwrap();
    // What comes next is seen by the same repositories.
    let two = put(organisation, NAMES[0], 'B', "two").unwrap();
    assert_eq!(github.with(|state| state.things[&path(&two)].selected.clone()), [7, 8]);
    let variable = "orgs/halyard/actions/variables/GPG_SUBKEY";
    assert_eq!(github.with(|state| state.things[variable].selected.clone()), [7, 8]);
    github.with(|state| {
        state.things.get_mut(&path(&two)).unwrap().visibility = Some("all".to_owned());
    });
    let error = organisation().observe().unwrap_err().to_string();
    assert!(error.contains("seen by all repositories"), "{error}");
    is_as_described(&github);
}
