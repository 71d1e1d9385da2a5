//! What the generator itself costs: it sends to a receiver that reads every body and does nothing with it,
//! in a process of its own, and prints the report.
//!
//! ```sh
//! cargo run --release -p headroom-load --example against_nothing -- http 2000000
//! cargo run --release -p headroom-load --example against_nothing -- grpc 2000000 zstd
//! ```

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use bytes::Bytes;
use headroom_load::{Compression, Options, run};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["receive"] => receive().await,
        [scheme, records] => send(scheme, records, Compression::None).await,
        [scheme, records, "gzip"] => send(scheme, records, Compression::Gzip).await,
        [scheme, records, "zstd"] => send(scheme, records, Compression::Zstd).await,
        _ => Err("say http or grpc, how many records, and perhaps gzip or zstd".into()),
    }
}

async fn send(scheme: &str, records: &str, compression: Compression) -> Result<(), Box<dyn Error>> {
    let mut receiver = Command::new(env::current_exe()?).arg("receive").stdout(Stdio::piped()).spawn()?;
    let mut address = String::new();
    if let Some(out) = receiver.stdout.take() {
        BufReader::new(out).read_line(&mut address)?;
    }
    let mut options = Options::new(format!("{scheme}://{}", address.trim()).parse()?);
    options.total = Some(records.parse()?);
    (options.compression, options.watch) = (compression, vec![receiver.id()]);
    let report = run(&options, |_| {}).await;
    receiver.kill()?;
    receiver.wait()?;
    println!("{}", report?);
    Ok(())
}

async fn receive() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let mut builder = auto::Builder::new(TokioExecutor::new());
            builder.http2().initial_stream_window_size(1 << 20).initial_connection_window_size(8 << 20);
            // A client that goes away is no news.
            let _ = builder.serve_connection(TokioIo::new(stream), service_fn(take)).await;
        });
    }
}

async fn take(request: Request<Incoming>) -> hyper::Result<Response<BoxBody<Bytes, Infallible>>> {
    let grpc = request.uri().path().ends_with("/Export");
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        frame?;
    }
    if !grpc {
        return Ok(Response::new(Full::default().boxed()));
    }
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", http::HeaderValue::from_static("0"));
    let frames = [Ok(Frame::data(Bytes::from_static(&[0; 5]))), Ok(Frame::trailers(trailers))];
    Ok(Response::new(StreamBody::new(tokio_stream::iter(frames)).boxed()))
}
