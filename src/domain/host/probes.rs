//! What is wrong with a machine, rule by rule.

use super::{Asked, HostFacts, Locality, Probe, Seen, Verdict};
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::lint::rule_text;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// By how many seconds clocks may differ: what two people tell apart who
/// read their watches.
const TOLERANCE: i64 = 120;

/// By how many seconds a clock may be ahead of the machine's others before
/// nothing is written down under it: two days. What was written in the future
/// stops whatever comes after it, until that day has come.
const FAR: i64 = 2 * 86_400;

/// The other clock of the machine of which `now` is far ahead, and what it
/// says. A hardware clock that nobody has set says a day before this program
/// was built, and tells nothing.
#[must_use]
pub fn far_ahead(facts: &HostFacts, now: Timestamp) -> Option<(&'static str, Timestamp)> {
    let clocks = others(facts).into_iter().filter_map(|(name, at)| Some((name, at.ok()?)));
    let mut set = clocks.filter(|(_, at)| *at >= facts.built);
    set.find(|(_, at)| at.plus(FAR) < now)
}

fn others(facts: &HostFacts) -> [(&'static str, Seen<Timestamp>); 2] {
    [
        ("the hardware's clock", facts.hardware_clock.clone()),
        ("the kernel's clock", Ok(facts.kernel_clock)),
    ]
}

/// Looks at each of the facts, in the order of the ids.
#[must_use]
pub fn probe(facts: &HostFacts, asked: &Asked) -> Vec<Probe> {
    vec![
        network(facts, asked.locality),
        route(facts, asked.locality),
        swap(facts),
        core_files(facts),
        process(facts),
        memory_folder(facts),
        clocks(facts, asked.now),
        clock(facts, asked),
        terminal(facts),
    ]
}

impl Probe {
    fn ok(id: FindingId, word: &str) -> Self {
        Self { id, word: word.to_owned(), verdict: Verdict::Ok, finding: None }
    }

    fn found(id: FindingId, severity: Severity, word: String, message: String) -> Self {
        let finding = Some(finding(id, severity, message));
        Self { id, word, verdict: Verdict::Found, finding }
    }

    fn unknown(id: FindingId, word: &str, why: &str) -> Self {
        let message = format!("it cannot be told whether this holds: {why}");
        let finding = Some(finding(id, Severity::Warning, message));
        Self { id, word: word.to_owned(), verdict: Verdict::Unknown, finding }
    }
}

fn finding(id: FindingId, severity: Severity, message: String) -> Finding {
    Finding {
        id,
        severity,
        subject: VisibleText::from_text("this machine"),
        about: Vec::new(),
        message,
        remedy: rule_text(id).fix.to_owned(),
    }
}

fn list(names: &[VisibleText]) -> String {
    names.iter().map(VisibleText::as_str).collect::<Vec<_>>().join(", ")
}

fn network(facts: &HostFacts, locality: Locality) -> Probe {
    let id = FindingId::Hst001;
    if locality == Locality::Online {
        return Probe::ok(id, "network allowed");
    }
    match facts.links.as_deref() {
        Ok([]) => Probe::ok(id, "no network"),
        Ok(up) => {
            let names = list(up);
            let message = format!("a network is up: {names}");
            Probe::found(id, Severity::Error, format!("network up: {names}"), message)
        }
        Err(why) => Probe::unknown(id, "network", why.as_str()),
    }
}

fn route(facts: &HostFacts, locality: Locality) -> Probe {
    let id = FindingId::Hst002;
    if locality == Locality::Online {
        return Probe::ok(id, "routes allowed");
    }
    match facts.routes.as_deref() {
        Ok([]) => Probe::ok(id, "no default route"),
        Ok(routes) => {
            let routes = list(routes);
            let message = format!("there is a default route: {routes}");
            Probe::found(id, Severity::Error, format!("default route: {routes}"), message)
        }
        Err(why) => Probe::unknown(id, "default route", why.as_str()),
    }
}

fn swap(facts: &HostFacts) -> Probe {
    let id = FindingId::Hst003;
    match facts.swaps.as_deref() {
        Ok([]) => Probe::ok(id, "no swap"),
        Ok(swaps) => {
            let swaps = list(swaps);
            let message = format!("memory may be written to {swaps}");
            Probe::found(id, Severity::Warning, format!("swap on: {swaps}"), message)
        }
        Err(why) => Probe::unknown(id, "swap", why.as_str()),
    }
}

/// A program that handles crashes gets the core of a process whose limit is
/// zero, too, unless its memory is closed.
fn core_files(facts: &HostFacts) -> Probe {
    let id = FindingId::Hst004;
    let found = |message| Probe::found(id, Severity::Error, "core dumps on".to_owned(), message);
    if facts.core_limit != Some(0) {
        let limit = facts.core_limit.map_or("no limit".to_owned(), |n| format!("{n} bytes"));
        return found(format!("a crash may leave a core file of keyrite; its limit is: {limit}"));
    }
    if facts.is_open == Ok(false) {
        return Probe::ok(id, "no core dumps");
    }
    match &facts.core_pattern {
        Ok(pattern) if pattern.as_str().starts_with('|') => {
            found(format!("a crash hands the memory of keyrite to: {pattern}"))
        }
        Ok(_) => Probe::ok(id, "no core dumps"),
        Err(why) => Probe::unknown(id, "core dumps", why.as_str()),
    }
}

fn process(facts: &HostFacts) -> Probe {
    let id = FindingId::Hst005;
    let found = |word: &str, message: &str| {
        Probe::found(id, Severity::Error, word.to_owned(), message.to_owned())
    };
    match (&facts.is_open, &facts.gives_rights) {
        (Ok(true), _) => {
            found("memory open", "other programs of the same user can read the memory of keyrite")
        }
        (_, Ok(true)) => {
            found("rights open", "programs that keyrite starts can get more rights than it has")
        }
        (Ok(false), Ok(false)) => Probe::ok(id, "process closed"),
        (Err(why), _) | (_, Err(why)) => Probe::unknown(id, "process", why.as_str()),
    }
}

fn memory_folder(facts: &HostFacts) -> Probe {
    let id = FindingId::Hst006;
    if facts.memory_folder.is_some() {
        return Probe::ok(id, "folder in memory");
    }
    let message =
        format!("none of these is in memory and can be written: {}", list(&facts.folders));
    Probe::found(id, Severity::Warning, "no folder in memory".to_owned(), message)
}

fn clocks(facts: &HostFacts, now: Timestamp) -> Probe {
    let id = FindingId::Hst007;
    let is_apart = |at: Timestamp| now.unix().abs_diff(at.unix()) > TOLERANCE.unsigned_abs();
    for (name, at) in &others(facts) {
        if let Ok(at) = at
            && is_apart(*at)
        {
            let apart = now.unix().abs_diff(at.unix());
            let word = format!("clocks differ by {}", seconds(apart));
            let message = format!(
                "the clock says {} and {name} {}, which is {} apart",
                now.iso(),
                at.iso(),
                seconds(apart)
            );
            return Probe::found(id, Severity::Error, word, message);
        }
    }
    match &facts.hardware_clock {
        Ok(_) => Probe::ok(id, "clocks agree"),
        Err(why) => Probe::unknown(id, "hardware clock", why.as_str()),
    }
}

/// A time in its largest unit.
fn seconds(count: u64) -> String {
    match count {
        0..=119 => format!("{count} s"),
        120..=7199 => format!("{} min", count / 60),
        7200..=172_799 => format!("{} h", count / 3600),
        _ => format!("{} d", count / 86_400),
    }
}

fn clock(facts: &HostFacts, asked: &Asked) -> Probe {
    let id = FindingId::Hst008;
    let bound = asked.bound(facts);
    if asked.now >= bound.at {
        return Probe::ok(id, "clock");
    }
    let message =
        format!("the clock says {}, but {} at {}", asked.now.iso(), bound.what, bound.at.iso());
    Probe::found(id, Severity::Error, "clock is slow".to_owned(), message)
}

fn terminal(facts: &HostFacts) -> Probe {
    let id = FindingId::Hst009;
    match facts.watchers.as_deref() {
        Ok([]) => Probe::ok(id, "terminal"),
        Ok(watchers) => {
            let watchers = list(watchers);
            let message = format!("the terminal may be recorded or shared by {watchers}");
            Probe::found(id, Severity::Warning, format!("terminal watched: {watchers}"), message)
        }
        Err(why) => Probe::unknown(id, "terminal", why.as_str()),
    }
}
