//! Requests and what came of them.
//!
//! A [`Connection`] sends one body and says what the answer was. Whether and when to try again is
//! decided by [`deliver`].

mod answer;
mod compress;
mod deliver;
mod grpc;
mod http;
mod pause;

use std::io;
use std::time::Duration;

use bytes::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::options::Options;
use crate::signal::Signal;
use crate::target::{Target, Transport};
pub(crate) use answer::Answer;
pub(crate) use compress::compress;
pub(crate) use deliver::{Delivery, deliver};

/// What receivers see as the client.
const USER_AGENT: &str = concat!("headroom-load/", env!("CARGO_PKG_VERSION"));

/// The longest answer that is read.
const LONGEST_ANSWER: usize = 1 << 20;

/// A way to the receiver that carries one request at a time for its owner.
pub(crate) enum Connection {
    Http(Box<http::Http>),
    Grpc(grpc::Grpc),
}

impl Connection {
    /// `options.connections * options.in_flight` connections, none of them open yet. With gRPC
    /// `in_flight` of them share a socket.
    pub(crate) fn all(options: &Options) -> Vec<Self> {
        let in_flight = options.in_flight;
        match options.target.transport {
            Transport::Http => (0..options.connections * in_flight)
                .map(|_| Self::Http(Box::new(http::Http::new(options))))
                .collect(),
            Transport::Grpc => (0..options.connections)
                .flat_map(|_| std::iter::repeat_n(grpc::Grpc::new(options), in_flight))
                .map(Self::Grpc)
                .collect(),
        }
    }

    /// Sends frame and request, and reads the answer.
    pub(crate) async fn send(&mut self, signal: Signal, message: &Bytes) -> Answer {
        match self {
            Self::Http(http) => http.send(signal, message).await,
            Self::Grpc(grpc) => grpc.send(signal, message).await,
        }
    }

    /// Leaves a connection on which an answer did not come in time.
    pub(crate) async fn leave(&mut self) {
        match self {
            Self::Http(http) => http.leave(),
            Self::Grpc(grpc) => grpc.leave().await,
        }
    }
}

/// The longest time to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Opens a socket to the receiver.
pub(crate) async fn connect(target: &Target) -> io::Result<TokioIo<TcpStream>> {
    let stream = tokio::time::timeout(CONNECT, TcpStream::connect(&target.authority)).await??;
    stream.set_nodelay(true)?;
    Ok(TokioIo::new(stream))
}
