//! How far a long run is, on a terminal.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

/// A run that ends sooner is not worth a word.
const SILENCE: Duration = Duration::from_secs(1);
/// So often the line is written anew: often enough to be seen to move.
const PAUSE: Duration = Duration::from_millis(200);

/// Counts what is done, and shows it while it lives.
#[derive(Default)]
pub(crate) struct Progress {
    done: Arc<AtomicUsize>,
    shown: Option<(mpsc::Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Shows how many of so many files are read, if it is wanted and standard error is a terminal.
    pub(crate) fn of_files(total: usize, wanted: bool) -> Progress {
        if !wanted || !std::io::stderr().is_terminal() {
            return Progress::default();
        }
        let done = Arc::new(AtomicUsize::new(0));
        let (send, stop) = mpsc::channel();
        let seen = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            let mut pause = SILENCE;
            let mut written = false;
            while stop.recv_timeout(pause) == Err(mpsc::RecvTimeoutError::Timeout) {
                match seen.load(Ordering::Relaxed) {
                    read if read < total => line(&format!("connlint: {read} of {total} files read")),
                    _ => line(&format!("connlint: judging {total} files together")),
                }
                written = true;
                pause = PAUSE;
            }
            if written {
                line("");
            }
        });
        Progress { done, shown: Some((send, thread)) }
    }

    /// One more is done.
    pub(crate) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.shown.take() {
            drop(stop);
            // What follows is written on a clean line.
            let _ = thread.join();
        }
    }
}

/// Writes over the line that is there.
fn line(text: &str) {
    let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K{text}");
}
