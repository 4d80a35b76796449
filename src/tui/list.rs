//! The list of keys: filtered, sorted, folded, with one row selected.
//!
//! Rows are worked out anew only when something changed, never for a frame.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::domain::assessment::Assessment;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inventory::Listed;
use crate::domain::outlook::{Standing, Urgency};
use crate::domain::query::{FIELDS, Query};
use crate::domain::validity::{Note, State};

mod item;

pub use item::{Item, Sort};

/// Certificates up to which all subkeys are shown at the start.
const UNFOLDED_UP_TO: usize = 40;

/// One row: a certificate, or a subkey below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Index into [`KeyList::items`].
    pub item: usize,
    /// 0 for the certificate, or the place of the subkey among its keys.
    pub key: usize,
}

/// The list.
#[derive(Clone, Debug, Default)]
pub struct KeyList {
    items: Vec<Item>,
    places: HashMap<Fingerprint, usize>,
    rows: Vec<Row>,
    shown: usize,
    selected: usize,
    top: usize,
    query_text: String,
    query: Query,
    sort: Sort,
    flipped: HashSet<Fingerprint>,
    stale: bool,
    touched: bool,
}

impl KeyList {
    /// All certificates, in the order in which they were met.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item of that certificate.
    #[must_use]
    pub fn item(&self, fingerprint: &Fingerprint) -> Option<&Item> {
        self.places.get(fingerprint).and_then(|place| self.items.get(*place))
    }

