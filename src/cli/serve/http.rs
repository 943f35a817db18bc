//! The HTTP side of a server: where it listens, and who asks DNS for it.

use std::future::ready;
use std::net::TcpListener;
use std::sync::Arc;

use crate::cli::error::{CliError, shown};
use crate::cli::global::GlobalOptions;
use crate::cli::zones::asker;
use crate::config::ServeConfig;
use crate::dns::{
    Answer, AnswerFuture, Ask, DnsFile, Failure, FreshAnswers, Lookup, Question, Reply,
};
use crate::http::{HttpOptions, HttpServer, Site, Token};

use super::ServeError;
use super::known::Known;
use super::plan::Nobody;

/// Listeners that are bound, with who may come.
pub(super) struct Http {
    options: HttpOptions,
    token: Option<Token>,
    listeners: Vec<TcpListener>,
}

/// Binds what the configuration names; none where it has no `[http]`.
///
/// # Errors
///
/// An address that cannot be had, and a token that cannot be read.
pub(super) fn bound(config: &ServeConfig) -> Result<Option<Http>, CliError> {
    let Some(options) = config.http.clone() else { return Ok(None) };
    let token = match &config.http_token_file {
        None => None,
        Some(path) => {
            let text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
            let token = Token::read(&text);
            Some(token.map_err(|error| ServeError::Token { path: shown(path), error })?)
        }
    };
    let bind = |address| {
        TcpListener::bind(address).map_err(|error| ServeError::Http { address, error }.into())
    };
    let listeners = options.listen.iter().copied().map(bind).collect::<Result<_, CliError>>()?;
    Ok(Some(Http { options, token, listeners }))
}

impl Http {
    /// Answers from now on. Those who want something computed have DNS asked by an asker of
    /// their own.
    ///
    /// # Errors
    ///
    /// No name server to ask, and a system without threads.
    pub(super) fn start(
        self,
        config: &ServeConfig,
        global: &GlobalOptions,
        known: Arc<Known>,
    ) -> Result<HttpServer, CliError> {
        let asker = opened(config, global)?;
        let addresses: Vec<String> = self
            .listeners
            .iter()
            .filter_map(|listener| Some(listener.local_addr().ok()?.to_string()))
            .collect();
        let site = Site { overseer: known, asker };
        let server = HttpServer::start(self.listeners, self.options, self.token, site)
            .map_err(ServeError::system("no threads for HTTP"))?;
        tracing::info!("speaks HTTP at {}", addresses.join(", "));
        Ok(server)
    }
}

/// DNS for those who want something computed: the file that answers everything, or the
/// servers of the configuration. Where there are none, nothing is answered, and the server
/// goes on.
fn opened(
    config: &ServeConfig,
    global: &GlobalOptions,
) -> Result<Arc<dyn Ask + Send + Sync>, CliError> {
    if let Some(path) = &global.dns_file {
        let text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
        let file = DnsFile::read(&text);
        let file = file.map_err(|error| CliError::DnsFile { path: shown(path), error })?;
        return Ok(Arc::new(Closed(file)));
    }
    Ok(match asker(config, global) {
        Ok(asker) => Arc::new(Few(FreshAnswers::new(Arc::from(asker), config.refresh.freshness()))),
        Err(error) => {
            let reason = error.messages().join("; ");
            tracing::warn!("no policy is read over HTTP: {reason}");
            Arc::new(Nobody)
        }
    })
}

/// A file answers, and nobody else is asked.
struct Closed(DnsFile);

impl Ask for Closed {
    fn ask(&self, question: Question) -> AnswerFuture {
        let answer = self.0.lookup(&question).map(|answer| (*answer).clone());
        let answer = answer.unwrap_or_else(|_| Answer::new(Reply::Failure(Failure::Unreachable)));
        Box::pin(ready(answer))
    }
}

/// Answers of which few are kept: strangers say which are asked for.
struct Few(FreshAnswers);

impl Few {
    const MOST: usize = 1_024;
}

impl Ask for Few {
    fn ask(&self, question: Question) -> AnswerFuture {
        if self.0.len() > Few::MOST {
            self.0.forget();
        }
        self.0.ask(question)
    }
}
