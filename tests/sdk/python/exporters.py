"""The exporters of the OpenTelemetry SDK for Python, by protocol: grpc, http-protobuf, http-json."""


def exporters(protocol, endpoint, token):
    """The exporters of traces, logs and metrics."""
    headers = {"authorization": f"Bearer {token}"}
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        kinds = OTLPSpanExporter, OTLPLogExporter, OTLPMetricExporter
        return [kind(endpoint=endpoint, insecure=True, headers=tuple(headers.items())) for kind in kinds]
    if protocol == "http-protobuf":
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    else:
        from opentelemetry.exporter.otlp.json.http._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.json.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
    return [
        OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", headers=headers),
        OTLPLogExporter(endpoint=f"{endpoint}/v1/logs", headers=headers),
        OTLPMetricExporter(endpoint=f"{endpoint}/v1/metrics", headers=headers),
    ]
