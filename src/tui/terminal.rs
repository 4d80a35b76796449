//! The terminal: taken over once, and given back however the console ends.

use std::io::{self, BufWriter, Stdout};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::model::Model;
use super::view;

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours; given back when this is dropped.
pub(super) struct Screen {
    /// Never dropped: the library's own clean-up prints an error where the
    /// terminal is gone, and printing then panics. Ours knows better.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
}

impl Screen {
    /// Takes the terminal over.
    pub(super) fn take() -> io::Result<Self> {
        // Colours are our theme's business. The library's own handling of
        // NO_COLOR would drop bold and reversed text.
        crossterm::style::force_color_output(true);
        give_back_on_panic();
        take_over()?;
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout()));
        match Terminal::new(backend) {
            Ok(terminal) => Ok(Self { terminal: ManuallyDrop::new(terminal) }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Draws the model.
    pub(super) fn draw(&mut self, model: &mut Model) -> io::Result<()> {
        self.terminal.draw(|frame| view::draw(frame, model)).map(|_| ())
    }

    /// Forgets what is on the screen, so that the next frame draws all of it.
    pub(super) fn redraw(&mut self) -> io::Result<()> {
        execute!(io::stdout(), Clear(ClearType::All))?;
        // Not the library's own clearing: it asks the terminal where the
        // cursor is, and the answer would go to the thread that reads keys.
        self.terminal.swap_buffers();
        Ok(())
    }

    /// Sends a text to the terminal's clipboard (OSC 52).
    pub(super) fn copy(text: &str) -> io::Result<()> {
        execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Goes to the background until somebody brings us back.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        take_over()?;
        self.redraw()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take_over() -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    let result = enable_raw_mode()
        .and_then(|()| execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste));
    if result.is_err() {
        give_back();
    }
    result
}

/// Gives the terminal back. Nothing can be done where even that fails: the
/// terminal is gone then.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
    }
}

/// A panic of the main thread gives the terminal back before its message is
/// printed. Other threads catch their own panics; those print nothing, for
/// they would print into the screen.
fn give_back_on_panic() {
    let print = std::panic::take_hook();
    let main = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() == main {
            give_back();
            print(panic);
        } else if !TAKEN.load(Ordering::SeqCst) {
            print(panic);
        }
    }));
}
