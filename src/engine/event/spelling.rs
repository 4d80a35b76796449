//! Events as they stand in journals, and back.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Event, Place, Remark, Weight};
use crate::domain::finding::{FindingId, Severity};
use crate::domain::worded::Worded as _;
use crate::engine::chain::Digest;
use crate::engine::effect::{EffectKind, Value, Values, json_of};

impl Event {
    /// Its body, as in a journal.
    #[must_use]
    pub fn body(&self) -> Map<String, Json> {
        let body = match self {
            Self::Opened {
                ceremony,
                version,
                environment,
                operator,
                team,
                quorum,
                policy,
                workspace,
                given,
            } => {
                json!({
                    "ceremony": ceremony, "version": version, "environment": environment,
                    "operator": operator, "team": team, "quorum": quorum, "policy": policy,
                    "workspace": workspace.to_string(), "given": json_of(given),
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
            Self::HandedOver { carry, by, writer } => {
                json!({ "carry": carry, "by": by, "writer": writer })
            }
            Self::TakenOver { carry, by } => json!({ "carry": carry, "by": by }),
            Self::Recalled { carry: Some(carry), reason, by } => {
                json!({ "carry": carry, "reason": reason, "by": by })
            }
            Self::Recalled { carry: None, reason, by } => {
                json!({ "reason": reason, "by": by })
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
                version: body.small("version")?,
                environment: body.text("environment")?,
                operator: body.text("operator")?,
                team: body.text("team")?,
                quorum: body.small("quorum")?,
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
            "handed-over" => Self::HandedOver {
                carry: body.text("carry")?,
                by: body.text("by")?,
                writer: body.text("writer")?,
            },
            "taken-over" => Self::TakenOver { carry: body.text("carry")?, by: body.text("by")? },
            "recalled" => Self::Recalled {
                carry: match body.0.get("carry") {
                    Some(carry) => Some(carry.as_str()?.to_owned()),
                    None => None,
                },
                reason: body.text("reason")?,
                by: body.text("by")?,
            },
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

    fn small(&self, name: &str) -> Option<u32> {
        u32::try_from(self.0.get(name)?.as_i64()?).ok()
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
