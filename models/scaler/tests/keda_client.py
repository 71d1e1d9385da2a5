"""A client of KEDA's external scaler protocol on grpcio: one command a line in, one JSON answer a line out.

Its messages are made at run time from a compiled proto file, so that it shares no code with the server.
Arguments: the compiled file, the server's address, the trigger's metadata as JSON.
"""

import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

files, address, metadata = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
pool = descriptor_pool.DescriptorPool()
with open(files, "rb") as compiled:
    for file in descriptor_pb2.FileDescriptorSet.FromString(compiled.read()).file:
        pool.Add(file)
service = pool.FindServiceByName("externalscaler.ExternalScaler")

# As KEDA: one connection for everything. It is tried again within a second, so that the test is quick.
options = [("grpc.max_reconnect_backoff_ms", 200), ("grpc.enable_http_proxy", 0)]
channel = grpc.insecure_channel(address, options=options)


def message(descriptor):
    return message_factory.GetMessageClass(descriptor)


def method(name):
    found = service.methods_by_name[name]
    kind = channel.unary_stream if found.server_streaming else channel.unary_unary
    return kind(
        f"/{service.full_name}/{name}",
        request_serializer=lambda request: request.SerializeToString(),
        response_deserializer=message(found.output_type).FromString,
    )


def ref():
    made = message(pool.FindMessageTypeByName("externalscaler.ScaledObjectRef"))
    return made(name="gateway", namespace="trading", scalerMetadata=metadata)


def spec():
    [found] = method("GetMetricSpec")(ref(), timeout=20).metricSpecs
    return [found.metricName, found.targetSize, found.targetSizeFloat]


def poll():
    """GetMetrics, then IsActive, as KEDA does on every poll."""
    made = message(pool.FindMessageTypeByName("externalscaler.GetMetricsRequest"))
    request = made(scaledObjectRef=ref(), metricName=spec()[0])
    [value] = method("GetMetrics")(request, timeout=20).metricValues
    active = method("IsActive")(ref(), timeout=20).result
    return [value.metricValue, value.metricValueFloat, active]


streams = {}


def first(name):
    """Opens a stream and waits for its first word."""
    streams[name] = method(name)(ref())
    return following(name)


def following(name):
    """The next word of a stream: "ended" when it ended well."""
    try:
        answer = next(streams[name])
    except StopIteration:
        return "ended"
    if name == "StreamIsActive":
        return answer.result
    [found] = answer.metricSpecs
    return [found.metricName, found.targetSize, found.targetSizeFloat]


commands = {"spec": spec, "poll": poll, "first": first, "next": following}
for line in sys.stdin:
    command, *arguments = line.split()
    try:
        answer = commands[command](*arguments)
    except grpc.RpcError as error:
        answer = {"code": error.code().name, "details": error.details()}
    print(json.dumps(answer), flush=True)
