//! What the tests of adoptions share.

use std::fs;
use std::path::Path;

use keyrite::adapters::openpgp::open;
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::engine::catalog::find;
use keyrite::engine::event::{Event, Remark};
use keyrite::engine::run::Ending;
use keyrite::engine::runner::{Prompt, Reply, Runner};
use keyrite::engine::secret::Secret;

use super::old_home::OldHome;
use super::pilot::{Stage, passphrase, plainly};

/// The passphrase that a key has before it is adopted.
pub(crate) const OLD: &str = "TEST what it was before";

/// A stage with a home, which is the source; the key is there only.
pub(crate) fn staged(algorithm: &str, ends: &str, passphrase: &str) -> (Stage, OldHome) {
    let mut stage = Stage::new();
    let home = OldHome::make(&stage.home().join("gnupg"), algorithm, ends, passphrase);
    say(&mut stage, "source.path", &home.path);
    stage.otherwise.insert("source.places", String::new());
    stage.otherwise.insert("source.fingerprint", home.fingerprint.clone());
    (stage, home)
}

pub(crate) fn say(stage: &mut Stage, question: &'static str, path: &Path) {
    stage.otherwise.insert(question, path.to_str().unwrap().to_owned());
}

pub(crate) fn begin(stage: &Stage) -> Runner {
    stage.begin(find("root-adoption").unwrap(), &plainly).unwrap()
}

/// Goes on to the end, with the passphrase that the key had.
pub(crate) fn land(stage: &Stage, runner: &mut Runner, old: &str) {
    for _ in 0..300 {
        match runner.prompt() {
            Prompt::Ended(ending) => {
                assert_eq!(ending, Ending::Closed);
                return;
            }
            Prompt::Secret { secret, .. } if secret.name == "source" => {
                runner.reply(Reply::Secret { secret: typed_secret(old), again: None }).unwrap();
            }
            _ => stage.fly(runner).unwrap(),
        }
        let last = runner.journal().entries().last().map(|entry| &entry.event);
        assert!(!matches!(last, Some(Event::Failed { .. })), "{last:?}");
    }
    panic!("it does not end: {:?}", runner.prompt());
}

/// Goes on until something stops it that nobody can take on themselves.
pub(crate) fn halted(stage: &Stage, runner: &mut Runner) -> Vec<Remark> {
    for _ in 0..300 {
        match runner.prompt() {
            Prompt::Halted { remarks, can_except } => {
                assert!(!can_except, "{remarks:?}");
                return remarks;
            }
            Prompt::Secret { secret, .. } if secret.name == "source" => {
                runner.reply(Reply::Secret { secret: typed_secret(OLD), again: None }).unwrap();
            }
            _ => stage.fly(runner).unwrap(),
        }
    }
    panic!("nothing has stopped it");
}

pub(crate) fn typed_secret(text: &str) -> Secret {
    Secret::take(&mut text.as_bytes().to_vec()).unwrap()
}

/// The key is on both media under the new passphrase.
pub(crate) fn is_on_both(stage: &Stage, hex: &str) {
    let fingerprint = Fingerprint::from_hex(hex).unwrap();
    for medium in ["root-a", "root-b"] {
        let set = stage.medium(medium).join("keyrite").join(hex);
        open(&fs::read(set.join("root.pgp")).unwrap(), &fingerprint, &passphrase()).unwrap();
    }
}
