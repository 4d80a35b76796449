//! Where secrets are typed: the terminal itself, without echo, or a file
//! descriptor that was handed over. Never standard input, never the
//! environment.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Read as _, Write as _};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroize as _;

use crate::engine::passphrase;
use crate::engine::secret::Secret;

/// Columns of a line of a passphrase that is shown.
const COLUMNS: usize = 76;

/// Where secrets come from.
#[derive(Debug)]
pub struct SecretSource {
    from: From,
}

#[derive(Debug)]
enum From {
    Terminal(File),
    /// A line each.
    Descriptor(File),
    /// There is no terminal.
    Nowhere,
}

impl SecretSource {
    /// The descriptor of that number, or else the terminal.
    pub fn open(descriptor: Option<u16>) -> Result<Self, String> {
        let from = match descriptor {
            Some(number) => {
                let path = format!("/proc/self/fd/{number}");
                let file = OpenOptions::new().read(true).open(&path);
                let file = file.map_err(|error| format!("file descriptor {number}: {error}"))?;
                if file.is_terminal() {
                    return Err(format!("file descriptor {number} is a terminal, which echoes"));
                }
                From::Descriptor(file)
            }
            None => match OpenOptions::new().read(true).write(true).open("/dev/tty") {
                Ok(terminal) => From::Terminal(terminal),
                Err(_) => From::Nowhere,
            },
        };
        Ok(Self { from })
    }

    /// Whether secrets were handed over.
    #[must_use]
    pub fn is_file(&self) -> bool {
        matches!(self.from, From::Descriptor(_))
    }

    /// Reads one secret, up to the end of the line; absent where nothing more
    /// comes.
    pub fn read(&mut self, label: &str) -> io::Result<Option<Secret>> {
        match &mut self.from {
            From::Descriptor(file) => line(file, false),
            From::Terminal(terminal) => {
                let before = tcgetattr(&*terminal)?;
                let mut quiet = before.clone();
                // Keys come as they are typed, Ctrl-C as well: whatever is
                // typed, echo is switched on again.
                quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG | LocalModes::ICANON);
                tcsetattr(&*terminal, OptionalActions::Flush, &quiet)?;
                // Only now: whoever types at once must not be shown.
                let read = terminal.write_all(label.as_bytes()).and_then(|()| line(terminal, true));
                tcsetattr(&*terminal, OptionalActions::Now, &before)?;
                terminal.write_all(b"\n")?;
                read
            }
            From::Nowhere => Err(io::Error::other(
                "there is no terminal to type a passphrase on; --passphrase-fd N hands one over",
            )),
        }
    }

    /// Shows a secret on the terminal, for the one time that it is written
    /// down.
    pub fn show(&mut self, label: &str, secret: &Secret) -> io::Result<()> {
        let From::Terminal(terminal) = &mut self.from else {
            return Err(io::Error::other("there is no terminal to show a passphrase on"));
        };
        terminal.write_all(label.as_bytes())?;
        for line in passphrase::lines(secret, COLUMNS) {
            terminal.write_all(b"\n  ")?;
            terminal.write_all(line.as_bytes())?;
        }
        terminal.write_all(b"\n\n")
    }
}

/// What a key does to what was typed.
enum Key {
    End,
    Leave,
    Delete,
    Clear,
    Typed,
}

impl Key {
    const fn of(byte: u8, is_typed: bool) -> Self {
        match byte {
            b'\n' => Self::End,
            b'\r' if is_typed => Self::End,
            // Ctrl-C, Ctrl-D, Ctrl-\.
            0x03 | 0x04 | 0x1c if is_typed => Self::Leave,
            // Ctrl-H and Backspace; Ctrl-U.
            0x08 | 0x7f if is_typed => Self::Delete,
            0x15 if is_typed => Self::Clear,
            _ => Self::Typed,
        }
    }
}

/// Byte by byte, so that nothing behind the line is taken away.
fn line(file: &mut File, is_typed: bool) -> io::Result<Option<Secret>> {
    let mut secret = Secret::empty();
    let mut byte = [0];
    loop {
        let read = match file.read(&mut byte) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read == 0 {
            return Ok((!secret.is_empty()).then_some(secret));
        }
        match Key::of(byte[0], is_typed) {
            Key::End => return Ok(Some(secret)),
            Key::Leave => return Ok(None),
            Key::Delete => secret.pop(),
            Key::Clear => secret.clear(),
            Key::Typed if secret.append(&byte) => {}
            Key::Typed => return Err(io::Error::other("the passphrase is too long")),
        }
        byte.zeroize();
    }
}
