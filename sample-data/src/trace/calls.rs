//! The calls services make, named and tagged by the semantic conventions.

use opentelemetry::KeyValue;
use opentelemetry::logs::Severity;
use opentelemetry::trace::{SpanContext, SpanKind, Status};
use rand::Rng;

use super::{Overload, Trace, attribute};
use crate::limits::SIGMA;
use crate::topology::Service;

/// The HTTP status of a request that waited too long for something.
const OVERLOADED: u16 = 503;

impl Trace {
    /// A request from outside at the gateway; `f` gives the HTTP status. The
    /// name is method and route: `POST /v1/orders`.
    pub(crate) async fn request(
        &mut self,
        name: &'static str,
        f: impl AsyncFnOnce(&mut Self) -> Result<u16, Overload>,
    ) -> u16 {
        const AGENTS: [&str; 4] =
            ["platform-ios/8.4.1", "platform-android/8.4.0", "Mozilla/5.0", "partner-api/2.2"];
        let agent = AGENTS[self.rng.random_range(0..AGENTS.len())];
        let attributes = vec![KeyValue::new("user_agent.original", agent)];
        self.serve(Service::Gateway, name, attributes, async |t| {
            let status = f(t).await.unwrap_or(OVERLOADED);
            if status >= 500 {
                t.access_log(Severity::Error, name, status);
            } else if t.chance(0.25) {
                // The gateway keeps one access line in four.
                t.access_log(Severity::Info, name, status);
            }
            Ok(status)
        })
        .await
    }

    /// `from` calls `to` over HTTP: a client span around a server span. The
    /// status is 503 where `f` or the service itself is overloaded.
    pub(crate) async fn http(
        &mut self,
        from: Service,
        to: Service,
        name: &'static str,
        f: impl AsyncFnOnce(&mut Self) -> Result<u16, Overload>,
    ) -> u16 {
        self.span(from, SpanKind::Client, name, client_attributes(name, to.name()), async |t| {
            t.spend(350.0, 0.35);
            let status = t.serve(to, name, Vec::new(), f).await;
            t.spend(250.0, 0.35);
            t.answered(status);
            status
        })
        .await
    }

    /// As [`Trace::http`], but with probability `p` a first attempt is lost on
    /// the way and repeated.
    pub(crate) async fn http_retried(
        &mut self,
        from: Service,
        to: Service,
        name: &'static str,
        p: f64,
        f: impl AsyncFnOnce(&mut Self) -> Result<u16, Overload>,
    ) -> u16 {
        if self.chance(p) {
            self.span(from, SpanKind::Client, name, client_attributes(name, to.name()), async |t| {
                t.spend(60_000.0, 0.6);
                t.tag("error.type", "connection_reset");
                t.exception("ConnectionReset", "connection reset by peer");
            })
            .await;
            self.spend(20_000.0, 0.3);
        }
        self.http(from, to, name, f).await
    }

    /// `from` calls a system outside the platform: a client span alone. `f`
    /// lets the time pass and gives the HTTP status.
    pub(crate) async fn external(
        &mut self,
        from: Service,
        name: &'static str,
        host: &'static str,
        attempt: i64,
        f: impl FnOnce(&mut Self) -> u16,
    ) -> u16 {
        let mut attributes = client_attributes(name, host);
        if attempt > 0 {
            attributes.push(KeyValue::new("http.request.resend_count", attempt));
        }
        self.span(from, SpanKind::Client, name, attributes, async |t| {
            let status = f(t);
            t.answered(status);
            status
        })
        .await
    }

    /// `from` calls `to` over gRPC.
    pub(crate) async fn grpc(
        &mut self,
        from: Service,
        to: Service,
        name: &'static str,
        f: impl AsyncFnOnce(&mut Self) -> Result<(), Overload>,
    ) -> Result<(), Overload> {
        let attributes = |status: bool| {
            let (service, method) = name.split_once('/').unwrap_or((name, name));
            let mut all = vec![
                KeyValue::new("rpc.system", "grpc"),
                KeyValue::new("rpc.service", service),
                KeyValue::new("rpc.method", method),
                KeyValue::new("rpc.grpc.status_code", 0_i64),
            ];
            if status {
                all.push(KeyValue::new("server.address", to.name()));
            }
            all
        };
        let (outer, inner) = (attributes(true), attributes(false));
        self.span(from, SpanKind::Client, name, outer, async |t| {
            t.spend(220.0, 0.3);
            let answer = t
                .span(to, SpanKind::Server, name, inner, async |t| {
                    t.spend(400.0, 0.4);
                    let answer = t.admitted(to, f).await;
                    if answer.is_err() {
                        t.unavailable();
                    }
                    answer
                })
                .await;
            t.spend(180.0, 0.3);
            if answer.is_err() {
                t.unavailable();
            }
            answer
        })
        .await
    }

