//! The files of the log: which there are, and their lines one by one.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::domain::text::VisibleText;
use crate::engine::audit::{End, MAX_LINE, Writer};

/// Files in a folder of the log at the most.
const MAX_FILES: usize = 10_000;

/// What a name in the folder of the log stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    /// A chain.
    Chain(Writer),
    /// A torn tail that was set aside.
    Torn(Writer),
    /// The folder of checkpoints.
    Checkpoints,
    /// What a write that was cut short has left; nobody reads it.
    Leftover,
    /// None of the log.
    Unknown,
}

impl Name {
    pub(super) fn of(name: &str) -> Self {
        let chain = name.strip_suffix(".jsonl").and_then(Writer::parse);
        let torn = || {
            let (writer, place) = name.split_once(".torn-")?;
            let is_place = !place.is_empty()
                && place.split('-').count() <= 2
                && place.split('-').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            Writer::parse(writer).filter(|_| is_place)
        };
        match (chain, torn()) {
            (Some(writer), _) => Self::Chain(writer),
            (_, Some(writer)) => Self::Torn(writer),
            _ if name == super::CHECKPOINTS => Self::Checkpoints,
            _ if name.starts_with('.') && name.strip_suffix(".new").is_some() => Self::Leftover,
            _ => Self::Unknown,
        }
    }
}

/// The file of a chain.
pub(super) fn chain_file(workspace: &Path, writer: &Writer) -> PathBuf {
    workspace.join(super::AUDIT).join(format!("{writer}.jsonl"))
}

/// The names in a folder, sorted; empty where there is none. A link instead of
/// the folder is an error.
pub(super) fn names(folder: &Path) -> io::Result<Vec<String>> {
    match std::fs::symlink_metadata(folder) {
        Ok(there) if there.is_dir() => {}
        Ok(_) => return Err(io::Error::other("it is a link or no folder")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    }
    #[expect(clippy::disallowed_methods, reason = "the folder of the log, bounded")]
    let entries = std::fs::read_dir(folder)?.take(MAX_FILES + 1);
    let mut names = Vec::new();
    for entry in entries {
        // A name that is not UTF-8 is shown with what stands for it, and is unknown.
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    if names.len() > MAX_FILES {
        return Err(io::Error::other(format!("it has more than {MAX_FILES} files")));
    }
    names.sort();
    Ok(names)
}

/// Opens a file, never a link, FIFO or device.
pub(super) fn open(path: &Path, flags: OFlags) -> io::Result<File> {
    let flags = flags | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
    let no_file = || io::Error::new(io::ErrorKind::InvalidInput, "it is a link or no file");
    let file = match rustix::fs::open(path, flags, Mode::from_raw_mode(0o644)) {
        Ok(file) => File::from(file),
        Err(Errno::LOOP | Errno::ISDIR | Errno::NXIO) => return Err(no_file()),
        Err(error) => return Err(error.into()),
    };
    if file.metadata()?.is_file() { Ok(file) } else { Err(no_file()) }
}

/// All of a small file.
pub(super) fn read_small(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    open(path, OFlags::RDONLY)?.take(bound).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(io::Error::other("it is too large"));
    }
    Ok(bytes)
}

/// The lines of a file.
pub(super) struct Lines {
    reader: BufReader<File>,
    bound: usize,
    line: Vec<u8>,
    /// Where the next line begins in what was read.
    pub(super) offset: u64,
}

impl Lines {
    pub(super) fn of(file: File) -> Self {
        Self::bounded(file, MAX_LINE)
    }

    /// The lines of a file in which they may be longer.
    pub(super) fn bounded(file: File, bound: usize) -> Self {
        let reader = BufReader::with_capacity(MAX_LINE, file);
        Self { reader, bound, line: Vec::new(), offset: 0 }
    }

    /// The next line without its line feed, of bounded length.
    pub(super) fn next(&mut self) -> io::Result<Option<(&[u8], End)>> {
        self.line.clear();
        let bound = u64::try_from(self.bound + 1).unwrap_or(u64::MAX);
        let read = (&mut self.reader).take(bound).read_until(b'\n', &mut self.line)?;
        self.offset += u64::try_from(read).unwrap_or(u64::MAX);
        if read == 0 {
            return Ok(None);
        }
        if self.line.pop_if(|last| *last == b'\n').is_some() {
            return Ok(Some((&self.line, End::LineFeed)));
        }
        if self.line.len() <= self.bound {
            return Ok(Some((&self.line, End::File)));
        }
        self.skip()?;
        self.line.truncate(self.bound);
        Ok(Some((&self.line, End::TooLong)))
    }

    /// Passes over the rest of a line.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            let chunk = self.reader.fill_buf()?;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(chunk.len(), |place| place + 1);
            self.reader.consume(used);
            self.offset += u64::try_from(used).unwrap_or(u64::MAX);
            if end.is_some() || used == 0 {
                return Ok(());
            }
        }
    }
}

/// A path, fit to be shown.
pub(super) fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}