    /// The rows as they are shown now.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many certificates the filter lets through.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.shown
    }

    /// The first row on the screen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// The index of the selected row.
    #[must_use]
    pub fn selected(&self) -> usize {
        self.selected
    }

    /// The selected row's certificate and key.
    #[must_use]
    pub fn selection(&self) -> Option<(&Item, usize)> {
        let row = self.rows.get(self.selected)?;
        Some((self.items.get(row.item)?, row.key))
    }

    /// What the filter says.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query_text
    }

    /// By which column rows are sorted.
    #[must_use]
    pub fn sorted_by(&self) -> Sort {
        self.sort
    }

    /// Takes over how another list was looked at: filter, sort, what is folded
    /// and what is selected.
    pub fn take_over(&mut self, other: &mut Self) {
        let selection = other.selection().map(|(item, key)| (item.listed.fingerprint, key));
        self.query_text = std::mem::take(&mut other.query_text);
        self.query = std::mem::take(&mut other.query);
        self.flipped = std::mem::take(&mut other.flipped);
        (self.sort, self.touched, self.top) = (other.sort, other.touched, other.top);
        self.stale = true;
        self.refresh();
        if let Some((fingerprint, key)) = selection.filter(|_| self.touched) {
            self.select(&fingerprint, key);
        }
    }

    /// Keeps the selection where it is, whatever is still read: a person is
    /// about to act on it.
    pub fn hold(&mut self) {
        self.touched = true;
    }

    /// Adds a certificate of which only packets were read.
    pub fn add(&mut self, listed: Listed) {
        self.stale = true;
        let place = *self.places.entry(listed.fingerprint).or_insert(self.items.len());
        match self.items.get_mut(place) {
            Some(item) => *item = Item::new(listed),
            None => self.items.push(Item::new(listed)),
        }
    }

    /// Adds what is judged of a certificate.
    pub fn assess(&mut self, assessment: Assessment) {
        let fingerprint = assessment.certificate.fingerprint();
        if let Some(item) = self.places.get(&fingerprint).and_then(|at| self.items.get_mut(*at)) {
            item.assessment = Some(assessment);
            item.index();
            self.stale = true;
        }
    }

    /// Takes back a certificate.
    pub fn remove(&mut self, fingerprint: &Fingerprint) {
        let Some(place) = self.places.remove(fingerprint) else { return };
        self.items.swap_remove(place);
        if let Some(moved) = self.items.get(place) {
            self.places.insert(moved.listed.fingerprint, place);
        }
        self.stale = true;
    }

    /// Filters by what was typed.
    pub fn set_query(&mut self, text: &str) {
        text.clone_into(&mut self.query_text);
        self.query = Query::parse(text);
        self.stale = true;
    }

    /// Sorts by the next column.
    pub fn next_sort(&mut self) {
        self.sort = self.sort.next();
        self.stale = true;
    }

    /// Whether the subkeys of that certificate are shown.
    #[must_use]
    pub fn is_open(&self, fingerprint: &Fingerprint) -> bool {
        let by_default = self.items.len() <= UNFOLDED_UP_TO;
        by_default != self.flipped.contains(fingerprint)
    }

    /// Shows or hides the subkeys of the selected certificate.
    pub fn fold(&mut self, open: bool) {
        let Some(fingerprint) = self.selection().map(|(item, _)| item.listed.fingerprint) else {
            return;
        };
        self.touched = true;
        if self.is_open(&fingerprint) != open {
            if !self.flipped.remove(&fingerprint) {
                self.flipped.insert(fingerprint);
            }
            self.stale = true;
            if !open {
                self.select(&fingerprint, 0);
            }
        }
    }

    /// Works the rows out anew, if something changed.
    pub fn refresh(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        let selection = self.selection().map(|(item, key)| (item.listed.fingerprint, key));
        let mut order: Vec<usize> = (0..self.items.len())
            .filter(|place| {
                self.items.get(*place).is_some_and(|item| self.query.matches(&item.subject))
            })
            .collect();
        self.shown = order.len();
        if self.sort != Sort::Input {
            order.sort_by(|a, b| match (self.items.get(*a), self.items.get(*b)) {
                (Some(x), Some(y)) => self
                    .sort
                    .compare(x, y)
                    .then_with(|| x.sort_name.cmp(&y.sort_name))
                    .then(a.cmp(b)),
                _ => Ordering::Equal,
            });
        }
        let mut rows = Vec::with_capacity(order.len());
        for place in order {
            let Some(item) = self.items.get(place) else {
                continue;
            };
            rows.push(Row { item: place, key: 0 });
            if self.is_open(&item.listed.fingerprint) {
                rows.extend((1..item.keys()).map(|key| Row { item: place, key }));
            }
        }
        self.rows = rows;
        match selection.filter(|_| self.touched) {
            Some((fingerprint, key)) => self.select(&fingerprint, key),
            // Nobody has moved yet: start at what breaks first.
            None => {
                self.select_first_to_break();
            }
        }
    }

    /// Selects a key, or its certificate where the key is folded away.
    pub fn select(&mut self, fingerprint: &Fingerprint, key: usize) {
        let Some(place) = self.places.get(fingerprint).copied() else {
            return;
        };
        let of_key = self.rows.iter().position(|row| *row == Row { item: place, key });
        let of_certificate = || self.rows.iter().position(|row| row.item == place);
        let last = self.rows.len().saturating_sub(1);
        self.selected = of_key.or_else(of_certificate).unwrap_or(0).min(last);
    }

    /// The certificate that breaks first, of all that are read.
    #[must_use]
    pub fn first_to_break(&self) -> Option<&Item> {
        self.items
            .iter()
            .filter(|item| matches!(item.urgency(), Urgency::Soon | Urgency::Later))
            .min_by(|a, b| Sort::BreaksFirst.compare(a, b).then(a.sort_name.cmp(&b.sort_name)))
    }

    /// Whether any certificate is valid now.
    #[must_use]
    pub fn has_valid(&self) -> bool {
        self.items
            .iter()
            .filter_map(|item| item.assessment.as_ref())
            .any(|assessment| assessment.verdict.primary.state == State::Valid)
    }

    /// Certificates whose verdict has something to be noted, and what.
    pub fn notes(&self) -> impl Iterator<Item = (&Item, &Note)> {
        self.items.iter().flat_map(|item| {
            let notes = item.assessment.as_ref().map(|assessment| &assessment.verdict.notes);
            notes.into_iter().flatten().map(move |note| (item, note))
        })
    }

    /// What is wrong with the filter.
    #[must_use]
    pub fn query_problem(&self) -> Option<String> {
        if let Some(name) = Query::unknown_field(&self.query_text) {
            let known: Vec<_> = FIELDS.iter().map(|field| format!("{field}:")).collect();
            return Some(format!("there is no field '{name}:'; there are {}", known.join(" ")));
        }
        let states = Standing::ALL.map(|standing| standing.words().replace(' ', "_"));
        let state = Query::states(&self.query_text)
            .find(|state| !states.iter().any(|known| known.contains(state.as_str())))?;
        Some(format!("there is no state '{state}'; there are {}", states.join(" ")))
    }

    /// Certificates that are valid and cannot sign.
    pub fn broken(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.urgency() == Urgency::Now)
    }

    /// Selects the key that breaks first; says whether there is one in view.
    pub fn go_to_first_to_break(&mut self) -> bool {
        self.touched = true;
        self.select_first_to_break()
    }

    fn select_first_to_break(&mut self) -> bool {
        let target = self.first_to_break().and_then(|item| {
            let key = item.assessment.as_ref()?.outlook.key()?;
            Some((item.listed.fingerprint, key))
        });
        if let Some((fingerprint, key)) = target {
            self.select(&fingerprint, key);
            let selected = self.selection().map(|(item, _)| item.listed.fingerprint);
            selected == Some(fingerprint)
        } else {
            self.selected = 0;
            false
        }
    }

    /// Moves the selection by rows.
    pub fn move_by(&mut self, rows: isize) {
        self.touched = true;
        let last = self.rows.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(rows).min(last);
    }

    /// Moves the selection to the next or previous certificate.
    pub fn move_to_certificate(&mut self, forward: bool) {
        self.touched = true;
        let is_certificate = |(_, row): &(usize, &Row)| row.key == 0;
        let rows = self.rows.iter().enumerate();
        let found = if forward {
            rows.skip(self.selected + 1).find(is_certificate)
        } else {
            let before: Vec<_> = rows.take(self.selected).collect();
            before.into_iter().rev().find(is_certificate)
        };
        if let Some((index, _)) = found {
            self.selected = index;
        }
    }

    /// Scrolls so that the selection is among `height` rows.
    pub fn scroll_into_view(&mut self, height: usize) {
        let height = height.max(1);
        self.top = self.top.min(self.rows.len().saturating_sub(height));
        if self.selected < self.top {
            self.top = self.selected;
        } else if self.selected >= self.top + height {
            self.top = self.selected + 1 - height;
        }
    }

    /// How many certificates have each standing; those with none are left out.
    #[must_use]
    pub fn counts(&self) -> Vec<(Standing, usize)> {
        let mut counts: HashMap<Standing, usize> = HashMap::new();
        for item in &self.items {
            *counts.entry(item.standing()).or_default() += 1;
        }
        Standing::ALL
            .into_iter()
            .filter_map(|standing| Some((standing, *counts.get(&standing)?)))
            .collect()
    }
}
