//! What holds for every ceremony of the catalog, and for one that only these
//! tests know.

use std::cell::RefCell;
use std::collections::BTreeSet;

use keyrite::domain::worded::Worded as _;
use keyrite::domain::workspace::Role;
use keyrite::engine::catalog::CATALOG;
use keyrite::engine::definition::{Ceremony, Class, Field, FieldKind, Kind, Source, Step, Until};
use keyrite::engine::effect::EffectKind;
use keyrite::engine::run::Ending;
use keyrite::engine::runner::Prompt;

use crate::support::dry_run::{self, Weather};
use crate::support::pilot::{Stage, plainly};

/// The facts that a step leaves.
fn facts_of(step: &Step) -> Vec<String> {
    let mut names: Vec<_> = step.fields().iter().map(|field| field.id).collect();
    names.extend(step.effect().map(EffectKind::outputs).unwrap_or_default());
    if matches!(step.kind, Kind::Plan) {
        names.push("digest");
    }
    names.into_iter().map(|name| format!("{}.{name}", step.id)).collect()
}

/// The sources that a step reads.
fn sources(step: &Step) -> Vec<Source> {
    match step.kind {
        Kind::Confirm(_, sources) => sources.to_vec(),
        Kind::Wait(Until::Away(path)) => vec![path],
        Kind::Wait(Until::Back { path, id }) => vec![path, id],
        _ => step.inputs().iter().map(|(_, source)| *source).collect(),
    }
}

/// What is wrong with a ceremony as data.
fn flaws(ceremony: &Ceremony) -> Vec<String> {
    let mut flaws = Vec::new();
    let mut known = BTreeSet::new();
    let mut conditional: Vec<(String, (&str, &str))> = Vec::new();
    let mut ids = BTreeSet::new();
    let mut is_sealed = false;
    let texts = [ceremony.purpose, ceremony.changes, ceremony.given_up, ceremony.next];
    for text in texts.iter().chain(ceremony.needs).filter(|text| text.contains("  ")) {
        flaws.push(format!("{}: '{text}'", ceremony.id));
    }
    for step in ceremony.steps {
        let mut flaw = |text: String| flaws.push(format!("{}/{}: {text}", ceremony.id, step.id));
        if !ids.insert(step.id) {
            flaw("its id is there twice".to_owned());
        }
        for text in [step.title, step.why] {
            if text.trim().len() < 5 || text.contains("  ") {
                flaw(format!("it does not say enough: '{text}'"));
            }
        }
        for source in sources(step) {
            match source {
                Source::Fact(name) => {
                    let made_if = conditional.iter().find(|(made, _)| made == name);
                    let is_there = known.contains(name)
                        && made_if.is_none_or(|(_, when)| step.only_if == Some(*when));
                    if !is_there {
                        flaw(format!("nothing before it leaves '{name}'"));
                    }
                }
                Source::Item if step.each.is_none() => flaw("it has no items".to_owned()),
                Source::Optional(_) | Source::Others(_) | Source::Item | Source::Text(_) => {}
            }
        }
        for list in step.each.into_iter().chain(step.only_if.map(|(fact, _)| fact)) {
            if !known.contains(list) {
                flaw(format!("nothing before it leaves '{list}'"));
            }
        }
        if let Some(effect) = step.effect() {
            let given: BTreeSet<_> = step.inputs().iter().map(|(name, _)| *name).collect();
            let wanted: Vec<_> = effect.inputs().to_vec();
            let missing = wanted.iter().filter(|n| !n.ends_with('?') && !given.contains(**n));
            missing.for_each(|name| flaw(format!("{} is not given {name}", effect.word())));
            let unknown = given
                .iter()
                .filter(|name| !wanted.iter().any(|wanted| wanted.trim_end_matches('?') == **name));
            unknown.for_each(|name| flaw(format!("{} knows no {name}", effect.word())));
            let only_names = matches!(
                effect,
                EffectKind::EnrollMedium
                    | EffectKind::MergeCertificate
                    | EffectKind::LookAtKey
                    | EffectKind::DrawMedium
                    | EffectKind::JudgeLoss
                    | EffectKind::ReadParcel
                    | EffectKind::OpenParcel
                    | EffectKind::LookAtSlot
                    | EffectKind::LookAtFreeze
                    | EffectKind::CheckLead
                    | EffectKind::MakePublication
                    | EffectKind::LookAtTarget
            );
            if !is_sealed && !only_names {
                flaw("something is done before the plan is sealed".to_owned());
            }
            // What opens the primary key happens where no network is.
            let opens = effect.secrets().iter().any(|secret| secret.name == "root");
            if opens && step.locality.is_none() {
                flaw("it opens the primary key anywhere".to_owned());
            }
        }
        is_sealed |= matches!(step.kind, Kind::Plan);
        for fact in facts_of(step) {
            if let Some(when) = step.only_if {
                conditional.push((fact.clone(), when));
            }
            known.insert(fact);
        }
    }
    let irreversible = ceremony.steps.iter().position(|step| !step.reversible);
    let is_confirmed = |at| {
        ceremony.steps[..at]
            .iter()
            .any(|step| matches!(step.kind, Kind::Confirm(Class::C2 | Class::C3 | Class::C4, _)))
    };
    if irreversible.is_some_and(|at| !is_confirmed(at)) {
        flaws.push(format!("{}: something irreversible is not confirmed", ceremony.id));
    }
    flaws
}

