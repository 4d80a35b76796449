//! Runs of ceremonies without any files: time stands nearly still, media are
//! words, and effects only say that they were done.

use std::cell::Cell;

use keyrite::app::DEMO_NOW;
use keyrite::domain::custody::{Placed, Stage as At};
use keyrite::domain::finding::{FindingId, Severity};
use keyrite::domain::host::Locality;
use keyrite::domain::schedule::Progress;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Consumer, SlotKind};
use keyrite::engine::chain::Digest;
use keyrite::engine::definition::{Ceremony, FieldKind};
use keyrite::engine::effect::Values;
use keyrite::engine::event::{Event, Remark, Weight};
use keyrite::engine::journal::{Entry, Moment};
use keyrite::engine::ports::{
    Hands, Job, Outcome, Reconciled, Record, RecordError, Surroundings, Trouble,
};
use keyrite::engine::question::{Asked, World};
use keyrite::engine::runner::{Ports, Prompt, Reply, Runner};
use keyrite::engine::secret::Secret;

use super::pilot::{passphrase, typed};

/// What the machine of a dry run is like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    Fine,
    /// The clocks differ, and the network is up.
    Foul,
}

struct Nothing;

impl Record for Nothing {
    fn journal(&mut self, _line: &str) -> Result<(), RecordError> {
        Ok(())
    }

    fn audit(&mut self, _entry: &Entry, _actor: &str) -> Result<(), RecordError> {
        Ok(())
    }
}

struct Words {
    world: World,
    weather: Weather,
}

impl Hands for Words {
    fn look(&mut self, _locality: Option<Locality>, _since: Timestamp) -> Vec<Remark> {
        let remark = |id, message: &str, remedy: &str| Remark {
            id,
            severity: Severity::Error,
            message: message.to_owned(),
            remedy: remedy.to_owned(),
            weight: Weight::Stops,
        };
        match self.weather {
            Weather::Fine => Vec::new(),
            Weather::Foul => vec![
                remark(FindingId::Hst001, "a network is up: eth0", "ip link set eth0 down"),
                remark(FindingId::Hst007, "the clocks differ by 95 s", "hwclock --systohc"),
            ],
        }
    }

    fn perform(&mut self, job: &Job<'_>) -> Result<Outcome, Trouble> {
        let word = |name: &'static str| {
            let value = match name {
                "fingerprint" | "subkey" => "7E6A3F1942C80B5DD19E54A7A3C1F08E6B2D9A47".to_owned(),
                "digest" | "certificate" | "revocation" => Digest::of(b"TEST").to_string(),
                "consumer" => CONSUMER.to_owned(),
                "place" => PLACE.to_owned(),
                "able" => "yes".to_owned(),
                "created" => DEMO_NOW.unix().to_string(),
                name => format!("{name}-of-{}", job.effect.text("path").len()),
            };
            (name.to_owned(), value.into())
        };
        let receipt = job.effect.kind.outputs().iter().copied().map(word).collect();
        Ok(Outcome { receipt, remarks: Vec::new() })
    }

    fn reconcile(&mut self, _job: &Job<'_>) -> Reconciled {
        Reconciled::Nothing
    }

    fn awaited(&mut self, _path: &str, _id: Option<&str>) -> Result<(), String> {
        Ok(())
    }

    fn world(&mut self) -> Result<World, String> {
        Ok(self.world.clone())
    }

    fn keep_transcript(&mut self, _json: &str, _text: &str) -> Result<(), String> {
        Ok(())
    }
}

struct Still {
    now: Timestamp,
    lines: Cell<i64>,
    chance: u8,
}

impl Surroundings for Still {
    fn moment(&self) -> Moment {
        self.lines.set(self.lines.get() + 1);
        Moment { at: self.now.plus(self.lines.get()), mono: self.lines.get(), boot: "TEST".into() }
    }

    fn random(&mut self, bytes: &mut [u8]) -> Result<(), String> {
        for byte in bytes {
            self.chance = self.chance.wrapping_mul(5).wrapping_add(113);
            *byte = self.chance;
        }
        Ok(())
    }

    fn passphrase(&mut self) -> Result<Secret, String> {
        Ok(passphrase())
    }
}

/// Who has a slot, with a secret in it.
const CONSUMER: &str = "ci-dry";

