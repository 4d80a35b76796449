//! One certificate of the list, with what it is found and sorted by.

use std::cmp::Ordering;

use crate::domain::assessment::{Assessment, short};
use crate::domain::inventory::Listed;
use crate::domain::outlook::{Standing, Urgency};
use crate::domain::query::Subject;
use crate::domain::timestamp::Timestamp;

/// One certificate of the list.
#[derive(Clone, Debug)]
pub struct Item {
    /// What was known at once.
    pub listed: Listed,
    /// What is judged, once its signatures are checked.
    pub assessment: Option<Assessment>,
    pub(super) subject: Subject,
    pub(super) sort_name: String,
}

impl Item {
    pub(super) fn new(listed: Listed) -> Self {
        let mut item = Self {
            listed,
            assessment: None,
            subject: Subject::default(),
            sort_name: String::new(),
        };
        item.index();
        item
    }

    /// The name by which people know it.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.assessment {
            Some(assessment) => assessment.name(),
            None => self.listed.user_id.as_ref().map_or("(no user ID)", |id| id.as_str()),
        }
    }

    /// The name without the mail address, where there is more than that.
    #[must_use]
    pub fn short_name(&self) -> &str {
        short(self.name())
    }

    /// The standing of the whole certificate.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.assessment.as_ref().map_or(Standing::Checking, Assessment::standing)
    }

    pub(super) fn urgency(&self) -> Urgency {
        self.assessment.as_ref().map_or(Urgency::Past, |a| a.outlook.urgency(a.verdict.at))
    }

    pub(super) fn instant(&self) -> Timestamp {
        let far = Timestamp::from_unix(i64::MAX);
        self.assessment.as_ref().and_then(|a| a.outlook.instant()).unwrap_or(far)
    }

    pub(super) fn keys(&self) -> usize {
        self.assessment.as_ref().map_or(1, |a| 1 + a.certificate.subkeys.len())
    }

    /// Prepares what the filter looks at.
    pub(super) fn index(&mut self) {
        let mut subject = Subject::default();
        subject.add_text(self.name());
        subject.add_fingerprint(&self.listed.fingerprint.hex());
        match &self.assessment {
            None => {
                subject.add_algorithm(&self.listed.algorithm.to_string());
                subject.add_state(Standing::Checking.words());
            }
            Some(assessment) => {
                subject.add_state(assessment.standing().words());
                for id in &assessment.certificate.user_ids {
                    subject.add_text(id.text.as_str());
                }
                for (key, verdict) in assessment.keys() {
                    subject.add_algorithm(&key.algorithm.to_string());
                    subject.add_capabilities(&verdict.capabilities.letters());
                    subject.add_fingerprint(&key.fingerprint.hex());
                    subject.add_key_state(Standing::of_key(verdict, assessment.verdict.at).words());
                }
            }
        }
        self.sort_name = self.name().to_lowercase();
        self.subject = subject;
    }
}

/// By which column rows are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What breaks first.
    #[default]
    BreaksFirst,
    /// The name.
    Name,
    /// The newest first.
    Newest,
    /// The order of the input.
    Input,
}

impl Sort {
    /// What the column is called.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::BreaksFirst => "what breaks first",
            Self::Name => "name",
            Self::Newest => "age, the newest first",
            Self::Input => "order of the input",
        }
    }

    pub(super) const fn next(self) -> Self {
        match self {
            Self::BreaksFirst => Self::Name,
            Self::Name => Self::Newest,
            Self::Newest => Self::Input,
            Self::Input => Self::BreaksFirst,
        }
    }

    pub(super) fn compare(self, a: &Item, b: &Item) -> Ordering {
        match self {
            Self::BreaksFirst => (a.urgency(), a.instant()).cmp(&(b.urgency(), b.instant())),
            Self::Name | Self::Input => Ordering::Equal,
            Self::Newest => b.listed.created.cmp(&a.listed.created),
        }
    }
}
