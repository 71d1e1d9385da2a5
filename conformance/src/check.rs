//! One check: what it is, and how it is done.

use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::answer::Answer;
use crate::client::Client;
use crate::duty::Level;
use crate::judge::Ruling;
use crate::report::{AnswerShown, Failure, Outcome, RequestShown, Verdict};
use crate::request::Request;
use crate::wire::Wire;

/// A ruling with what it is about.
pub(crate) struct Finding {
    pub(crate) ruling: Ruling,
    pub(crate) request: Option<RequestShown>,
    pub(crate) answer: Option<AnswerShown>,
}

impl From<Ruling> for Finding {
    fn from(ruling: Ruling) -> Self {
        Self { ruling, request: None, answer: None }
    }
}

/// The end of a check; the short way out is boxed, for findings are large.
pub(crate) type Done = Result<Finding, Box<Finding>>;

type Action = Box<dyn Fn(Client) -> BoxFuture<'static, Finding> + Send + Sync>;

/// A check.
pub(crate) struct Check {
    pub(crate) id: String,
    pub(crate) duty: u8,
    pub(crate) level: Level,
    pub(crate) title: String,
    /// What it is sent over.
    pub(crate) wire: Wire,
    action: Action,
}

impl Check {
    /// Sends one request and judges the answer.
    pub(crate) fn one(
        (duty, level): (u8, Level),
        id: impl Into<String>,
        title: impl Into<String>,
        request: Request,
        judge: impl Fn(&Answer) -> Ruling + Send + Sync + Copy + 'static,
    ) -> Self {
        let wire = request.wire;
        Self::flow((duty, level), wire, id, title, move |client| {
            let request = request.clone();
            async move {
                let exchange = client.send(&request).await?;
                let ruling = judge(&exchange.answer);
                Ok(exchange.ruled(ruling))
            }
        })
    }

    /// Does anything. An `Err` is a finding like an `Ok`, only shorter to write.
    pub(crate) fn flow<F>(
        (duty, level): (u8, Level),
        wire: Wire,
        id: impl Into<String>,
        title: impl Into<String>,
        action: impl Fn(Client) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Done> + Send + 'static,
    {
        let action: Action = Box::new(move |client| {
            action(client).map(|done| done.unwrap_or_else(|finding| *finding)).boxed()
        });
        Self { id: id.into(), duty, level, title: title.into(), wire, action }
    }

    /// Runs it.
    pub(crate) async fn run(&self, client: &Client) -> Outcome {
        let Finding { ruling, request, answer } = (self.action)(client.clone()).await;
        self.outcome(match ruling {
            Ruling::Pass(note) => Verdict::Pass { note },
            Ruling::Skip(reason) => Verdict::Skipped { reason },
            Ruling::Fail { expected, found } => {
                Verdict::Fail(Box::new(Failure { expected, found, request, answer }))
            }
        })
    }

    pub(crate) fn outcome(&self, verdict: Verdict) -> Outcome {
        Outcome {
            id: self.id.clone(),
            duty: self.duty,
            level: self.level,
            title: self.title.clone(),
            verdict,
        }
    }
}
