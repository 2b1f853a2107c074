"""The public client with its defaults against a gateway: `triton_client.py HOST:PORT KEY`. Prints what failed; exits 1 then."""

from __future__ import annotations

import sys
from typing import Any

import ml_dtypes
import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

NUMPY: dict[str, Any] = {
    "BOOL": [[True, False]],
    "UINT8": [[0, 255]],
    "UINT16": [[0, 65535]],
    "UINT32": [[0, 2**32 - 1]],
    "UINT64": [[2**53 + 1, 2**64 - 1]],
    "INT8": [[-128, 127]],
    "INT16": [[-32768, 32767]],
    "INT32": [[-(2**31), 2**31 - 1]],
    "INT64": [[-(2**63), 2**53 + 1]],
    "FP16": [[0.5, -65504.0]],
    "FP32": [[0.5, np.inf]],
    "FP64": [[0.1, -1e300]],
    "BF16": [[1.0, -3.140625]],
    "BYTES": [["é", '{"a": 1}']],
}
DTYPES: dict[str, Any] = {
    "BOOL": "?",
    "FP16": "f2",
    "FP32": "f4",
    "FP64": "f8",
    "BF16": ml_dtypes.bfloat16,
    "BYTES": "O",
}


def array_of(datatype: str) -> Any:
    return np.array(NUMPY[datatype], dtype=DTYPES.get(datatype) or datatype.lower())


def inputs_of(metadata: Any, binary: bool = True) -> list[Any]:
    inputs: list[Any] = []
    for spec in metadata["inputs"]:
        array = array_of(spec["datatype"])
        tensor = http.InferInput(spec["name"], list(array.shape), spec["datatype"])
        has_json = spec["datatype"] not in ("FP16", "BF16") and spec["datatype"] != "FP32"  # of infinity
        tensor.set_data_from_numpy(array, binary_data=binary or not has_json)
        inputs.append(tensor)
    return inputs


def check(answer: Any, metadata: Any, names: list[str]) -> None:
    for spec in metadata["outputs"]:
        got = answer.as_numpy(spec["name"])
        if spec["name"] not in names:
            assert got is None, f"{spec['name']} was not asked for"
            continue
        wanted = array_of(spec["datatype"])
        if spec["datatype"] == "BYTES":
            got = np.array([[text.decode() if isinstance(text, bytes) else text for text in row] for row in got])
        assert got.shape == wanted.shape and (got == wanted).all(), f"{spec['name']}: {got} is not {wanted}"


def main(url: str, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    client = http.InferenceServerClient(url)
    assert client.is_server_live() and client.is_server_ready()
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    for model in sys.argv[3:]:
        assert client.is_model_ready(model, headers=headers)
        assert client.is_model_ready(model, "1", headers=headers)
        metadata = client.get_model_metadata(model, headers=headers)
        everything = [spec["name"] for spec in metadata["outputs"]]
        inputs = inputs_of(metadata)
        # As most people call it: no outputs named, everything in binary.
        check(client.infer(model, inputs, headers=headers), metadata, everything)
        check(client.infer(model, inputs, "1", request_id="one", headers=headers), metadata, everything)
        for coding in ("gzip", "deflate"):
            answer = client.infer(
                model,
                inputs,
                # The client writes the coding into this dict.
                headers=dict(headers),
                request_compression_algorithm=coding,
                response_compression_algorithm=coding,
            )
            check(answer, metadata, everything)
        # Two outputs, one of them in JSON.
        some = [http.InferRequestedOutput("x_INT64", binary_data=False), http.InferRequestedOutput("x_BF16")]
        check(client.infer(model, inputs, outputs=some, headers=headers), metadata, ["x_INT64", "x_BF16"])
        # Inputs in JSON where they have such a form.
        check(client.infer(model, inputs_of(metadata, binary=False), headers=headers), metadata, everything)
        waiting = [client.async_infer(model, inputs, headers=headers) for _ in range(4)]
        for one in waiting:
            check(one.get_result(), metadata, everything)
        refuses(client, model, inputs[1:], headers, "is missing")
        wrong = http.InferInput("x_BOOL", [1, 3], "BOOL").set_data_from_numpy(np.zeros((1, 3), "?"))
        refuses(client, model, [wrong, *inputs[1:]], headers, "dimension 1 is expected to be 2, got 3")
    client.close()


def refuses(client: Any, model: str, inputs: list[Any], headers: Any, message: str) -> None:
    try:
        client.infer(model, inputs, headers=headers)
    except InferenceServerException as error:
        assert message in error.message(), error.message()
        assert error.status() == "400", error.status()
        return
    raise AssertionError(f"{message}: it was not refused")


main(*sys.argv[1:3])
print("ok")
