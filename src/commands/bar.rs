//! How far a command is: a bar on a terminal, a line for each tenth when piped. Always on standard error.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;

pub(super) struct Bar {
    bar: ProgressBar,
    total: u64,
    /// The tenth that was said last; `None` on a terminal.
    said: Option<u64>,
}

impl Bar {
    /// A bar that is full at `total`.
    pub(super) fn new(total: u64) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = if terminal { ProgressBar::new(total) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("[{bar:30}] {percent:>3} %  {elapsed}  {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, total, said: (!terminal).then_some(0) }
    }

    pub(super) fn show(&mut self, done: u64, message: impl FnOnce() -> String) {
        let Some(said) = &mut self.said else {
            self.bar.set_position(done.min(self.total));
            return self.bar.set_message(message());
        };
        let tenth = done.min(self.total) * 10 / self.total.max(1);
        if *said < tenth {
            *said = tenth;
            eprintln!("{:>3} %  {}", tenth * 10, message());
        }
    }

    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
