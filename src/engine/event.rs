//! What happened in a run. Never a secret.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::chain::Digest;
use super::effect::{EffectKind, Value, Values, json_of};
use crate::domain::finding::{FindingId, Severity};
use crate::domain::worded::Worded as _;

/// A step, for one item where it is done for several: `medium` or
/// `medium@anna`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(String);

impl Place {
    /// That step, for that item.
    #[must_use]
    pub fn new(step: &str, item: Option<&str>) -> Self {
        Self(item.map_or_else(|| step.to_owned(), |item| format!("{step}@{item}")))
    }

    /// As in a journal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The step.
    #[must_use]
    pub fn step(&self) -> &str {
        self.0.split_once('@').map_or(self.0.as_str(), |(step, _)| step)
    }

    /// The item.
    #[must_use]
    pub fn item(&self) -> Option<&str> {
        self.0.split_once('@').map(|(_, item)| item)
    }
}

/// Something that a check or a proof has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The rule.
    pub id: FindingId,
    /// How grave it is.
    pub severity: Severity,
    /// What was seen.
    pub message: String,
    /// What helps.
    pub remedy: String,
    /// What it does to the run.
    pub weight: Weight,
}

crate::domain::worded::worded! {
    /// What a remark does to a run.
    pub enum Weight: "weight" {
        /// It is told.
        Told = "told",
        /// It stops the run until it is mended, or until somebody takes it on
        /// themselves.
        Stops = "stops",
        /// It stops the run, and nobody can take it on themselves.
        Forbids = "forbids",
    }
}

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The run began.
    Opened {
        /// Of which ceremony.
        ceremony: String,
        /// Of which version of it.
        version: u32,
        /// Whose trust is at stake.
        environment: String,
        /// Who drives.
        operator: String,
        /// The rules, by their name and a digest.
        policy: String,
        /// Of the declared facts.
        workspace: Digest,
        /// What was known before: a key that was selected.
        given: Values,
    },
    /// Questions were answered.
    Answered {
        /// Where.
        at: Place,
        /// By name.
        values: Values,
    },
    /// Somebody stated something.
    Attested {
        /// Where.
        at: Place,
        /// What.
        values: Values,
    },
    /// What will be done was sealed.
    PlanSealed {
        /// Where.
        at: Place,
        /// Of the list.
        digest: Digest,
    },
    /// Something that cannot be undone was confirmed.
    Confirmed {
        /// Where.
        at: Place,
        /// How.
        class: String,
        /// By whom.
        by: Vec<String>,
    },
    /// The machine, or a proof, was looked at.
    Observed {
        /// Where.
        at: Place,
        /// What there is to say.
        remarks: Vec<Remark>,
    },
    /// An effect is going to happen.
    Intended {
        /// Where.
        at: Place,
        /// Its random name.
        effect: String,
        /// What.
        kind: EffectKind,
        /// Of what it is given.
        digest: Digest,
    },
    /// It happened.
    Completed {
        /// Where.
        at: Place,
        /// Its name.
        effect: String,
        /// The proof.
        receipt: Values,
        /// Whether that was found out afterwards.
        recovered: bool,
    },
    /// It did not happen, and nothing of it is left.
    Failed {
        /// Where.
        at: Place,
        /// Its name.
        effect: String,
        /// Why.
        error: String,
    },
    /// What a run waited for has happened.
    Waited {
        /// Where.
        at: Place,
    },
    /// Somebody takes it on themselves that the run goes on.
    Exception {
        /// Where.
        at: Place,
        /// In whose words.
        text: String,
        /// Who.
        by: String,
        /// Over which remarks.
        over: Vec<String>,
    },
    /// Answers are taken back, with all that was done since.
    Returned {
        /// To which step.
        to: Place,
    },
    /// Something worth knowing.
    Noted {
        /// In whose words.
        text: String,
        /// Who.
        by: String,
    },
    /// People went away; everything is kept.
    Paused {
        /// Who.
        by: String,
    },
    /// They came back.
    Resumed {
        /// Who.
        by: String,
        /// Of a last line that was cut off, where there was one.
        torn: Option<Digest>,
    },
    /// It was given up.
    Abandoned {
        /// Why.
        reason: String,
        /// Who.
        by: String,
    },
    /// It is done.
    Closed {
        /// Of `transcript.json`.
        transcript: Digest,
    },
}

