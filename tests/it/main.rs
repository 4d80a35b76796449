//! The integration tests, in one binary.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    reason = "a test may fail, look at the world, and say what it measured"
)]

mod adoption;
mod adoption_copies;
mod adoption_refused;
mod airgap;
mod architecture;
mod audit;
mod audit_checkpoints;
mod audit_files;
mod audit_flips;
mod audit_runs;
mod battery;
mod calendar;
mod canary;
mod carry;
mod carry_decisions;
mod carry_forged;
mod carry_holders;
mod carry_merges;
mod carry_refusals;
mod carry_sweeps;
mod catalog;
mod ceremonies;
mod changes;
mod cli;
mod clocks;
mod corpora;
mod credentials;
mod custody;
mod custody_console;
mod custody_freeze;
mod custody_parcels;
mod custody_slots;
mod custody_story;
mod custody_words;
mod damage;
mod declared;
mod declarer;
mod docs;
mod drills;
mod entrance;
mod exports;
mod extending;
mod extending_refused;
mod folders;
mod given_up;
mod gpg;
mod gpg_keys;
mod held;
mod held_screens;
mod history;
mod host;
mod hostile;
mod intake;
mod keymaking;
mod lint;
mod lint_cases;
mod lost_medium;
mod machine;
mod media;
mod merge;
mod mishaps;
mod offline;
mod own_keys;
mod packets;
mod plain_ceremonies;
mod random_keys;
mod real_media;
mod refusals;
mod revoking;
mod schedule;
mod screens;
mod second;
mod slot_command;
mod slot_credential_store;
mod slot_directory;
mod slot_faults;
mod slot_github;
mod slot_github_ceremonies;
mod slot_github_description;
mod slot_github_faults;
mod slot_github_proof;
mod slot_gnupg_home;
mod slot_kms_file;
mod slot_kubernetes;
mod slot_kubernetes_faults;
mod slot_logs;
mod slot_retries;
mod slot_secrets_manager;
mod startup;
mod stories;
mod support;
mod sweeps;
mod team;
mod terminal;
mod timeline;
mod torn_runs;
mod transcripts;
mod validity;
mod verifiers;
mod workspace;
