//! Show: KEDA's client drives the scaler through open, poll, stream, restart and outage.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use headroom_scaler::proto::external_scaler_client::ExternalScalerClient;
use headroom_scaler::proto::{GetMetricsRequest, IsActiveResponse, MetricSpec, ScaledObjectRef};
use headroom_scaler::{Bounds, Desk, Policy, ServeError, serve};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Streaming};

use crate::planner::{Planner, State, minutes};

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Scaler {
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
    served: JoinHandle<Result<(), ServeError>>,
}

impl Scaler {
    pub(crate) async fn start(address: &str, desk: Arc<Desk>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let served = tokio::spawn({
            let stop = stop.clone();
            async move { serve(listener, None, desk, stop).await }
        });
        Self { address, stop, served }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        timeout(PATIENCE, self.served).await.expect("the server ends").unwrap().unwrap();
    }
}

pub(crate) fn policy() -> Policy {
    Policy {
        others: Bounds { fallback: Some(20), ..Bounds::default() },
        stream_interval: Duration::from_millis(20),
        ..Policy::default()
    }
}

/// One connection for everything, as KEDA has it.
fn keda(address: SocketAddr) -> ExternalScalerClient<Channel> {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap().timeout(PATIENCE);
    ExternalScalerClient::new(endpoint.connect_lazy())
}

pub(crate) fn object(metadata: &[(&str, &str)]) -> ScaledObjectRef {
    // KEDA sends its own keys along.
    let own = [("scalerAddress", "headroom.headroom:4320"), ("enableTLS", "true")];
    let all = metadata.iter().chain(&own).map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    ScaledObjectRef {
        name: "gateway".to_owned(),
        namespace: "trading".to_owned(),
        scaler_metadata: all.collect::<HashMap<_, _>>(),
    }
}

fn of(object: &ScaledObjectRef, metric: &str) -> GetMetricsRequest {
    GetMetricsRequest { scaled_object_ref: Some(object.clone()), metric_name: metric.to_owned() }
}

/// A poll as KEDA makes it: GetMetrics, then IsActive. Replicas and whether active.
async fn poll(keda: &mut ExternalScalerClient<Channel>, object: &ScaledObjectRef) -> (u32, bool) {
    let values = keda.get_metrics(of(object, "headroom-replicas-gateway")).await.unwrap().into_inner();
    let [value] = &values.metric_values[..] else { panic!("{values:?}") };
    assert_eq!(value.metric_value as f64, value.metric_value_float, "old and new KEDA read the same");
    (value.metric_value as u32, keda.is_active(object.clone()).await.unwrap().into_inner().result)
}

async fn next<T>(stream: &mut Streaming<T>) -> Option<T> {
    timeout(PATIENCE, stream.message()).await.expect("the stream says something").unwrap()
}

