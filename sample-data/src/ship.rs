//! Delivery: records grouped by instance, a few requests in flight, nothing
//! given up while the receiver only asks to wait.
//!
//! Spans and logs go through the official exporters, one per instance, since an
//! exporter carries one resource; metrics through the protocol's own client.

mod exporters;
mod retry;

use std::sync::Arc;

use opentelemetry_sdk::trace::SpanData;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::record::{Batch, Log, Points, Span};
use crate::topology::Topology;
use crate::{Ledger, Result, SampleConfig, SampleError};
use exporters::Exporters;

/// Records a request carries at most.
const REQUEST: usize = 2_000;
/// Requests under way at a time.
const IN_FLIGHT: usize = 4;

/// Collects records and sends them.
pub(crate) struct Shipper {
    exporters: Arc<Exporters>,
    spans: Vec<Vec<SpanData>>,
    logs: Vec<Vec<Log>>,
    points: Vec<Points>,
    waiting_points: u64,
    under_way: JoinSet<Result<Ledger>>,
    ledger: Ledger,
    cancel: CancellationToken,
}

impl Shipper {
    /// Connects lazily: a receiver that is not up yet is waited for.
    pub(crate) fn new(cfg: &SampleConfig, topology: &Topology, cancel: CancellationToken) -> Result<Self> {
        let count = topology.instances().len();
        Ok(Self {
            exporters: Arc::new(Exporters::new(cfg, topology)?),
            spans: vec![Vec::new(); count],
            logs: vec![Vec::new(); count],
            points: Vec::new(),
            waiting_points: 0,
            under_way: JoinSet::new(),
            ledger: Ledger::default(),
            cancel,
        })
    }

    /// Takes a batch; sends what has grown to a full request.
    pub(crate) async fn add(&mut self, batch: Batch) -> Result<()> {
        for Span { resource, data } in batch.spans {
            self.spans[usize::from(resource)].push(data);
            if self.spans[usize::from(resource)].len() >= REQUEST {
                self.send_spans(resource).await?;
            }
        }
        for log in batch.logs {
            let resource = log.resource;
            self.logs[usize::from(resource)].push(log);
            if self.logs[usize::from(resource)].len() >= REQUEST {
                self.send_logs(resource).await?;
            }
        }
        for points in batch.points {
            self.waiting_points += points.count;
            self.points.push(points);
            if self.waiting_points >= REQUEST as u64 {
                self.send_points().await?;
            }
        }
        Ok(())
    }

    /// Sends everything collected, without waiting for the answers.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        for resource in 0..self.spans.len() as u16 {
            self.send_spans(resource).await?;
            self.send_logs(resource).await?;
        }
        self.send_points().await
    }

    /// Waits for all answers.
    pub(crate) async fn settle(&mut self) -> Result<Ledger> {
        while !self.under_way.is_empty() {
            self.collect_one().await?;
        }
        Ok(self.ledger)
    }

    async fn send_spans(&mut self, resource: u16) -> Result<()> {
        let spans = std::mem::take(&mut self.spans[usize::from(resource)]);
        if spans.is_empty() {
            return Ok(());
        }
        self.room().await?;
        let (exporters, cancel) = (Arc::clone(&self.exporters), self.cancel.clone());
        self.under_way.spawn(async move { exporters.spans(resource, spans, &cancel).await });
        Ok(())
    }

    async fn send_logs(&mut self, resource: u16) -> Result<()> {
        let logs = std::mem::take(&mut self.logs[usize::from(resource)]);
        if logs.is_empty() {
            return Ok(());
        }
        self.room().await?;
        let (exporters, cancel) = (Arc::clone(&self.exporters), self.cancel.clone());
        self.under_way.spawn(async move { exporters.logs(resource, logs, &cancel).await });
        Ok(())
    }

    async fn send_points(&mut self) -> Result<()> {
        let points = std::mem::take(&mut self.points);
        let count = std::mem::take(&mut self.waiting_points);
        if points.is_empty() {
            return Ok(());
        }
        self.room().await?;
        let (exporters, cancel) = (Arc::clone(&self.exporters), self.cancel.clone());
        self.under_way.spawn(async move { exporters.points(points, count, &cancel).await });
        Ok(())
    }

    async fn room(&mut self) -> Result<()> {
        while self.under_way.len() >= IN_FLIGHT {
            self.collect_one().await?;
        }
        Ok(())
    }

    async fn collect_one(&mut self) -> Result<()> {
        match self.under_way.join_next().await {
            Some(Ok(sent)) => self.ledger.add(sent?),
            Some(Err(died)) => {
                let (signal, endpoint) = ("telemetry", self.exporters.endpoint.clone());
                return Err(SampleError::Delivery { signal, endpoint, reason: died.to_string() });
            }
            None => {}
        }
        Ok(())
    }
}
