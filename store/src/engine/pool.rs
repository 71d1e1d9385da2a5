//! A row of threads, each with one connection, fed from one queue.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::library::{Api, Failure};
use super::session::{Request, Session, Sink};
use crate::error::{Result, StoreError};

/// Parts of an answer that wait for a slow reader.
const WAITING_PARTS: usize = 4;

/// The body of an answer: parts, or a failure in the middle.
pub(crate) type Body = mpsc::Receiver<Result<Bytes, Failure>>;

/// A request and where its answer goes: a failure before the first part, or the body.
struct Job {
    request: Request,
    reply: oneshot::Sender<Result<Body, Failure>>,
}

/// The threads.
pub(crate) struct Pool {
    jobs: mpsc::UnboundedSender<Job>,
    threads: Vec<JoinHandle<()>>,
}

/// A way to hand requests to the pool.
#[derive(Clone)]
pub(crate) struct Queue(mpsc::UnboundedSender<Job>);

impl Pool {
    /// Opens `connections` connections, one after the other.
    pub(crate) fn open(api: &'static Api, data: &Path, connections: usize) -> Result<Self> {
        let (jobs, queue) = mpsc::unbounded_channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut threads = Vec::new();
        for n in 0..connections.max(1) {
            let (ready, opened) = std::sync::mpsc::channel();
            let (queue, data) = (Arc::clone(&queue), data.to_path_buf());
            let thread = std::thread::Builder::new()
                .name(format!("engine-{n}"))
                .spawn(move || match Session::open(api, &data) {
                    Ok(session) => {
                        let _ = ready.send(Ok(()));
                        work(session, &queue);
                    }
                    Err(failure) => {
                        let _ = ready.send(Err(failure));
                    }
                })
                .map_err(|error| StoreError::io("engine thread", error))?;
            match opened.recv() {
                Ok(Ok(())) => threads.push(thread),
                Ok(Err(Failure(words))) => return Err(StoreError::Engine(words)),
                Err(_) => return Err(StoreError::Engine("a connection did not open".to_owned())),
            }
        }
        Ok(Self { jobs, threads })
    }

    pub(crate) fn queue(&self) -> Queue {
        Queue(self.jobs.clone())
    }

    /// Waits until the threads have closed their connections. They do so when every
    /// [`Queue`] is gone and the queue is empty.
    pub(crate) fn close(self) {
        drop(self.jobs);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

impl Queue {
    /// Runs a request on the next free connection.
    pub(crate) async fn run(&self, request: Request) -> Result<Body, Failure> {
        let gone = || Failure("Code: 236. DB::Exception: the engine is shutting down (ABORTED)".to_owned());
        let (reply, answer) = oneshot::channel();
        self.0.send(Job { request, reply }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

fn work(mut session: Session, queue: &Mutex<mpsc::UnboundedReceiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(Job { request, reply }) = job else { return };
        if reply.is_closed() {
            continue;
        }
        let mut answer = Answer::Waiting(reply);
        let outcome = session.run(&request, &mut answer);
        answer.finish(outcome);
    }
}

/// An answer on its way: nothing sent yet, or parts flowing.
enum Answer {
    Waiting(oneshot::Sender<Result<Body, Failure>>),
    Flowing(mpsc::Sender<Result<Bytes, Failure>>),
    Gone,
}

impl Answer {
    /// Begins the body; false when nobody listens.
    fn begin(&mut self) -> bool {
        if let Self::Waiting(_) = self {
            let (parts, body) = mpsc::channel(WAITING_PARTS);
            if let Self::Waiting(reply) = std::mem::replace(self, Self::Flowing(parts))
                && reply.send(Ok(body)).is_err()
            {
                *self = Self::Gone;
            }
        }
        matches!(self, Self::Flowing(_))
    }

    fn finish(self, outcome: Result<(), Failure>) {
        match (outcome, self) {
            (Ok(()), mut answer) => {
                answer.begin();
            }
            (Err(failure), Self::Waiting(reply)) => {
                let _ = reply.send(Err(failure));
            }
            (Err(failure), Self::Flowing(parts)) => {
                let _ = parts.blocking_send(Err(failure));
            }
            (Err(_), Self::Gone) => {}
        }
    }
}

impl Sink for Answer {
    fn send(&mut self, part: Bytes) -> bool {
        if !self.begin() {
            return false;
        }
        let Self::Flowing(parts) = &*self else { return false };
        let listening = parts.blocking_send(Ok(part)).is_ok();
        if !listening {
            *self = Self::Gone;
        }
        listening
    }
}
