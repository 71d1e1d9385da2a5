//! Pushing a limited platform: it breaks at the wall that is known, and the wall
//! shows far below it.

use headroom_sample_data::limits::{Mix, Wall};
use headroom_sample_data::{Limits, Platform, Push, SampleConfig, Stage, breaks};
use opentelemetry::trace::SpanId;

use crate::config;
use crate::limits::{all, limited, values};

#[test]
fn a_ramp_brings_the_traces_it_says() {
    let cfg = SampleConfig { limits: Limits::default(), ..limited("", 5.0, 45.0, 40) };
    let (mut platform, mut traces) = (Platform::new(&cfg), [0.0; 4]);
    for minute in 0..40 {
        let spans = platform.minute().spans;
        let roots = spans.iter().filter(|s| s.data.parent_span_id == SpanId::INVALID).count();
        traces[minute / 10] += roots as f64 / 600.0;
    }
    for (quarter, wished) in traces.iter().zip([10.0, 20.0, 30.0, 40.0]) {
        assert!((quarter / wished - 1.0_f64).abs() < 0.03, "{traces:?}");
    }
}

#[test]
fn the_platform_breaks_at_its_wall() {
    let base = limited("", 0.0, 0.0, 60);
    let mix = Mix::of_ramp(&base, 60);
    for limits in [
        "pool.order = { size = 6, hold_ms = 800, timeout_ms = 20000 }",
        "lock.risk = { hold_ms = 120, distribution = \"lognormal\", timeout_ms = 12000 }",
        "cpu.gateway = { replicas = 2, cores = 2, work_ms = 450, timeout_ms = 18000 }",
    ] {
        let limits = Limits::parse("limits.toml", limits).expect("limits");
        let Wall { resource, rate, .. } = limits.walls(&mix)[0];
        let wall = rate.expect("a wall");
        let push = Push {
            base: 0.3 * wall,
            from: 0.9 * wall,
            to: 1.1 * wall,
            stages: 5.try_into().unwrap(),
            minutes: 8,
        };
        let stages = push.run(&SampleConfig { limits, ..base.clone() });
        let broken = breaks(&stages).expect("it breaks");
        let off = broken.rate() / wall - 1.0;
        assert!(off.abs() < 0.06, "{resource}: {wall}, broken at {broken:?}");
        // Beyond the wall no more is done than the resource can.
        let (last, first) = (&stages[5], &stages[0]);
        let done = |stage: &Stage| {
            let served = stage.services[&resource.service];
            (served.calls - served.errors) as f64
        };
        let at_wall = done(first) / first.rate * wall;
        assert!((done(last) / at_wall - 1.0).abs() < 0.12, "{resource}: {} of {at_wall}", done(last));
    }
}

/// The utilisation law, as a planner would use it: busy connections rise in
/// proportion to traffic.
#[test]
fn the_wall_shows_in_traffic_far_below_it() {
    let limits = "pool.order = { size = 4, hold_ms = 400, timeout_ms = 4000 }";
    let mix = Mix::of_ramp(&limited("", 0.0, 0.0, 60), 60);
    let wall = Limits::parse("limits.toml", limits).expect("limits").walls(&mix)[0].rate.expect("a wall");
    let (batch, topology) = all(&limited(limits, 0.1 * wall, 0.4 * wall, 30), 30);
    let traces = batch.spans.iter().filter(|s| s.data.parent_span_id == SpanId::INVALID).count() as f64;
    let kept = values(&batch.points, &topology, "db.client.connection.use_time").last().expect("a point").2;
    let predicted = 4.0 / (kept / traces);
    assert!((predicted / wall - 1.0).abs() < 0.05, "{predicted} for {wall}");
}

#[test]
fn incidents_can_be_left_out() {
    let quiet = SampleConfig { incidents: false, ..config() };
    let (schedule, calm) =
        (Platform::new(&config()).schedule().clone(), Platform::new(&quiet).schedule().clone());
    let bad = schedule.bad_deploy.start;
    assert!(schedule.conditions(bad).bad_order && !calm.conditions(bad).bad_order);
    assert!(schedule.releases.iter().any(|r| r.rollback) && !calm.releases.iter().any(|r| r.rollback));
    assert_eq!(calm.releases.len() + 2, schedule.releases.len());
}
