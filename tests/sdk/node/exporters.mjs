// The exporters of the OpenTelemetry SDK for Node, by protocol: grpc, http-protobuf, http-json.
import { Metadata, credentials } from "@grpc/grpc-js";

// The exporters of traces, logs and metrics.
export async function exporters(protocol, endpoint, token) {
  const flavour = { grpc: "grpc", "http-protobuf": "proto", "http-json": "http" }[protocol];
  const { OTLPTraceExporter } = await import(`@opentelemetry/exporter-trace-otlp-${flavour}`);
  const { OTLPLogExporter } = await import(`@opentelemetry/exporter-logs-otlp-${flavour}`);
  const { OTLPMetricExporter } = await import(`@opentelemetry/exporter-metrics-otlp-${flavour}`);
  function options(path) {
    if (protocol !== "grpc") return { url: `${endpoint}/v1/${path}`, headers: { authorization: `Bearer ${token}` } };
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${token}`);
    return { url: endpoint, credentials: credentials.createInsecure(), metadata };
  }
  return [
    new OTLPTraceExporter(options("traces")),
    new OTLPLogExporter(options("logs")),
    new OTLPMetricExporter(options("metrics")),
  ];
}
