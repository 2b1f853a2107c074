"""LitServe with its batching."""

import os
import sys

import litserve
import numpy

import model

WHAT = os.environ["PEER_MODEL"]


class Model(litserve.LitAPI):
    def setup(self, device):
        pass

    def decode_request(self, request):
        return request

    def batch(self, inputs):
        return inputs

    def unbatch(self, output):
        return output

    def predict(self, rows):
        if WHAT == "noop":
            return rows
        if WHAT == "mlp":
            return [{"y": y} for y in model.mlp([row["x"] for row in rows])]
        return [
            {"means": model.channel_means(numpy.asarray(row["image"], dtype=numpy.float32))} for row in rows
        ]

    def encode_response(self, output):
        return output


if __name__ == "__main__":
    api = Model(max_batch_size=64, batch_timeout=0.001)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
