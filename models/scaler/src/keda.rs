//! KEDA's external scaler.
//!
//! What KEDA does with the answers decides how they are given:
//!
//! - On every poll it calls `GetMetrics`, then `IsActive`; both are one look at the [`Desk`].
//! - It reads the float field if that is above 0, and the integer field otherwise; older versions know the integer
//!   only. Both are filled.
//! - The metric is replicas, and one replica is for one of it: with `metricType: AverageValue` the autoscaler then
//!   runs as many as are told.
//! - A scaler that fails `GetMetricSpec` leaves the autoscaler without a metric, on a default of 80 % CPU that is
//!   never put right. So `GetMetricSpec` needs the metadata alone: it holds for a service whose plan is missing, or
//!   that is not planned yet, and `GetMetrics` says what is wrong.
//! - It takes its own prefix (`s0-`) off a metric's name before it asks; a name that still has it is understood.
//! - A stream that ends without an error is opened again after two seconds, one that fails later and later. So the
//!   streams end well when the server stops, and stay open through an outage.

mod stream;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::ask::Ask;
use crate::desk::{Answer, Desk, Source};
use crate::plans::NoPlan;
use crate::proto::external_scaler_server::{ExternalScaler, ExternalScalerServer};
use crate::proto::{
    GetMetricSpecResponse, GetMetricsRequest, GetMetricsResponse, IsActiveResponse, MetricSpec, MetricValue,
    ScaledObjectRef,
};
use crate::refusal::Refusal;
use stream::Follow;

/// The implementation of the five calls.
#[derive(Clone)]
pub struct KedaScaler {
    desk: Arc<Desk>,
    stop: CancellationToken,
    streams: Arc<Semaphore>,
}

/// The gRPC service. Its streams end well when `stop` is cancelled.
pub fn external_scaler(desk: Arc<Desk>, stop: CancellationToken) -> ExternalScalerServer<KedaScaler> {
    let streams = Arc::new(Semaphore::new(desk.policy().max_streams));
    ExternalScalerServer::new(KedaScaler { desk, stop, streams })
}

/// The name of a service's metric: `headroom-replicas-` and the service, with a hyphen for what a metric's name
/// cannot have.
pub fn metric_name(service: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    format!("headroom-replicas-{}", service.chars().map(plain).collect::<String>())
}

impl KedaScaler {
    fn answer(&self, ask: &Ask) -> Result<Answer, Status> {
        self.desk.answer(ask).map_err(Status::from)
    }

    fn active(&self, ask: &Ask) -> Result<IsActiveResponse, Status> {
        let answer = self.answer(ask)?;
        // Without a plan nothing is stopped, whatever the threshold.
        Ok(IsActiveResponse { result: answer.source == Source::Fallback || answer.replicas > ask.activation })
    }

    fn follow<T, F>(&self, read: F) -> Result<Response<Follow<T>>, Status>
    where
        T: Clone + PartialEq + Send + 'static,
        F: Fn(&Self) -> Result<T, Status> + Send + 'static,
    {
        let policy = self.desk.policy();
        let permit = self.streams.clone().try_acquire_owned().map_err(|_| {
            Status::resource_exhausted(format!(
                "{} streams are open, the most there may be: use triggers of type external instead of external-push, \
                 or raise scaler.max_streams",
                policy.max_streams
            ))
        })?;
        // A question that is refused now fails the call, so that the caller hears why.
        let first = read(self)?;
        let scaler = self.clone();
        let follow =
            stream::follow(first, policy.stream_interval, self.stop.clone(), permit, move || read(&scaler));
        Ok(Response::new(follow))
    }
}

#[async_trait::async_trait]
impl ExternalScaler for KedaScaler {
    async fn is_active(
        &self,
        request: Request<ScaledObjectRef>,
    ) -> Result<Response<IsActiveResponse>, Status> {
        self.active(&ask(request.get_ref())?).map(Response::new)
    }

    type StreamIsActiveStream = Follow<IsActiveResponse>;

    async fn stream_is_active(
        &self,
        request: Request<ScaledObjectRef>,
    ) -> Result<Response<Self::StreamIsActiveStream>, Status> {
        let ask = ask(request.get_ref())?;
        self.follow(move |scaler| scaler.active(&ask))
    }

    async fn get_metric_spec(
        &self,
        request: Request<ScaledObjectRef>,
    ) -> Result<Response<GetMetricSpecResponse>, Status> {
        Ok(Response::new(specs(&ask(request.get_ref())?)))
    }

    async fn get_metrics(
        &self,
        request: Request<GetMetricsRequest>,
    ) -> Result<Response<GetMetricsResponse>, Status> {
        let request = request.into_inner();
        let object = request.scaled_object_ref.unwrap_or_default();
        let ask = ask(&object)?;
        let name = metric_name(&ask.target.service);
        if without_index(&request.metric_name) != name {
            return Err(Status::invalid_argument(format!(
                "metric `{}` is not of {}/{}: its metric is `{name}`, as GetMetricSpec says",
                request.metric_name, object.namespace, object.name
            )));
        }
        let answer = self.answer(&ask)?;
        tracing::debug!(
            service = answer.service,
            replicas = answer.replicas,
            reason = answer.reason,
            object = object.name,
            namespace = object.namespace,
            "told KEDA"
        );
        let value = MetricValue {
            metric_name: name,
            metric_value: i64::from(answer.replicas),
            metric_value_float: f64::from(answer.replicas),
        };
        Ok(Response::new(GetMetricsResponse { metric_values: vec![value] }))
    }

    type StreamMetricSpecStream = Follow<GetMetricSpecResponse>;

    async fn stream_metric_spec(
        &self,
        request: Request<ScaledObjectRef>,
    ) -> Result<Response<Self::StreamMetricSpecStream>, Status> {
        let ask = ask(request.get_ref())?;
        self.follow(move |_| Ok(specs(&ask)))
    }
}

fn ask(object: &ScaledObjectRef) -> Result<Ask, Status> {
    Ask::read(|key| object.scaler_metadata.get(key).map(String::as_str)).map_err(|refusal| {
        Status::invalid_argument(format!("ScaledObject {}/{}: {refusal}", object.namespace, object.name))
    })
}

/// One metric, of which one replica is for 1.
fn specs(ask: &Ask) -> GetMetricSpecResponse {
    let spec =
        MetricSpec { metric_name: metric_name(&ask.target.service), target_size: 1, target_size_float: 1.0 };
    GetMetricSpecResponse { metric_specs: vec![spec] }
}

/// A metric's name without the index of its trigger.
fn without_index(name: &str) -> &str {
    let bare = name.strip_prefix('s').and_then(|rest| rest.split_once('-'));
    match bare {
        Some((index, bare)) if !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()) => bare,
        _ => name,
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::Invalid(_) => Self::invalid_argument(text),
            Refusal::Unknown(NoPlan::UnknownService { .. } | NoPlan::UnknownQuantile { .. }) => {
                Self::not_found(text)
            }
            Refusal::Unknown(_) | Refusal::Unavailable(_) => Self::unavailable(text),
        }
    }
}
