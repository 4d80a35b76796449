//! What is told while an effect is under way, to whoever waits for it: that a
//! place is asked once more, and why. Nothing of it is kept.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::text::VisibleText;

/// Where it is told; nowhere by default.
#[derive(Clone, Default)]
pub struct Notices(Option<Arc<dyn Fn(VisibleText) + Send + Sync>>);

impl Notices {
    /// Told to `listener`, on the thread on which it happens.
    #[must_use]
    pub fn to(listener: impl Fn(VisibleText) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }

    /// Tells that a place is asked once more.
    pub fn again(&self, again: &Again<'_>) {
        if let Some(listener) = &self.0 {
            listener(VisibleText::from_text(&again.to_string()));
        }
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notices({})", self.0.is_some())
    }
}

/// A place is asked once more.
#[derive(Debug)]
pub struct Again<'a> {
    /// Which.
    pub place: &'a str,
    /// For what: one look at a place is several requests.
    pub what: &'a str,
    /// Which attempt comes, counted from 1.
    pub attempt: u32,
    /// How many there are at the most.
    pub of: u32,
    /// What it said, or why nothing was heard.
    pub said: &'a str,
    /// How long is waited before, where that is known.
    pub pause: Option<Duration>,
}

impl fmt::Display for Again<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, what, attempt, of, said, pause } = self;
        write!(f, "{place}: asked again for {what} ({attempt} of {of}), it said: {said}; ")?;
        match pause {
            Some(pause) => write!(f, "next in {:.1} s", pause.as_secs_f64()),
            None => f.write_str("next in a moment"),
        }
    }
}
