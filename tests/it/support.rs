//! What the tests share.

pub(crate) mod adopting;
pub(crate) mod canary;
pub(crate) mod corpus;
pub(crate) mod courier;
pub(crate) mod debian;
pub(crate) mod defects;
pub(crate) mod demo;
pub(crate) mod disks;
pub(crate) mod dry_run;
pub(crate) mod faults;
pub(crate) mod forge;
pub(crate) mod gpg;
pub(crate) mod hall;
pub(crate) mod inputs;
pub(crate) mod invariants;
pub(crate) mod log;
pub(crate) mod old_home;
pub(crate) mod own_home;
pub(crate) mod pilot;
pub(crate) mod program;
pub(crate) mod pty;
pub(crate) mod sitting;
pub(crate) mod story;
pub(crate) mod tree;
pub(crate) mod vault;
