"""Sends one trace (two spans), one log event and one metric through the OpenTelemetry SDK for Python.

usage: send.py grpc|http-protobuf|http-json ENDPOINT TOKEN MARK
Prints the trace id. MARK goes into the names so that a test finds exactly what it sent.
"""
import sys

from exporters import exporters
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry._logs import LogRecord, SeverityNumber

protocol, endpoint, token, mark = sys.argv[1:5]
of_spans, of_logs, of_metrics = exporters(protocol, endpoint, token)
resource = Resource.create({"service.name": f"sdk-{mark}", "service.version": "1.0.0"})

traces = TracerProvider(resource=resource)
traces.add_span_processor(SimpleSpanProcessor(of_spans))
logs = LoggerProvider(resource=resource)
logs.add_log_record_processor(SimpleLogRecordProcessor(of_logs))
reader = PeriodicExportingMetricReader(of_metrics, export_interval_millis=60_000)
metrics = MeterProvider(resource=resource, metric_readers=[reader])

tracer = traces.get_tracer("sdk-test")
with tracer.start_as_current_span("POST /orders", attributes={"order.id": f"ord-{mark}", "retry": True, "shares": 7}):
    with tracer.start_as_current_span("risk check"):
        logs.get_logger("sdk-test").emit(
            LogRecord(
                event_name="order.placed",
                body="order placed",
                severity_number=SeverityNumber.INFO,
                attributes={"order.id": f"ord-{mark}", "customer.id": f"cus-{mark}", "quantity": "7", "price": "10.25"},
            )
        )
    from opentelemetry import trace

    trace_id = trace.get_current_span().get_span_context().trace_id
metrics.get_meter("sdk-test").create_counter(f"orders_{mark}").add(3, {"venue": "XNYS"})

traces.shutdown()
logs.shutdown()
metrics.shutdown()
print(f"{trace_id:032x}")
