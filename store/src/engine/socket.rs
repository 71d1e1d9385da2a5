//! Sockets that can be broken off behind the last byte.
//!
//! An answer that fails in its middle must end in a broken connection, so that nobody takes
//! half for the whole, and the text of the failure must be sent before that. HTTP libraries
//! drop what they have buffered when a body fails. So the body does not fail: it asks here
//! for the end, and the socket breaks when the library flushes, which it does when all it
//! had is written.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Breaks off one connection after what was written so far.
#[derive(Debug, Clone, Default)]
pub(super) struct BreakOff(Arc<AtomicBool>);

impl BreakOff {
    /// The next flush is the connection's last.
    pub(super) fn after_flush(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_asked(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Connected<IncomingStream<'_, Sockets>> for BreakOff {
    fn connect_info(stream: IncomingStream<'_, Sockets>) -> Self {
        stream.remote_addr().clone()
    }
}

/// The engine's listening socket.
pub(super) struct Sockets(pub(super) TcpListener);

impl Listener for Sockets {
    type Io = Socket;
    type Addr = BreakOff;

    async fn accept(&mut self) -> (Socket, BreakOff) {
        let (stream, _) = Listener::accept(&mut self.0).await;
        // Without this a short answer waits 40 ms for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
        let end = BreakOff::default();
        (Socket { stream, end: end.clone() }, end)
    }

    fn local_addr(&self) -> Result<BreakOff> {
        Ok(BreakOff::default())
    }
}

/// A connection of the engine.
pub(super) struct Socket {
    stream: TcpStream,
    end: BreakOff,
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        if self.end.is_asked() {
            return Poll::Ready(Err(Error::new(ErrorKind::ConnectionAborted, "answer broken off")));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
