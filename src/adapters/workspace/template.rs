//! The text of a new workspace file, with what else could stand in it.

use std::fmt::Write as _;

use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::{Environment, Target};

/// What a new workspace begins with.
pub struct Founding<'a> {
    /// The team's or project's name.
    pub name: &'a str,
    /// Whose trust is at stake.
    pub environment: Environment,
    /// The preset of the rules.
    pub profile: &'a str,
    /// The certificates to adopt.
    pub adopted: Vec<Adopted>,
    /// Where they are published.
    pub targets: &'a [Target],
}

/// A certificate that a new workspace adopts.
pub struct Adopted {
    /// Which one.
    pub fingerprint: Fingerprint,
    /// The name by which people know it.
    pub name: VisibleText,
    /// The subkeys that sign now.
    pub signers: Vec<Fingerprint>,
    /// Its public parts, in ASCII armor.
    pub armor: String,
}

/// What else could stand in the file, commented out.
const MORE: &str = "\
# Where a subkey's secret lives, and how its user names the key to gpg.
# [[slots]]
# id = \"ci-secret\"
# kind = \"github-actions\"
# place = \"owner/repository:NAME\"
# content = \"key\"
# selector = \"FINGERPRINT-OF-THE-SUBKEY!\"

# When nobody can be asked; steps are planned before, never after.
# [[blackouts]]
# reason = \"holidays\"
# from = \"2026-12-20\"
# until = \"2027-01-06\"

# Where keys live for a cycle of development, in their order; without them, by
# the calendar.
# [[cycles]]
# id = \"2027.1\"
# begins = \"2027-04-07\"

# Values that differ from the profile's; keyrite's Settings (0) show all.
# [policy.windows]
# slack = 21
";

/// The text of the file.
pub(super) fn text(founding: &Founding<'_>) -> String {
    let mut text = format!(
        "# The keys of a team, as keyrite reads them. Nothing secret is ever in this folder.\n\
         # docs/reference/workspace.md describes every line that can stand here.\n\
         schema = 1\n\
         name = {}\n\
         # production, staging, rehearsal or demo\n\
         environment = \"{}\"\n\
         # The rules: `keyrite lint --help` names all profiles.\n\
         profile = \"{}\"\n\n\
         # Who is in the team. Roles: administrator, witness, key-holder, online-operator,\n\
         # revocation-holder, reviewer.\n\
         # [[people]]\n\
         # id = \"alice\"\n\
         # name = \"Alice Example\"\n\
         # roles = [\"administrator\", \"key-holder\"]\n\n",
        quote(founding.name),
        founding.environment.word(),
        founding.profile
    );
    keys(&mut text, founding);
    targets(&mut text, founding);
    text.push_str(MORE);
    text
}

fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn keys(text: &mut String, founding: &Founding<'_>) {
    text.push_str(
        "# The certificates, and what each is for: root, release, intermediate or person.\n",
    );
    for adopted in &founding.adopted {
        key(text, adopted);
    }
    text.push_str("# One signer identity each; exactly one subkey signs for it at a time.\n");
    consumers(text, &founding.adopted, &[]);
}

/// The tables of certificates that come to those that are declared.
pub(super) fn declarations(adopted: &[Adopted], taken: &[&str]) -> String {
    let mut text = String::new();
    for one in adopted {
        key(&mut text, one);
    }
    consumers(&mut text, adopted, taken);
    text
}

fn key(text: &mut String, Adopted { fingerprint, name, .. }: &Adopted) {
    let _ = write!(
        text,
        "# {name}\n[[keys]]\ncertificate = \"{}\"\nclass = \"release\"\n\n",
        fingerprint.hex()
    );
}

fn consumers(text: &mut String, adopted: &[Adopted], taken: &[&str]) {
    let mut numbers = 1..;
    let mut next = || {
        let mut ids = numbers.by_ref().map(|number: usize| format!("signer-{number}"));
        ids.find(|id| !taken.contains(&id.as_str())).unwrap_or_default()
    };
    let signers =
        adopted.iter().flat_map(|adopted| adopted.signers.iter().map(move |key| (adopted, key)));
    for (Adopted { fingerprint, name, .. }, signer) in signers {
        let _ = write!(
            text,
            "# {name}\n\
             [[consumers]]\n\
             id = \"{}\"\n\
             label = \"say what signs with this key\"\n\
             certificate = \"{}\"\n\
             subkey = \"{}\"\n\
             # owner = \"alice\"\n\
             # How far the next rotation is: nothing, generated, published, active, retired\n\
             progress = \"nothing\"\n\n",
            next(),
            fingerprint.hex(),
            signer.hex()
        );
    }
}

fn targets(text: &mut String, founding: &Founding<'_>) {
    text.push_str("# Where the certificates are published.\n");
    if founding.targets.is_empty() {
        text.push_str(
            "# [[targets]]\n# id = \"keyserver\"\n# kind = \"vks\"\n\
             # place = \"https://keys.openpgp.org\"\n",
        );
    }
    for target in founding.targets {
        let _ = write!(
            text,
            "[[targets]]\nid = {}\nkind = \"{}\"\nplace = {}\n\
             # whether a rotation waits for it\nblocking = {}\n",
            quote(&target.id),
            target.kind.word(),
            quote(&target.place),
            target.blocking
        );
    }
    text.push('\n');
}