    /// A statement on the service's own database; the name is verb and table.
    pub(crate) async fn db(
        &mut self,
        service: Service,
        name: &'static str,
        median_us: f64,
    ) -> Result<(), Overload> {
        let (verb, table) = name.split_once(' ').unwrap_or((name, ""));
        let attributes = vec![
            KeyValue::new("db.system.name", "postgresql"),
            KeyValue::new("db.namespace", service.profile().database.unwrap_or("platform")),
            KeyValue::new("db.operation.name", verb),
            KeyValue::new("db.collection.name", table),
        ];
        let held = self.connection(service, median_us).await?;
        self.span(service, SpanKind::Client, name, attributes, async |t| match held {
            Some(ns) => t.cursor += ns,
            None => t.spend(median_us, SIGMA),
        })
        .await;
        Ok(())
    }

    /// A command to the shared cache.
    pub(crate) async fn cache(&mut self, service: Service, command: &'static str) {
        let attributes = vec![
            KeyValue::new("db.system.name", "redis"),
            KeyValue::new("db.operation.name", command),
            KeyValue::new("server.address", "cache"),
        ];
        self.span(service, SpanKind::Client, command, attributes, async |t| t.spend(420.0, 0.5)).await;
    }

    /// Puts a message on a topic; gives the context its consumer links to. The
    /// name is `send <topic>`.
    pub(crate) async fn send(&mut self, service: Service, name: &'static str) -> SpanContext {
        self.span(service, SpanKind::Producer, name, messaging(name, "send"), async |t| {
            t.spend(900.0, 0.5);
            t.current().span_context.clone()
        })
        .await
    }

    /// Handles a message: the root of a trace of its own, linked to the sender.
    /// The name is `process <topic>`. An overloaded service leaves it undone.
    pub(crate) async fn process(
        &mut self,
        service: Service,
        name: &'static str,
        f: impl AsyncFnOnce(&mut Self) -> Result<(), Overload>,
    ) {
        let attributes = messaging(name, "process");
        self.span(service, SpanKind::Consumer, name, attributes, async |t| {
            t.spend(600.0, 0.5);
            if t.admitted(service, f).await.is_err() {
                t.upstream_failed();
            }
        })
        .await;
    }

    async fn serve(
        &mut self,
        service: Service,
        name: &'static str,
        mut attributes: Vec<KeyValue>,
        f: impl AsyncFnOnce(&mut Self) -> Result<u16, Overload>,
    ) -> u16 {
        let (method, route) = name.split_once(' ').unwrap_or(("GET", name));
        attributes.push(KeyValue::new("http.request.method", method));
        attributes.push(KeyValue::new("http.route", route));
        attributes.push(KeyValue::new("url.scheme", "https"));
        self.span(service, SpanKind::Server, name, attributes, async |t| {
            t.spend(700.0, 0.45);
            let status = t.admitted(service, f).await.unwrap_or(OVERLOADED);
            t.spend(300.0, 0.4);
            t.tag("http.response.status_code", i64::from(status));
            if status >= 500 {
                t.tag("error.type", status.to_string());
                t.upstream_failed();
            }
            status
        })
        .await
    }

    /// The open span failed, for a reason further down unless it has its own.
    fn upstream_failed(&mut self) {
        if self.current().status == Status::Unset {
            self.fail("upstream failed");
        }
    }

    /// The open gRPC span ends with UNAVAILABLE.
    fn unavailable(&mut self) {
        const UNAVAILABLE: i64 = 14;
        let span = self.current();
        for attribute in span.attributes.iter_mut().filter(|a| a.key.as_str() == "rpc.grpc.status_code") {
            attribute.value = UNAVAILABLE.into();
        }
        self.upstream_failed();
    }

    fn access_log(&mut self, severity: Severity, name: &'static str, status: u16) {
        let took_ms = (self.cursor - self.started) / 1_000_000;
        let attributes = vec![
            attribute("http.response.status_code", i64::from(status)),
            attribute("duration_ms", took_ms),
        ];
        self.log(severity, format!("{name} answered {status} in {took_ms} ms"), attributes);
    }

    fn answered(&mut self, status: u16) {
        if status == 0 {
            self.tag("error.type", "timeout");
            self.fail("no answer within 10 s");
            return;
        }
        self.tag("http.response.status_code", i64::from(status));
        if status >= 400 {
            self.tag("error.type", status.to_string());
            self.fail("request refused");
        }
    }
}

fn client_attributes(name: &'static str, host: &'static str) -> Vec<KeyValue> {
    let (method, route) = name.split_once(' ').unwrap_or(("GET", name));
    vec![
        KeyValue::new("http.request.method", method),
        KeyValue::new("url.template", route),
        KeyValue::new("server.address", host),
    ]
}

fn messaging(name: &'static str, operation: &'static str) -> Vec<KeyValue> {
    let topic = name.split_once(' ').map_or(name, |(_, topic)| topic);
    vec![
        KeyValue::new("messaging.system", "kafka"),
        KeyValue::new("messaging.destination.name", topic),
        KeyValue::new("messaging.operation.type", operation),
    ]
}
