// Sends one trace (two spans), one log event and one metric through the OpenTelemetry SDK for Node.
//   node send.mjs grpc|http-protobuf|http-json ENDPOINT TOKEN MARK
// Prints the trace id. MARK goes into the names so that a test finds exactly what it sent.
import { context, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { exporters } from "./exporters.mjs";

const [protocol, endpoint, token, mark] = process.argv.slice(2);
const [ofSpans, ofLogs, ofMetrics] = await exporters(protocol, endpoint, token);
const resource = resourceFromAttributes({ "service.name": `sdk-${mark}`, "service.version": "1.0.0" });
const traces = new NodeTracerProvider({
  resource,
  spanProcessors: [new SimpleSpanProcessor(ofSpans)],
});
traces.register();
const logs = new LoggerProvider({
  resource,
  processors: [new SimpleLogRecordProcessor({ exporter: ofLogs })],
});
const reader = new PeriodicExportingMetricReader({ exporter: ofMetrics });
const metrics = new MeterProvider({ resource, readers: [reader] });

const tracer = traces.getTracer("sdk-test");
const root = tracer.startSpan("POST /orders", { attributes: { "order.id": `ord-${mark}`, retry: true, shares: 7 } });
const inRoot = trace.setSpan(context.active(), root);
const child = tracer.startSpan("risk check", {}, inRoot);
logs.getLogger("sdk-test").emit({
  eventName: "order.placed",
  body: "order placed",
  severityNumber: SeverityNumber.INFO,
  attributes: { "order.id": `ord-${mark}`, "customer.id": `cus-${mark}`, quantity: "7", price: "10.25" },
  context: trace.setSpan(context.active(), child),
});
child.end();
root.end();
metrics.getMeter("sdk-test").createCounter(`orders_${mark}`).add(3, { venue: "XNYS" });

await traces.forceFlush();
await logs.forceFlush();
await metrics.forceFlush();
await Promise.all([traces.shutdown(), logs.shutdown(), metrics.shutdown()]);
console.log(root.spanContext().traceId);
