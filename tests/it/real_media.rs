//! Media as people have them: file systems that are mounted, taken out, full,
//! locked, or another than they should be.

use std::fs;
use std::path::PathBuf;

use crate::support::disks::{Disk, Shared, take_out};
use crate::support::hall::{Answer, Hall, Prompt, Sat, label, subject};
use crate::support::invariants::hold_at_the_end;
use crate::support::pilot::PASSPHRASE;
use crate::support::program::BINARY;
use crate::support::pty::Pty;

/// The media of a root generation with two holders.
const MEDIA: [&str; 4] = ["root-a", "root-b", "holder-driver", "holder-witness"];

/// A rehearsal whose media are file systems of that kind.
fn furnished(kind: &str) -> Option<(Hall, Vec<Disk>)> {
    let hall = Hall::new();
    disks(&hall, kind).map(|disks| (hall, disks))
}

fn disks(hall: &Hall, kind: &str) -> Option<Vec<Disk>> {
    let disk = |name: &&str| Disk::mount(kind, &hall.medium(name));
    MEDIA.iter().map(disk).collect()
}

/// Takes media out and puts them back as it is asked.
fn swap(prompt: &Prompt, disks: &[Disk]) -> Option<Answer> {
    let said = prompt.said.split_whitespace().collect::<Vec<_>>().join(" ");
    let of = |before: &str| {
        let (_, rest) = said.rsplit_once(before)?;
        let path = PathBuf::from(rest.split(' ').next()?);
        disks.iter().find(|disk| disk.point() == path)
    };
    match prompt.label.as_str() {
        "Enter when it is out" => of("unmount ")?.take_out(),
        "Enter when it is back" => assert!(of("mount it at ")?.put_in()),
        _ => return None,
    }
    Some(Answer::Say(String::new()))
}

/// Holds a root generation; `harm` happens right before the step of that title,
/// and is mended where it is told.
fn mishap(
    hall: &Hall,
    disks: &[Disk],
    before: &str,
    harm: &dyn Fn(),
    mend: &dyn Fn(),
) -> (String, Sat) {
    let (mut is_harmed, mut told) = (false, String::new());
    let sat = hall.pilot_with(hall.start(&[], "root-generation"), &mut |prompt| {
        let is_wanted = prompt.label.contains("Enter");
        if !is_harmed && prompt.is_at(before) && is_wanted {
            is_harmed = true;
            harm();
            if prompt.label.starts_with("Enter when") {
                return Answer::Say(String::new());
            }
        } else if is_harmed && told.is_empty() {
            told = prompt.said.split_whitespace().collect::<Vec<_>>().join(" ");
            mend();
            if prompt.label.starts_with("mend it") {
                return Answer::Say(String::new());
            }
        }
        swap(prompt, disks).unwrap_or(Answer::Usual)
    });
    assert!(is_harmed, "there is no step '{before}': {sat:#?}");
    (told, sat)
}

#[test]
fn a_root_is_made_on_file_systems_that_are_taken_out_and_put_back() {
    for kind in ["ext4", "vfat"] {
        let Some((hall, disks)) = furnished(kind) else { continue };
        let sat = hall.pilot_with(hall.start(&[], "root-generation"), &mut |prompt| {
            swap(prompt, &disks).unwrap_or(Answer::Usual)
        });
        assert!(sat.status.success(), "{kind}: {sat:#?}");
        // What a file system brings along is no stranger.
        assert!(!sat.out.contains("entries beside what belongs there"), "{kind}: {sat:#?}");
        hold_at_the_end(&hall, "root-generation");
    }
}

#[test]
fn a_medium_that_is_pulled_out_is_told_and_nothing_is_written_where_it_was() {
    let Some((hall, disks)) = furnished("ext4") else { return };
    let a = &disks[0];
    let (told, sat) = mishap(&hall, &disks, "Make the primary key", &|| a.take_out(), &|| {
        assert_eq!(fs::read_dir(a.point()).unwrap().count(), 0);
        assert!(a.put_in());
    });
    assert!(told.contains("it may not be mounted"), "{told}");
    assert!(sat.status.success(), "{sat:#?}");
    hold_at_the_end(&hall, "root-generation");
}

#[test]
fn a_medium_on_which_nothing_can_be_written_is_told_and_gone_on_with() {
    let Some((hall, disks)) = furnished("ext4") else { return };
    let a = &disks[0];
    let title = "Make the primary key";
    let (told, sat) = mishap(&hall, &disks, title, &|| a.lock(true), &|| a.lock(false));
    assert!(told.contains("Read-only file system"), "{told}");
    assert!(sat.status.success(), "{sat:#?}");
    hold_at_the_end(&hall, "root-generation");
}