impl Event {
    /// Its type, as in a journal.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Answered { .. } => "answered",
            Self::Attested { .. } => "attested",
            Self::PlanSealed { .. } => "plan-sealed",
            Self::Confirmed { .. } => "confirmed",
            Self::Observed { .. } => "observed",
            Self::Intended { .. } => "effect-intended",
            Self::Completed { .. } => "effect-completed",
            Self::Failed { .. } => "effect-failed",
            Self::Waited { .. } => "waited",
            Self::Exception { .. } => "exception",
            Self::Returned { .. } => "returned",
            Self::Noted { .. } => "noted",
            Self::Paused { .. } => "paused",
            Self::Resumed { .. } => "resumed",
            Self::Abandoned { .. } => "abandoned",
            Self::Closed { .. } => "closed",
        }
    }

    /// Where it happened.
    #[must_use]
    pub const fn place(&self) -> Option<&Place> {
        match self {
            Self::Answered { at, .. }
            | Self::Attested { at, .. }
            | Self::PlanSealed { at, .. }
            | Self::Confirmed { at, .. }
            | Self::Observed { at, .. }
            | Self::Intended { at, .. }
            | Self::Completed { at, .. }
            | Self::Failed { at, .. }
            | Self::Waited { at }
            | Self::Exception { at, .. } => Some(at),
            Self::Opened { .. }
            | Self::Returned { .. }
            | Self::Noted { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::Abandoned { .. }
            | Self::Closed { .. } => None,
        }
    }

    /// Its body, as in a journal.
    #[must_use]
    pub fn body(&self) -> Map<String, Json> {
        let body = match self {
            Self::Opened { ceremony, version, environment, operator, policy, workspace, given } => {
                json!({
                    "ceremony": ceremony, "version": version, "environment": environment,
                    "operator": operator, "policy": policy, "workspace": workspace.to_string(),
                    "given": json_of(given),
                })
            }
            Self::Answered { at, values } | Self::Attested { at, values } => {
                json!({ "step": at.as_str(), "values": json_of(values) })
            }
            Self::PlanSealed { at, digest } => {
                json!({ "step": at.as_str(), "digest": digest.to_string() })
            }
            Self::Confirmed { at, class, by } => {
                json!({ "step": at.as_str(), "class": class, "by": by })
            }
            Self::Observed { at, remarks } => {
                let remarks: Vec<_> = remarks.iter().map(Remark::json).collect();
                json!({ "step": at.as_str(), "findings": remarks })
            }
            Self::Intended { at, effect, kind, digest } => json!({
                "step": at.as_str(), "effect": effect, "kind": kind.word(),
                "digest": digest.to_string(),
            }),
            Self::Completed { at, effect, receipt, recovered } => json!({
                "step": at.as_str(), "effect": effect, "receipt": json_of(receipt),
                "recovered": recovered,
            }),
            Self::Failed { at, effect, error } => {
                json!({ "step": at.as_str(), "effect": effect, "error": error })
            }
            Self::Waited { at } => json!({ "step": at.as_str() }),
            Self::Exception { at, text, by, over } => {
                json!({ "step": at.as_str(), "text": text, "by": by, "over": over })
            }
            Self::Returned { to } => json!({ "step": to.as_str() }),
            Self::Noted { text, by } => json!({ "text": text, "by": by }),
            Self::Paused { by } | Self::Resumed { by, torn: None } => json!({ "by": by }),
            Self::Resumed { by, torn: Some(torn) } => {
                json!({ "by": by, "torn": torn.to_string() })
            }
            Self::Abandoned { reason, by } => json!({ "reason": reason, "by": by }),
            Self::Closed { transcript } => json!({ "transcript": transcript.to_string() }),
        };
        match body {
            Json::Object(body) => body,
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
                Map::new()
            }
        }
    }

    /// Reads it again. Absent where it is none that this program writes.
    #[must_use]
    pub fn read(word: &str, body: &Map<String, Json>) -> Option<Self> {
        let body = Body(body);
        Some(match word {
            "opened" => Self::Opened {
                ceremony: body.text("ceremony")?,
                version: u32::try_from(body.0.get("version")?.as_i64()?).ok()?,
                environment: body.text("environment")?,
                operator: body.text("operator")?,
                policy: body.text("policy")?,
                workspace: body.digest("workspace")?,
                given: body.values("given")?,
            },
            "answered" => Self::Answered { at: body.place()?, values: body.values("values")? },
            "attested" => Self::Attested { at: body.place()?, values: body.values("values")? },
            "plan-sealed" => Self::PlanSealed { at: body.place()?, digest: body.digest("digest")? },
            "confirmed" => Self::Confirmed {
                at: body.place()?,
                class: body.text("class")?,
                by: body.texts("by")?,
            },
            "observed" => {
                let remarks = body.0.get("findings")?.as_array()?.iter().map(Remark::read);
                Self::Observed { at: body.place()?, remarks: remarks.collect::<Option<_>>()? }
            }
            "effect-intended" => Self::Intended {
                at: body.place()?,
                effect: body.text("effect")?,
                kind: EffectKind::from_word(&body.text("kind")?)?,
                digest: body.digest("digest")?,
            },
            "effect-completed" => Self::Completed {
                at: body.place()?,
                effect: body.text("effect")?,
                receipt: body.values("receipt")?,
                recovered: body.0.get("recovered")?.as_bool()?,
            },
            "effect-failed" => Self::Failed {
                at: body.place()?,
                effect: body.text("effect")?,
                error: body.text("error")?,
            },
            "waited" => Self::Waited { at: body.place()? },
            "exception" => Self::Exception {
                at: body.place()?,
                text: body.text("text")?,
                by: body.text("by")?,
                over: body.texts("over")?,
            },
            "returned" => Self::Returned { to: body.place()? },
            "noted" => Self::Noted { text: body.text("text")?, by: body.text("by")? },
            "paused" => Self::Paused { by: body.text("by")? },
            "resumed" => Self::Resumed { by: body.text("by")?, torn: body.digest("torn") },
            "abandoned" => Self::Abandoned { reason: body.text("reason")?, by: body.text("by")? },
            "closed" => Self::Closed { transcript: body.digest("transcript")? },
            _ => return None,
        })
    }
}

