// Sends spans and log records through the OpenTelemetry SDK for Node until standard input ends.
//   node stream.mjs grpc|http-protobuf|http-json ENDPOINT TOKEN RATE
// RATE is how many of each a second. Prints in the end how many of each the SDK was given. The SDK's own
// environment variables (OTEL_BSP_*, OTEL_EXPORTER_OTLP_TIMEOUT) say how long it tries.
import { SeverityNumber } from "@opentelemetry/api-logs";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { exporters } from "./exporters.mjs";

const [protocol, endpoint, token, rate] = process.argv.slice(2);
const [ofSpans, ofLogs] = await exporters(protocol, endpoint, token);
const resource = resourceFromAttributes({ "service.name": "stream" });
const traces = new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(ofSpans)] });
// The processor of log records reads no environment variables.
const patience = { maxQueueSize: 20_000, scheduledDelayMillis: 500, exportTimeoutMillis: 60_000 };
const logs = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: ofLogs, ...patience })],
});
const tracer = traces.getTracer("stream");
const logger = logs.getLogger("stream");

let ended = false;
process.stdin.on("end", () => (ended = true)).resume();

let given = 0;
const begun = performance.now();
while (!ended) {
  tracer.startSpan("POST /orders", { attributes: { n: given } }).end();
  logger.emit({ body: `order ${given} placed`, severityNumber: SeverityNumber.INFO });
  given += 1;
  await new Promise((done) => setTimeout(done, Math.max(0, begun + (given * 1000) / rate - performance.now())));
}

await Promise.all([traces.forceFlush(), logs.forceFlush()]);
await Promise.all([traces.shutdown(), logs.shutdown()]);
console.log(given);