/// Where it says that it is.
const PLACE: &str =
    "arn:aws:secretsmanager:eu-central-1:000000000000:secret:test-team/ci-linux/signing-key";

fn with_slot(mut world: World) -> World {
    let workspace = &mut world.team.workspace;
    let Some(one) = world.certificates.first() else { return world };
    let Some(key) = one.certificate.subkeys.first() else { return world };
    let slot = crate::slot_directory::declared(SlotKind::Directory, "slot");
    workspace.consumers.push(Consumer {
        id: CONSUMER.to_owned(),
        label: CONSUMER.to_owned(),
        certificate: one.certificate.fingerprint(),
        subkey: None,
        owner: None,
        progress: Progress::Nothing,
        published: None,
        activated: None,
        slots: vec![slot.id.clone()],
        line: 1,
    });
    world.register.place(Placed {
        place: slot.place.clone(),
        subkey: key.fingerprint,
        version: "v".to_owned(),
        stage: At::Pending,
        since: world.now,
        is_proved: true,
        body: None,
        run: "TEST".to_owned(),
    });
    workspace.slots.push(slot);
    world
}

/// Begins a run.
pub(crate) fn begin(ceremony: &'static Ceremony, world: World, weather: Weather) -> Runner {
    let world = with_slot(world);
    let opened = Event::Opened {
        ceremony: ceremony.id.to_owned(),
        version: ceremony.version,
        environment: "rehearsal".to_owned(),
        operator: "driver".to_owned(),
        team: "TEST".to_owned(),
        quorum: 1,
        policy: "small-team".to_owned(),
        workspace: Digest::ZERO,
        given: Values::new(),
    };
    let now = world.now;
    let ports = Ports {
        record: Box::new(Nothing),
        hands: Box::new(Words { world, weather }),
        surroundings: Box::new(Still { now, lines: Cell::new(0), chance: 7 }),
    };
    Runner::begin(ceremony, "20261120T140200Z-testtest", opened, ports).unwrap()
}

/// Goes on until that is so; `false` where the run has ended before.
pub(crate) fn fly(runner: &mut Runner, until: &dyn Fn(&Runner, &Prompt) -> bool) -> bool {
    for _ in 0..200 {
        let prompt = runner.prompt();
        if until(runner, &prompt) {
            return true;
        }
        let reply = match prompt {
            Prompt::Ask(asked) => Reply::Answers(asked.iter().map(answer).collect()),
            Prompt::Confirm(confirmation) => Reply::Typed(typed(&confirmation)),
            Prompt::Secret { secret, .. } => {
                Reply::Secret { secret: passphrase(), again: secret.is_new.then(passphrase) }
            }
            Prompt::Ended(_) => return false,
            Prompt::Halted { .. } => panic!("it is halted"),
            _ => Reply::Go,
        };
        runner.reply(reply).unwrap();
    }
    panic!("it does not end");
}

/// A right answer.
fn answer(asked: &Asked) -> (String, keyrite::engine::effect::Value) {
    let all: Vec<_> = asked.choices.iter().map(|choice| choice.value.as_str()).collect();
    let said = match asked.field.kind {
        FieldKind::People(_)
        | FieldKind::Slots(_)
        | FieldKind::AnySlots(_)
        | FieldKind::Targets { .. }
        | FieldKind::Subkeys { .. } => all.join(", "),
        FieldKind::UserIds => "TEST Releases <release@test.example>".to_owned(),
        FieldKind::Medium => format!("/media/driver/{}", asked.field.id.to_uppercase()),
        FieldKind::File => "/media/driver/KEPT/revocation-driver.txt".to_owned(),
        FieldKind::Fingerprint => "7E6A3F1942C80B5DD19E54A7A3C1F08E6B2D9A47".to_owned(),
        FieldKind::Consumer => "ci-test".to_owned(),
        FieldKind::Signer => CONSUMER.to_owned(),
        FieldKind::Day => "2027-11-01".to_owned(),
        FieldKind::PublishedSince(_) => "2026-01-31".to_owned(),
        FieldKind::Text { .. } => "TEST-7".to_owned(),
        FieldKind::OtherPlace(_) => "TEST-8".to_owned(),
        FieldKind::Paths | FieldKind::Recipients => String::new(),
        _ if asked.offer.is_empty() => all.first().unwrap().to_string(),
        _ => asked.offer.clone(),
    };
    (asked.field.id.to_owned(), said.into())
}
