//! For how long a subkey has been published before it signs.

use super::super::remarks::remark;
use super::super::{CeremonyHands, Done, Inputs, receipt};
use crate::domain::finding::FindingId;
use crate::domain::policy::Policy;
use crate::domain::text::counted;
use crate::domain::timestamp::{DAY, Timestamp};
use crate::engine::event::{Remark, Weight};
use crate::engine::ports::{Job, Outcome};

impl CeremonyHands {
    pub(in super::super) fn check_lead(&self, job: &Job<'_>) -> Done {
        let subkey = Inputs(job.effect).fingerprint("subkey")?;
        let since = job.effect.text("since").parse().ok().map(Timestamp::from_unix);
        let Some(world) = self.world.as_ref() else {
            return Ok(Outcome { receipt: receipt([]), remarks: Vec::new() });
        };
        let keys = world.certificates.iter().flat_map(|one| {
            let certificate = one.certificate.fingerprint();
            one.keys().map(move |(key, _)| (certificate, key))
        });
        let found = keys.into_iter().find(|(_, key)| key.fingerprint == subkey);
        let policy = world.policy(found.as_ref().map(|(certificate, _)| certificate));
        let made = found.map(|(_, key)| key.created);
        // Keys of a rehearsal are a day old: nobody verifies with them.
        let weight = if self.is_rehearsal() { Weight::Told } else { Weight::Stops };
        let remarks = short(policy, since, made, job.at).map(|(message, remedy)| Remark {
            weight,
            ..remark(FindingId::Exp004, weight, message, remedy)
        });
        let wanted = counted(days(policy), "day");
        let told = match since {
            Some(since) => format!("published since {}; the rules want {wanted}", since.date()),
            None => format!("not published; the rules want {wanted}"),
        };
        Ok(Outcome { receipt: receipt([("proof", told)]), remarks: remarks.into_iter().collect() })
    }
}

fn days(policy: &Policy) -> usize {
    usize::try_from(policy.windows.lead()).unwrap_or(usize::MAX)
}

const WAIT: &str = "whoever verifies without it fails: wait, or whoever looks on takes it on \
                    themselves (an exception), with what the users are told";

/// What is wrong with what was stated, and what helps.
fn short(
    policy: &Policy,
    since: Option<Timestamp>,
    made: Option<Timestamp>,
    now: Timestamp,
) -> Option<(String, &'static str)> {
    let lead = policy.windows.lead();
    let wanted = format!("the rules ({}) want {}", policy.words(), counted(days(policy), "day"));
    let Some(since) = since else {
        return (lead > 0).then(|| {
            (format!("the certificate with this subkey is not published, and {wanted}"), WAIT)
        });
    };
    // A day is said, and not the hour.
    if let Some(made) = made.filter(|made| since.plus(DAY) <= *made) {
        let (said, made) = (since.date(), made.date());
        return Some((
            format!("this subkey was made on {made}: it cannot have been published on {said}"),
            "take the answer back and say the right day",
        ));
    }
    let until = since.plus(i64::from(lead) * DAY);
    (now < until).then(|| {
        let (since, until) = (since.date(), until.date());
        let message = format!("it is published since {since}, and {wanted}: until {until}");
        (message, WAIT)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::profiles;

    #[test]
    fn a_lead_that_is_too_short_is_told_with_the_day_on_which_it_is_over() {
        let policy = profiles::load("slurm-factory").unwrap();
        let day = |day: &str| Timestamp::parse(day).unwrap();
        let (made, now) = (day("2026-03-01T12:00:00Z"), day("2026-04-20"));
        let lead = i64::from(policy.windows.lead());
        assert!(lead >= 30, "{lead}");
        let told = |since| short(&policy, since, Some(made), now).map(|(message, _)| message);
        assert!(told(None).unwrap().contains("is not published"));
        assert!(told(Some(day("2026-02-01"))).unwrap().contains("made on 2026-03-01"));
        // On the day on which it was made it may have been published.
        assert_eq!(told(Some(day("2026-03-01"))), None);
        assert_eq!(told(Some(now.plus(-lead * DAY))), None);
        let late = told(Some(now.plus((1 - lead) * DAY))).unwrap();
        assert!(late.contains(": until 2026-04-21"), "{late}");
    }
}