#[test]
fn the_number_of_steps_is_told_once_it_is_known_and_stays() {
    let stage = Stage::new();
    stage.hold("root-generation");
    stage.hold("subkey-issuance");
    let world = stage.app.world(&stage.folder).unwrap();
    for ceremony in CATALOG {
        let told = RefCell::new(Vec::new());
        let mut runner = dry_run::begin(ceremony, world.clone(), Weather::Fine);
        dry_run::fly(&mut runner, &|runner, _| {
            let shown = runner.run().shown();
            let here = runner.step().map(|(_, at)| at);
            if let Some(number) = shown.iter().position(|one| Some(&one.place) == here.as_ref()) {
                told.borrow_mut().push((number + 1, runner.run().total()));
            }
            false
        });
        let told = told.into_inner();
        assert!(told.windows(2).all(|two| two[0].0 <= two[1].0), "{} {told:?}", ceremony.id);
        let known: BTreeSet<_> = told.iter().filter_map(|(_, total)| *total).collect();
        if ceremony.id == "lost-medium" {
            // Words that are no judgement leave it open which way it goes.
            assert!(known.is_empty(), "{told:?}");
            continue;
        }
        assert_eq!(known.len(), 1, "{} {told:?}", ceremony.id);
        let last = told.last().unwrap();
        assert_eq!(Some(last.0), last.1, "{} {told:?}", ceremony.id);
        let first = told.iter().position(|(_, total)| total.is_some()).unwrap();
        assert!(told[first..].iter().all(|(_, total)| total.is_some()), "{}", ceremony.id);
    }
}

#[test]
fn what_a_step_needs_an_earlier_one_leaves() {
    let flaws: Vec<_> = CATALOG.into_iter().flat_map(flaws).collect();
    assert!(flaws.is_empty(), "{flaws:#?}");
}

/// A ceremony that is not in the program: it needs nothing but its data.
static LABELLING: Ceremony = Ceremony {
    id: "test-labelling",
    version: 7,
    title: "TEST: name the media of two people",
    purpose: "TEST",
    needs: &["TEST media"],
    changes: "TEST media have names",
    given_up: "TEST nothing is lost",
    next: "TEST nothing",
    roles: &[Role::Administrator],
    keeps: &[],
    loses: &[],
    steps: &[
        Step::new(
            "holders",
            "Who has media",
            "TEST: a list",
            Kind::Ask(&[Field {
                id: "people",
                label: "People",
                help: "several",
                kind: FieldKind::People(Role::RevocationHolder),
            }]),
        ),
        Step::new(
            "holder-medium",
            "Where a medium is",
            "TEST: a question for each",
            Kind::Ask(&[Field {
                id: "path",
                label: "Medium",
                help: "a folder",
                kind: FieldKind::Medium,
            }]),
        )
        .each("holders.people"),
        Step::new("plan", "Seal the plan", "TEST: a plan", Kind::Plan),
        Step::new(
            "sure",
            "Be sure",
            "TEST: a word",
            Kind::Confirm(Class::C2, &[Source::Fact("plan.digest")]),
        ),
        Step::new(
            "name",
            "Name a medium",
            "TEST: an effect for each",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[("path", Source::Fact("holder-medium.path")), ("holds", Source::Text("parcel"))],
            ),
        )
        .irreversible()
        .each("holders.people"),
        Step::new(
            "state",
            "State it",
            "TEST: a statement",
            Kind::Attest(&[Field {
                id: "number",
                label: "Number",
                help: "any",
                kind: FieldKind::Text { required: true },
            }]),
        )
        .each("holders.people"),
    ],
};

#[test]
fn a_new_ceremony_needs_no_new_code() {
    assert_eq!(flaws(&LABELLING), Vec::<String>::new());
    let stage = Stage::new();
    let mut runner = stage.begin(&LABELLING, &plainly).unwrap();
    stage.land(&mut runner).unwrap();
    assert!(matches!(runner.prompt(), Prompt::Ended(Ending::Closed)));
    let [one, other] =
        ["driver", "witness"].map(|item| runner.run().fact("name.id", Some(item)).unwrap().text());
    assert_ne!(one, other);
    assert!(stage.medium("holder-witness").join("keyrite/medium.json").is_file());
}

#[test]
fn a_ceremony_with_a_gap_in_it_is_found() {
    static STEPS: &[Step] = &[
        Step::new(
            "made",
            "Made only sometimes",
            "TEST: why",
            Kind::Perform(EffectKind::ReadBack, &[("medium", Source::Fact("nowhere.path"))]),
        ),
        Step::new("plan", "Too late", "TEST: why", Kind::Plan).irreversible(),
    ];
    let gap = Ceremony { steps: STEPS, ..copy(&LABELLING) };
    let flaws = flaws(&gap).join("\n");
    for part in ["nowhere.path", "is not given medium_id", "before the plan", "not confirmed"] {
        assert!(flaws.contains(part), "{flaws}");
    }
}

fn copy(of: &Ceremony) -> Ceremony {
    Ceremony { ..*of }
}
