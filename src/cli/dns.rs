//! Where a run's answers come from, as the global flags say.

use std::time::Instant;

use super::error::{CliError, shown};
use super::output::Session;
use super::progress::Progress;
use super::usage::UsageError;
use crate::dns::{Cache, DnsFile, Hickory, Lookup, Source, SourceError, Step};

/// DNS for one run.
pub(super) struct Dns {
    source: Source,
    /// The file that answers, where one does.
    file: Option<String>,
    /// A recording answers, which does not know what it lacks.
    recorded: bool,
    progress: bool,
}

impl Dns {
    /// Opens what `--dns` and `--dns-file` say, otherwise the system's servers.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, no servers, or both flags at once.
    pub(super) fn open(session: &Session) -> Result<Dns, CliError> {
        let global = &session.global;
        let progress = !global.quiet;
        let Some(path) = &global.dns_file else {
            let hickory = match global.dns.as_slice() {
                [] => Hickory::system(global.timeout)?,
                servers => Hickory::new(servers, global.timeout)?,
            };
            let source = Source::network(hickory)?;
            return Ok(Dns { source, file: None, recorded: false, progress });
        };
        if !global.dns.is_empty() {
            return Err(UsageError::Excluded("--dns", "--dns-file").into());
        }
        let text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
        let file =
            DnsFile::read(&text).map_err(|error| CliError::DnsFile { path: shown(path), error })?;
        let recorded = matches!(file, DnsFile::Recording(_));
        Ok(Dns { source: Source::closed(file), file: Some(shown(path)), recorded, progress })
    }

    /// Whether the answers are a recording's: what it lacks is not known.
    pub(super) fn recorded(&self) -> bool {
        self.recorded
    }

    /// The same without a line of progress.
    pub(super) fn silent(self) -> Dns {
        Dns { progress: false, ..self }
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
        let result = self.source.run(|lookup| {
            let step = program(lookup);
            if let Step::Need(questions) = &step {
                progress.say(|| waiting(questions.len(), begun));
            }
            step
        });
        result.map_err(|error| match (error, &self.file) {
            (SourceError::NotRecorded(question), Some(path)) => {
                CliError::NotRecorded { question, path: path.clone() }
            }
            (error, _) => error.into(),
        })
    }

    /// Every answer so far.
    pub(super) fn answers(&self) -> &Cache {
        self.source.answers()
    }
}

fn waiting(questions: usize, begun: Instant) -> String {
    let plural = if questions == 1 { "" } else { "s" };
    let seconds = begun.elapsed().as_secs();
    match seconds {
        0 => format!("asking DNS {questions} question{plural}"),
        _ => format!("asking DNS {questions} question{plural} ({seconds} s)"),
    }
}