#[tokio::test]
async fn open_poll_stream_restart_and_outage() {
    let planner = Planner::new();
    let scaler = Scaler::start("127.0.0.1:0", planner.desk(policy())).await;
    let address = scaler.address;
    let mut keda = keda(address);
    let gateway = object(&[("service", "gateway"), ("activationReplicas", "20")]);

    // Open: the spec, and both streams with the first word at once.
    let specs = keda.get_metric_spec(gateway.clone()).await.unwrap().into_inner();
    let name = "headroom-replicas-gateway".to_owned();
    assert_eq!(
        specs.metric_specs,
        [MetricSpec { metric_name: name, target_size: 1, target_size_float: 1.0 }]
    );
    let mut pushed = keda.stream_metric_spec(gateway.clone()).await.unwrap().into_inner();
    assert_eq!(next(&mut pushed).await, Some(specs.clone()));
    let mut active = keda.stream_is_active(gateway.clone()).await.unwrap().into_inner();
    assert_eq!(next(&mut active).await, Some(IsActiveResponse { result: false }));

    // Poll, and the step: the poll has it, and the stream says so by itself.
    assert_eq!(poll(&mut keda, &gateway).await, (12, false));
    planner.pass(minutes(112));
    assert_eq!(next(&mut active).await, Some(IsActiveResponse { result: true }));
    assert_eq!(poll(&mut keda, &gateway).await, (31, true));

    // Restart: streams end well, calls in between are told that nobody is there, then all is as before.
    scaler.stop().await;
    assert_eq!(next(&mut active).await, None, "KEDA opens a stream that ended well after two seconds");
    assert_eq!(next(&mut pushed).await, None);
    assert_eq!(keda.is_active(gateway.clone()).await.unwrap_err().code(), Code::Unavailable);
    let desk = planner.desk(policy());
    planner.set(State::Starting);
    let scaler = Scaler::start(&address.to_string(), desk).await;
    let waiting = keda.get_metrics(of(&gateway, "headroom-replicas-gateway")).await.unwrap_err();
    assert_eq!(waiting.code(), Code::Unavailable, "not the fallback: 31 replicas are running");
    assert_eq!(keda.get_metric_spec(gateway.clone()).await.unwrap().into_inner(), specs);
    planner.set(State::Working);
    assert_eq!(poll(&mut keda, &gateway).await, (31, true));
    let mut active = keda.stream_is_active(gateway.clone()).await.unwrap().into_inner();
    assert_eq!(next(&mut active).await, Some(IsActiveResponse { result: true }));

    // Outage: the last plan with its steps, a day later the fallback; the stream stays open.
    planner.set(State::Down);
    assert_eq!(poll(&mut keda, &gateway).await, (31, true));
    planner.pass(minutes(128));
    assert_eq!(poll(&mut keda, &gateway).await, (14, false), "the last plan's own step down");
    assert_eq!(next(&mut active).await, Some(IsActiveResponse { result: false }));
    planner.pass(minutes(24 * 60));
    assert_eq!(poll(&mut keda, &gateway).await, (20, true), "the fallback, which stops nothing");
    assert_eq!(next(&mut active).await, Some(IsActiveResponse { result: true }));
    assert_eq!(keda.get_metric_spec(gateway).await.unwrap().into_inner(), specs);
    scaler.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    let planner = Planner::new();
    let scaler = Scaler::start("127.0.0.1:0", planner.desk(policy())).await;
    let mut keda = keda(scaler.address);

    let nameless = keda.get_metric_spec(object(&[])).await.unwrap_err();
    assert_eq!(nameless.code(), Code::InvalidArgument);
    insta::assert_snapshot!(nameless.message(), @"ScaledObject trading/gateway: `service` is missing: name the planned service in the trigger's metadata; with serviceFromEnv, the variable must be set in the container");

    // The spec is there all the same: without it the autoscaler would go by CPU for ever.
    let orders = object(&[("service", "orders")]);
    assert_eq!(keda.get_metric_spec(orders.clone()).await.unwrap().into_inner().metric_specs.len(), 1);
    let unknown = keda.get_metrics(of(&orders, "headroom-replicas-orders")).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    insta::assert_snapshot!(unknown.message(), @"service `orders` is not planned: add [models.services.orders] with requests_per_minute to Headroom's configuration, or name one of: gateway");
    assert_eq!(keda.stream_is_active(orders).await.unwrap_err().code(), Code::NotFound);

    let other = keda.get_metrics(of(&object(&[("service", "gateway")]), "cpu")).await.unwrap_err();
    assert_eq!(other.code(), Code::InvalidArgument);
    insta::assert_snapshot!(other.message(), @"metric `cpu` is not of trading/gateway: its metric is `headroom-replicas-gateway`, as GetMetricSpec says");
    scaler.stop().await;
}

#[tokio::test]
async fn resolved_variables_and_index_prefixes_are_understood() {
    let planner = Planner::new();
    let scaler = Scaler::start("127.0.0.1:0", planner.desk(policy())).await;
    let mut keda = keda(scaler.address);
    let from_env = object(&[("serviceFromEnv", "gateway"), ("maxReplicasFromEnv", "9")]);
    assert_eq!(poll(&mut keda, &from_env).await, (9, true));
    let prefixed =
        keda.get_metrics(of(&from_env, "s12-headroom-replicas-gateway")).await.unwrap().into_inner();
    assert_eq!(prefixed.metric_values[0].metric_value, 9);
    scaler.stop().await;
}

#[tokio::test]
async fn streams_are_bounded_and_calls_go_on_beside_them() {
    let planner = Planner::new();
    let limit = 300;
    let scaler = Scaler::start("127.0.0.1:0", planner.desk(Policy { max_streams: limit, ..policy() })).await;
    let mut keda = keda(scaler.address);
    let gateway = object(&[("service", "gateway")]);
    let mut open = Vec::new();
    for _ in 0..limit {
        let mut stream = keda.stream_is_active(gateway.clone()).await.unwrap().into_inner();
        assert_eq!(next(&mut stream).await, Some(IsActiveResponse { result: true }));
        open.push(stream);
    }
    let refused = keda.stream_metric_spec(gateway.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(poll(&mut keda, &gateway).await, (12, true));

    // Streams that are gone make room.
    open.clear();
    let reopened = async {
        while keda.stream_metric_spec(gateway.clone()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, reopened).await.expect("room for a stream");
    scaler.stop().await;
}
