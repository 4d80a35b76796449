//! What is asked of people, and what can be answered.

use crate::domain::workspace::Role;

/// One thing that is asked.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name among the facts of its step.
    pub id: &'static str,
    /// What is asked.
    pub label: &'static str,
    /// What a good answer is.
    pub help: &'static str,
    /// What can be answered.
    pub kind: FieldKind,
}

/// What can be answered.
#[derive(Clone, Copy, Debug)]
pub enum FieldKind {
    /// A line of text; it may stay empty where that is said.
    Text {
        /// Whether something must be said.
        required: bool,
    },
    /// The code of a place, another one than in that field of the same step.
    OtherPlace(&'static str),
    /// One of these words; the first is offered.
    Word(&'static [&'static str]),
    /// An algorithm that the rules allow.
    Algorithm,
    /// How long a new primary key lives: a period, or the day on which it ends.
    PrimaryLife,
    /// How long a new subkey lives, within the life of the primary key: that of
    /// the certificate that is named by that fact, or until the instant that
    /// the fact is.
    SubkeyLife(&'static str),
    /// The later end of the primary key of the certificate that is named by
    /// that fact.
    PrimaryEnd(&'static str),
    /// The later end of the subkey for which the step is done, within the end
    /// of its primary key.
    SubkeyEnd {
        /// The fact that names the certificate.
        of: &'static str,
        /// The fact that is the end of its primary key.
        within: &'static str,
    },
    /// User IDs, separated by semicolons.
    UserIds,
    /// Somebody of the roster who has that role.
    Person(Role),
    /// The same, or nobody where one person is enough.
    Second(Role),
    /// The same; nobody is enough whatever the rules want, where a fact has that
    /// value.
    SecondUnless {
        /// The role.
        role: Role,
        /// The fact.
        fact: &'static str,
        /// The value.
        value: &'static str,
    },
    /// Some of them, at least one, separated by commas.
    People(Role),
    /// People to whom something is encrypted; nobody means a passphrase.
    Recipients,
    /// A certificate of the workspace.
    Certificate,
    /// A subkey of the certificate that is named by that fact.
    Subkey(&'static str),
    /// A medium with the primary key of the certificate that is named by that
    /// fact, among those that the record knows; a hyphen means none of them.
    KnownMedium(&'static str),
    /// Some of the subkeys of the certificate that is named by that fact, or
    /// none: either those that sign, or those that do not.
    Subkeys {
        /// The fact.
        of: &'static str,
        /// Whether those that sign are meant.
        signing: bool,
    },
    /// A consumer: one that is declared, or a new name.
    Consumer,
    /// A consumer that is declared and has slots.
    Signer,
    /// Some of the slots of the consumer that is named by that fact, at least
    /// one, separated by commas.
    Slots(&'static str),
    /// Some of all slots, at least one, separated by commas; a consumer stands
    /// for all of its own. Where that fact says that consumers are let again,
    /// those that are frozen by the record are offered.
    AnySlots(&'static str),
    /// Some of the targets of a certificate, at least one, separated by commas.
    Targets {
        /// The fact that names the certificate.
        of: &'static str,
        /// The fact that says yes where all of them are wanted.
        all: &'static str,
    },
    /// A subkey that is in slots of the consumer that is named by that fact,
    /// by the record.
    Placed(&'static str),
    /// A folder: where a medium is mounted.
    Medium,
    /// A file.
    File,
    /// Files and folders, separated by semicolons; none where there are none.
    Paths,
    /// A whole fingerprint, of a key that need not be in the workspace.
    Fingerprint,
    /// A day in the future.
    Day,
    /// The day since which the subkey that a fact names is published, or that it
    /// is not.
    PublishedSince(&'static str),
    /// A day within so many months.
    DayWithin(u32),
}

impl FieldKind {
    /// Whether several of the choices can be taken, or all of them.
    #[must_use]
    pub const fn takes_several(self) -> bool {
        matches!(
            self,
            Self::People(_)
                | Self::Recipients
                | Self::Subkeys { .. }
                | Self::Slots(_)
                | Self::AnySlots(_)
                | Self::Targets { .. }
        )
    }

    /// Whether nothing is an answer, too.
    #[must_use]
    pub const fn may_be_empty(self) -> bool {
        matches!(
            self,
            Self::Text { required: false }
                | Self::Recipients
                | Self::Paths
                | Self::Subkeys { .. }
                | Self::Second(_)
                | Self::SecondUnless { .. }
        )
    }
}
