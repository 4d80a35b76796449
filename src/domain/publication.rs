//! Publication: what users of a certificate get of it at the places where it
//! is published, held against what they should get.

mod component;
mod drift;
mod form;
mod judgement;
mod page;

pub use self::component::{Component, ComponentKind, Components};
pub use self::drift::{DoorRow, DriftRow, LEFT_ALONE, Memory, NOT_DONE, Observed, Since, Watched};
pub use self::form::CertificateForm;
pub use self::judgement::{Expected, Judgement, Served, Verdict, judge};
pub use self::page::judge_page;
