//! What could leave the memory: by swap, a crash, another program, a file.

use std::path::{Path, PathBuf};

use rustix::fs::{Access, access, statfs};
use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};
use rustix::thread::no_new_privs;

use super::{Host, failed};
use crate::adapters::environment::Environment;
use crate::domain::host::Seen;
use crate::domain::text::VisibleText;

/// The kinds of file systems that are in memory (`magic.h`): tmpfs and ramfs.
const IN_MEMORY: [i64; 2] = [0x0102_1994, 0x8584_58f6];

/// Where memory is swapped to.
pub(super) fn swaps(host: Host<'_>) -> Seen<Vec<VisibleText>> {
    let text = host.read("/proc/swaps")?;
    let names = text.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    Ok(names.map(VisibleText::from_text).collect())
}

/// The most bytes of a core file of this process.
pub(super) fn core_limit() -> Option<u64> {
    getrlimit(Resource::Core).current
}

/// Where the system puts core files.
pub(super) fn core_pattern(host: Host<'_>) -> Seen<VisibleText> {
    host.read("/proc/sys/kernel/core_pattern").map(|text| VisibleText::from_text(text.trim()))
}

/// Whether others can read the memory of this process.
pub(super) fn is_open() -> Seen<bool> {
    let behavior = dumpable_behavior().map_err(|error| failed("PR_GET_DUMPABLE", error))?;
    Ok(behavior == DumpableBehavior::Dumpable)
}

/// Whether programs that this process starts can get more rights.
pub(super) fn gives_rights() -> Seen<bool> {
    no_new_privs().map(|set| !set).map_err(|error| failed("PR_GET_NO_NEW_PRIVS", error))
}

/// The folders that may be in memory, the best first.
pub(super) fn folders(environment: &Environment) -> Vec<PathBuf> {
    let own = environment.runtime.clone();
    own.into_iter().chain(["/dev/shm", "/tmp"].map(PathBuf::from)).collect()
}

/// The first folder that is in memory and can be written to: for what must not
/// reach a disk.
#[must_use]
pub fn memory_folder(root: &Path, environment: &Environment) -> Option<PathBuf> {
    let host = Host { root };
    folders(environment).into_iter().map(|folder| host.path(&folder)).find(|path| is_fit(path))
}

fn is_fit(folder: &Path) -> bool {
    let is_in_memory = statfs(folder).is_ok_and(|about| is_in_memory(about.f_type));
    is_in_memory && access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// The type of the number differs by architecture.
fn is_in_memory(kind: impl TryInto<i64>) -> bool {
    kind.try_into().is_ok_and(|kind| IN_MEMORY.contains(&kind))
}
