//! The machine and this process, as `/proc`, `/sys` and the kernel tell.
//!
//! Nothing is changed, and no program is started. Files are looked for below
//! a root folder, which is `/` but in tests.

mod clocks;
mod memory;
mod network;
mod terminal;

use std::path::{Path, PathBuf};

use super::clock;
use super::environment::Environment;
use super::sources::read_file;
use crate::domain::host::{HostFacts, Seen};
use crate::domain::text::VisibleText;

pub use memory::memory_folder;

/// Looks at the machine below `root`, and at this process.
#[must_use]
pub fn observe(root: &Path, environment: &Environment) -> HostFacts {
    let host = Host { root };
    HostFacts {
        links: network::links(host),
        routes: network::default_routes(host),
        swaps: memory::swaps(host),
        core_limit: memory::core_limit(),
        core_pattern: memory::core_pattern(host),
        is_open: memory::is_open(),
        gives_rights: memory::gives_rights(),
        memory_folder: memory_folder(root, environment).map(|path| visible(&path)),
        folders: memory::folders(environment).iter().map(|path| visible(path)).collect(),
        hardware_clock: clocks::hardware(host),
        kernel_clock: clock::of_the_kernel(),
        built: clocks::built(),
        watchers: terminal::watchers(host, environment),
    }
}

/// The files that tell of a machine.
#[derive(Clone, Copy)]
struct Host<'a> {
    root: &'a Path,
}

impl Host<'_> {
    /// Where a file of that machine is here.
    fn path(self, file: &Path) -> PathBuf {
        self.root.join(file.strip_prefix("/").unwrap_or(file))
    }

    /// What a file says, as far as it is text.
    fn read(self, file: &str) -> Seen<String> {
        let bytes = read_file(&self.path(Path::new(file)))
            .map_err(|error| VisibleText::from_text(&format!("{file}: {error}")))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Whether a file is there.
    fn has(self, file: &str) -> bool {
        self.path(Path::new(file)).exists()
    }
}

/// An error of the system, as people read it.
fn failed(what: &str, error: impl Into<std::io::Error>) -> VisibleText {
    VisibleText::from_text(&format!("{what}: {}", error.into()))
}

fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}
