"""Sends spans and log records through the OpenTelemetry SDK for Python until standard input ends.

usage: stream.py grpc|http-protobuf|http-json ENDPOINT TOKEN RATE
RATE is how many of each a second. Prints in the end how many of each the SDK was given. The SDK's own
environment variables (OTEL_BSP_*, OTEL_BLRP_*, OTEL_EXPORTER_OTLP_TIMEOUT) say how long it tries.
"""
import sys
import threading
import time

from exporters import exporters
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

protocol, endpoint, token, rate = sys.argv[1:5]
of_spans, of_logs, _ = exporters(protocol, endpoint, token)
resource = Resource.create({"service.name": "stream"})
traces = TracerProvider(resource=resource)
traces.add_span_processor(BatchSpanProcessor(of_spans))
logs = LoggerProvider(resource=resource)
logs.add_log_record_processor(BatchLogRecordProcessor(of_logs))
tracer, logger = traces.get_tracer("stream"), logs.get_logger("stream")

ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()

given, begun = 0, time.monotonic()
while not ended.is_set():
    with tracer.start_as_current_span("POST /orders", attributes={"n": given}):
        logger.emit(LogRecord(body=f"order {given} placed", severity_number=SeverityNumber.INFO))
    given += 1
    time.sleep(max(0.0, begun + given / float(rate) - time.monotonic()))

traces.force_flush(60_000)
logs.force_flush(60_000)
traces.shutdown()
logs.shutdown()
print(given)
