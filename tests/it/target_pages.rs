//! What the pages of targets declare.

use std::path::PathBuf;

use keyrite::adapters::environment::Environment;
use keyrite::adapters::targets::{self, Reach};
use keyrite::app::App;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::worded::Worded as _;
use keyrite::domain::workspace::TargetKind;

use crate::support::program::Program;
use crate::support::tree::{files, root};

#[test]
fn what_the_pages_of_targets_declare_can_be_declared_and_opened() {
    let mut kinds = Vec::new();
    for path in files(&root().join("docs/targets")) {
        let page = std::fs::read_to_string(&path).unwrap();
        let blocks: Vec<_> = page.split("```toml\n").skip(1).collect();
        assert!(!blocks.is_empty(), "{}", path.display());
        for block in blocks {
            let block = block.split("\n```").next().unwrap();
            let program = Program::new();
            let text = format!(
                "schema = 1\nname = \"TEST\"\nenvironment = \"rehearsal\"\nprofile = \
                 \"small-team\"\n\n[[people]]\nid = \"anna\"\nname = \"TEST Anna\"\nroles = \
                 [\"administrator\"]\n\n{block}\n"
            );
            program.file("keyrite.toml", text);
            let app = App::new(Environment::default()).at(Timestamp::parse("2026-11-20").unwrap());
            let read = app.workspace(program.folder());
            let read = read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for target in &read.team.workspace.targets {
                assert_eq!(target.problems(), Vec::<String>::new(), "{}", path.display());
                let opened = targets::open(target, &Reach::of(PathBuf::from("/tmp")));
                assert!(opened.is_ok(), "{}: {:?}", path.display(), opened.err());
                kinds.push(target.kind);
            }
        }
    }
    for kind in TargetKind::ALL {
        assert!(kinds.contains(kind), "no page declares {}", kind.word());
    }
}
