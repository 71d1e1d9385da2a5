//! The same over S3: a server of its own, with requests that are signed.

use headroom_archive::{Archive, Place, verify};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::net::TcpListener;

use crate::keeping::Bench;
use crate::reading::everything;
use crate::source::{ago, now};

/// A server on a folder with one bucket, and the variables by which it is reached.
async fn server(folder: &std::path::Path) -> Vec<(String, String)> {
    std::fs::create_dir(folder.join("bucket")).unwrap();
    let mut service = S3ServiceBuilder::new(FileSystem::new(folder).unwrap());
    service.set_auth(SimpleAuth::from_single("key", "secret"));
    let service = service.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let served = Builder::new(TokioExecutor::new());
                let _ = served.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    [
        ("AWS_ENDPOINT", endpoint.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "us-east-1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_holds_an_archive() {
    let folder = tempfile::tempdir().unwrap();
    let vars = server(folder.path()).await;
    let place = Place::open_with("s3://bucket/deep/prefix", &vars).unwrap();
    let bench = Bench::at(place.clone());
    bench.source.add("acme", ago(10), 0..5000);
    bench.source.add("acme", ago(9), 6000..6010);
    assert_eq!(bench.round().await.days, 2);
    bench.source.add("acme", ago(9), 7000..7005);
    assert_eq!(bench.round().await.renewed, 1);
    bench.source.expire(ago(5));
    assert_eq!(everything(&place, &bench.source, "acme").await.len(), 5015);
    let verdict = verify(&place, &["numbers"], |_, _| {}).await.unwrap();
    assert_eq!((verdict.sound, verdict.damaged), (2, Vec::new()));
    assert!(folder.path().join("bucket/deep/prefix/v1/numbers").is_dir());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_archive_at_once_each_row_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let vars = server(folder.path()).await;
    let bench = Bench::at(Place::open_with("s3://bucket/a", &vars).unwrap());
    for day in 8..14 {
        bench.source.add("acme", ago(day), day as i64 * 100..day as i64 * 100 + 10);
    }
    let (one, other) = tokio::join!(bench.round_at(now()), bench.round_at(now()));
    let stopped = one.failures.iter().chain(&other.failures);
    for failure in stopped {
        assert!(failure.contains("another node archives"), "{failure}");
    }
    bench.round().await;
    bench.source.expire(ago(0));
    assert_eq!(everything(&bench.place, &bench.source, "acme").await.len(), 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_refuses_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut vars = server(folder.path()).await;
    vars.retain(|(name, _)| name != "AWS_SECRET_ACCESS_KEY");
    vars.push(("AWS_SECRET_ACCESS_KEY".to_owned(), "wrong".to_owned()));
    let place = Place::open_with("s3://bucket/a", &vars).unwrap();
    let error = Archive::new(place, 7).days("numbers", "acme", now()).await.unwrap_err().to_string();
    assert!(error.contains("s3://bucket/a") && error.contains("does not answer"), "{error}");
}
