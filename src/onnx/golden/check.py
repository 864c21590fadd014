"""Checks .onnx files in full, writes each again beside it as Python's onnx does, and prints the numbers of ONNX's protobuf."""
import json
import sys

import onnx

for path in sys.argv[1:]:
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path, load_external_data=False)
    with open(path + ".again", "wb") as file:
        file.write(model.SerializeToString())

messages = {
    "modelProto": onnx.ModelProto,
    "operatorSetIdProto": onnx.OperatorSetIdProto,
    "stringStringEntryProto": onnx.StringStringEntryProto,
    "graphProto": onnx.GraphProto,
    "nodeProto": onnx.NodeProto,
    "valueInfoProto": onnx.ValueInfoProto,
    "typeProto": onnx.TypeProto,
    "tensorTypeProto": onnx.TypeProto.Tensor,
    "tensorShapeProto": onnx.TensorShapeProto,
    "dimensionProto": onnx.TensorShapeProto.Dimension,
    "attributeProto": onnx.AttributeProto,
    "tensorProto": onnx.TensorProto,
}
enums = {
    "attributeType": onnx.AttributeProto.AttributeType,
    "dataType": onnx.TensorProto.DataType,
    "dataLocation": onnx.TensorProto.DataLocation,
}
numbers = {name: {f.name: f.number for f in message.DESCRIPTOR.fields} for name, message in messages.items()}
print(json.dumps({**numbers, **{name: dict(enum.items()) for name, enum in enums.items()}}))
