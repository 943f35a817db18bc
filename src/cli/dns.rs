//! Where a run's answers come from, as the global flags say.

use std::time::Instant;

use tokio::sync::mpsc::{Receiver, Sender};

use super::describe::counted;
use super::error::{CliError, shown};
use super::output::{self, Session};
use super::progress::Progress;
use super::style::{DIM, paint};
use super::usage::UsageError;
use crate::dns::{
    Ask, Bounds, Cache, DnsFile, Hickory, Lookup, Recording, Source, SourceError, Step,
};

/// DNS for one run.
pub(super) struct Dns {
    source: Source,
    /// The file that answers, where one does.
    file: Option<String>,
    /// The recording that answers, if one does: it does not know what it lacks.
    recording: Option<Recording>,
    progress: bool,
    /// Say how many questions were asked, and how long that took.
    verbose: bool,
}

impl Dns {
    /// Opens what `--dns` and `--dns-file` say, otherwise the system's servers.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, no servers, or both flags at once.
    pub(super) fn open(session: &Session) -> Result<Dns, CliError> {
        Dns::open_as(session, |hickory| hickory)
    }

    /// The same for [`Dns::run_each`], in which answers are not kept for good.
    ///
    /// # Errors
    ///
    /// As [`Dns::open`].
    pub(super) fn open_for_many(session: &Session) -> Result<Dns, CliError> {
        Dns::open_as(session, Hickory::forgetting)
    }

    fn open_as(session: &Session, adapt: fn(Hickory) -> Hickory) -> Result<Dns, CliError> {
        let global = &session.global;
        let (progress, verbose) = (!global.quiet, global.verbose && !global.quiet);
        let Some(path) = &global.dns_file else {
            let hickory = match global.dns.as_slice() {
                [] => Hickory::system(global.timeout)?,
                servers => Hickory::new(servers, global.timeout)?,
            };
            let source = Source::network(adapt(hickory))?;
            return Ok(Dns { source, file: None, recording: None, progress, verbose });
        };
        if !global.dns.is_empty() {
            return Err(UsageError::Excluded("--dns", "--dns-file").into());
        }
        let text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
        let file =
            DnsFile::read(&text).map_err(|error| CliError::DnsFile { path: shown(path), error })?;
        let recording = match &file {
            DnsFile::Recording(recording) => Some(recording.clone()),
            DnsFile::ZoneMap(_) => None,
        };
        let source = Source::closed(file);
        Ok(Dns { source, file: Some(shown(path)), recording, progress, verbose })
    }

    /// DNS as this has it asked.
    ///
    /// # Errors
    ///
    /// The operating system gives no event queue.
    pub(super) fn asking(asker: Box<dyn Ask + Send + Sync>) -> Result<Dns, CliError> {
        let source = Source::network(asker)?;
        Ok(Dns { source, file: None, recording: None, progress: false, verbose: false })
    }

    /// DNS that nobody asks.
    pub(super) fn nothing() -> Dns {
        let source = Source::closed(Cache::default());
        Dns { source, file: None, recording: None, progress: false, verbose: false }
    }

    /// Whether the answers are a recording's: what it lacks is not known.
    pub(super) fn recorded(&self) -> bool {
        self.recording.is_some()
    }

    /// The recording that answers, if one does.
    pub(super) fn recording(&self) -> Option<&Recording> {
        self.recording.as_ref()
    }

    /// The same without a line of progress.
    pub(super) fn silent(self) -> Dns {
        Dns { progress: false, verbose: false, ..self }
    }

    /// Runs a pure program to its end.
    ///
    /// # Errors
    ///
    /// [`CliError::NotRecorded`] when a recording lacks an answer.
    pub(super) fn run<T>(
        &mut self,
        mut program: impl FnMut(&dyn Lookup) -> Step<T>,
    ) -> Result<T, CliError> {
        let progress = Progress::spinner(self.progress && self.file.is_none());
        let begun = Instant::now();
        let known = self.source.answers().len();
        let result = self.source.run(|lookup| {
            let step = program(lookup);
            if let Step::Need(questions) = &step {
                progress.say(|| waiting(questions.len(), begun));
            }
            step
        });
        drop(progress);
        self.say_asked(self.source.answers().len() - known, begun);
        result.map_err(|error| self.error(error))
    }

    /// Runs a pure program for every job that comes from another thread, many at
    /// once over the network, and sends what `finish` makes of each as it ends.
    /// An error is that of one job, [`CliError::NotRecorded`] too. Gives how many
    /// questions were asked of the network.
    pub(super) fn run_each<J, T, R>(
        &self,
        bounds: Bounds,
        jobs: &mut Receiver<J>,
        results: &Sender<R>,
        program: impl Fn(&J, &dyn Lookup) -> Step<T>,
        finish: impl Fn(J, Result<T, CliError>) -> R,
    ) -> usize {
        let finish = |job, result: Result<T, SourceError>| {
            finish(job, result.map_err(|error| self.error(error)))
        };
        self.source.run_each(bounds, jobs, results, program, finish)
    }

    /// Says how many questions were asked since `begun`, with `--verbose`.
    pub(super) fn say_asked(&self, asked: usize, begun: Instant) {
        if self.verbose && self.file.is_none() {
            let (asked, time) = (counted(asked, "question"), begun.elapsed().as_millis());
            output::say(&paint(DIM, format!("asked {asked} in {time} ms")));
        }
    }

    fn error(&self, error: SourceError) -> CliError {
        match (error, &self.file) {
            (SourceError::NotRecorded(question), Some(path)) => {
                CliError::NotRecorded { question, path: path.clone() }
            }
            (error, _) => error.into(),
        }
    }

    /// Every answer so far.
    pub(super) fn answers(&self) -> &Cache {
        self.source.answers()
    }
}

fn waiting(questions: usize, begun: Instant) -> String {
    let questions = counted(questions, "question");
    match begun.elapsed().as_secs() {
        0 => format!("asking DNS {questions}"),
        seconds => format!("asking DNS {questions} ({seconds} s)"),
    }
}