#[test]
fn a_file_system_that_is_full_is_told_and_gone_on_with() {
    let Some((hall, disks)) = furnished("ext4") else { return };
    let filler = disks[0].point().join("filler");
    let fill = || {
        let mut file = fs::File::create(&filler).unwrap();
        while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
    };
    let (told, sat) = mishap(&hall, &disks, "Make the primary key", &fill, &|| {
        fs::remove_file(&filler).unwrap();
    });
    assert!(told.contains("No space left on device"), "{told}");
    assert!(sat.status.success(), "{sat:#?}");
    hold_at_the_end(&hall, "root-generation");
}

#[test]
fn another_medium_at_the_place_of_one_is_not_taken_for_it() {
    let Some((hall, disks)) = furnished("ext4") else { return };
    let [a, b, ..] = &disks[..] else { panic!() };
    let harm = || {
        b.take_out();
        assert!(b.put_in_at(a.point()));
    };
    let (told, sat) = mishap(&hall, &disks, "Put medium A back", &harm, &|| {
        take_out(a.point());
        assert!(b.put_in());
    });
    assert!(told.contains("another medium is there: put the right one in"), "{told}");
    assert!(sat.status.success(), "{sat:#?}");
    hold_at_the_end(&hall, "root-generation");
}

#[test]
fn one_device_at_two_places_is_not_two_media() {
    let Some((hall, disks)) = furnished("ext4") else { return };
    let [a, b, ..] = &disks[..] else { panic!() };
    let harm = || {
        b.take_out();
        assert!(a.show_at(b.point()));
    };
    let (told, sat) = mishap(&hall, &disks, "Name medium B", &harm, &|| {
        take_out(b.point());
        assert!(b.put_in());
    });
    assert!(told.contains("MED-002: it is the same device as another one"), "{told}");
    assert!(sat.status.success(), "{sat:#?}");
    hold_at_the_end(&hall, "root-generation");
}

/// Begins a program where there is no network.
const WITHOUT_NETWORK: [&str; 8] = [
    "--net",
    "--mount",
    "--propagation",
    "slave",
    "--",
    "sh",
    "-c",
    "mount -t sysfs none /sys && exec \"$0\" \"$@\"",
];

/// Holds a root generation by the rules of production: on a machine that has
/// no network, which a namespace is, and at a terminal.
fn hold_in_production(
    hall: &Hall,
    disks: &[Disk],
    other: &dyn Fn(&Prompt) -> Option<String>,
) -> (bool, String) {
    let declared = hall.path("team/keyrite.toml");
    let text = fs::read_to_string(&declared).unwrap();
    let text = text.replace("environment = \"rehearsal\"", "environment = \"production\"");
    fs::write(&declared, text).unwrap();
    let start = [BINARY, "--plain", "ceremony", "start", "root-generation", "--in", "team"];
    let words = [&WITHOUT_NETWORK[..], &start].concat();
    let mut pty = Pty::start("unshare", &words, &hall.path(""), (100, 40));
    let (mut answered, mut shown) = (0, String::new());
    while pty.wait_for_more() {
        let said = String::from_utf8_lossy(&pty.written[answered..]).replace('\r', "");
        let last = said.rsplit('\n').next().unwrap_or_default();
        shown = subject(&said).unwrap_or(shown);
        let text = if last.ends_with("(without echo): ") || last == "the same again: " {
            PASSPHRASE.to_owned()
        } else if last.ends_with("or type 'own': ") {
            "own".to_owned()
        } else if let Some(label) = label(&said) {
            let prompt = Prompt {
                said: said.clone(),
                label: label.to_owned(),
                subject: shown.clone(),
                place: String::new(),
            };
            other(&prompt).unwrap_or_else(|| match swap(&prompt, disks) {
                Some(Answer::Say(text)) => text,
                _ => hall.answer(&prompt),
            })
        } else {
            continue;
        };
        answered = pty.written.len();
        pty.send(format!("{text}\n").as_bytes());
    }
    let status = pty.wait_for_end();
    (status.success(), String::from_utf8_lossy(&pty.written).into_owned())
}

#[test]
fn in_production_a_root_is_made_on_mounted_media() {
    let hall = Hall::new();
    let Some(_shared) = Shared::new(&hall.path("")) else { return };
    let Some(disks) = disks(&hall, "ext4") else { return };
    let (is_held, out) = hold_in_production(&hall, &disks, &|_| None);
    assert!(is_held && out.contains("PRODUCTION"), "{out}");
    hold_at_the_end(&hall, "root-generation");
}

#[test]
fn in_production_a_folder_is_no_medium() {
    let hall = Hall::new();
    let Some(_shared) = Shared::new(&hall.path("")) else { return };
    let Some(disks) = disks(&hall, "ext4") else { return };
    let folder = hall.medium("transfer").to_str().unwrap().to_owned();
    let (_, out) = hold_in_production(&hall, &disks, &|prompt| match prompt.label.as_str() {
        label if label.starts_with("mend it") => Some(":abandon TEST it is a folder".to_owned()),
        "a" => Some(folder.clone()),
        _ => None,
    });
    assert!(out.contains("MED-002") && out.contains("no medium that is mounted there"), "{out}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}
