"""Writes helper.onnx as Python's onnx does: every data field, every kind of attribute. Made with onnx 1.23.2."""
from pathlib import Path

import onnx
from onnx import TensorProto as T
from onnx import helper as h

numbers = {
    "float32": (T.FLOAT, [1.5, -2.0, float("inf")]),
    "float64": (T.DOUBLE, [0.1, -0.2, 1e300]),
    "float16": (T.FLOAT16, [1.0, -2.0, 65504.0]),
    "bfloat16": (T.BFLOAT16, [1.0, -2.0, 3.0]),
    "int8": (T.INT8, [-128, 0, 127]),
    "uint8": (T.UINT8, [0, 1, 255]),
    "int16": (T.INT16, [-32768, 0, 32767]),
    "uint16": (T.UINT16, [0, 1, 65535]),
    "int32": (T.INT32, [-(2**31), -1, 2**31 - 1]),
    "uint32": (T.UINT32, [0, 1, 2**32 - 1]),
    "int64": (T.INT64, [-(2**63), -1, 2**63 - 1]),
    "uint64": (T.UINT64, [0, 1, 2**64 - 1]),
    "bool": (T.BOOL, [True, False, True]),
}
initializers = [h.make_tensor(name, code, [3], values) for name, (code, values) in numbers.items()]
initializers += [
    h.make_tensor("string", T.STRING, [2], ["a", "ü"]),
    h.make_tensor("raw", T.FLOAT, [1, 2], b"\x00\x00\x80\x3f\x00\x00\x00\xc0", raw=True),
    h.make_tensor("scalar", T.FLOAT, [], [0.5]),
    h.make_tensor("empty", T.INT64, [0, 4], []),
]
far = T(name="far", data_type=T.FLOAT, dims=[2, 2], data_location=T.EXTERNAL)
for key, value in {"location": "weights/far.bin", "offset": "4096", "length": "16"}.items():
    far.external_data.add(key=key, value=value)
initializers.append(far)

value = h.make_tensor_value_info
body = h.make_graph(
    [h.make_node("Add", ["sum", "x_t"], ["next"], name="body/Add"), h.make_node("Identity", ["next"], ["y_t"])],
    "body",
    [value("sum", T.FLOAT, [3]), value("x_t", T.FLOAT, [3])],
    [value("next", T.FLOAT, [3]), value("y_t", T.FLOAT, [3])],
)
nodes = [
    h.make_node("Scan", ["float32", "x"], ["last", "y"], name="Scan", doc_string="sums", body=body, num_scan_inputs=1),
    h.make_node(
        "Everything", ["", "y"], ["z"], name="Everything", domain="test",
        i=-1, big=2**62, f=0.5, s="text", t=initializers[0], ints=[-(2**63), 0, 3], floats=[0.5, -0.25], strings=["a", ""],
    ),
]
graph = h.make_graph(
    nodes, "golden",
    [value("x", T.FLOAT, ["time", 3])],
    [value("last", T.FLOAT, [3]), value("z", T.FLOAT16, ["time", None, 4]), value("word", T.STRING, [])],
    initializers,
    value_info=[value("y", T.FLOAT, ["time", 3]), h.make_tensor_sequence_value_info("list", T.FLOAT, None)],
)
imports = [h.make_opsetid("", 20), h.make_opsetid("test", 1)]
model = h.make_model(graph, ir_version=9, opset_imports=imports, producer_name="helper", doc_string="left out")
h.set_model_props(model, {"licence": "none", "": "empty key"})
Path(__file__).with_name("helper.onnx").write_bytes(model.SerializeToString())