impl Remark {
    fn json(&self) -> Json {
        json!({
            "id": self.id.word(), "severity": self.severity.word(), "message": self.message,
            "remedy": self.remedy, "weight": self.weight.word(),
        })
    }

    fn read(json: &Json) -> Option<Self> {
        let body = Body(json.as_object()?);
        let severities = [Severity::Error, Severity::Warning, Severity::Note];
        let severity = body.text("severity")?;
        Some(Self {
            id: FindingId::from_word(&body.text("id")?)?,
            severity: severities.into_iter().find(|one| one.word() == severity)?,
            message: body.text("message")?,
            remedy: body.text("remedy")?,
            weight: Weight::from_word(&body.text("weight")?)?,
        })
    }
}

/// The members of a body, by what they must be.
struct Body<'a>(&'a Map<String, Json>);

impl Body<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        let texts = self.0.get(name)?.as_array()?.iter();
        texts.map(|text| text.as_str().map(str::to_owned)).collect()
    }

    fn digest(&self, name: &str) -> Option<Digest> {
        Digest::parse(self.0.get(name)?.as_str()?)
    }

    fn place(&self) -> Option<Place> {
        self.text("step").map(Place)
    }

    fn values(&self, name: &str) -> Option<Values> {
        let values = self.0.get(name)?.as_object()?.iter();
        let values = values.map(|(name, json)| Some((name.clone(), Value::of_json(json)?)));
        values.collect::<Option<BTreeMap<_, _>>>()
    }
}
