//! A plan that is longer than its window.

use keyrite::engine::runner::Prompt;

use crate::held::{begin, go_on, open, until, view};
use crate::support::pilot::Stage;

#[test]
fn a_plan_is_sealed_by_who_has_seen_all_of_it() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    until(&mut story, &stage, "plan");
    story.expect("[ Read on ]").expect("more lines").press("Enter");
    assert!(matches!(view(&story).prompt, Prompt::Plan { .. }), "it was sealed unseen");
    go_on(&mut story, &stage);
    assert!(!matches!(view(&story).prompt, Prompt::Plan { .. }));
}
