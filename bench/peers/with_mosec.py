"""Mosec with dynamic batching, two workers (one a processor); what it serves is chosen by the second argument."""

import os

import numpy
from mosec import Server, Worker

import model

WHAT = os.environ["PEER_MODEL"]


class Model(Worker):
    def deserialize(self, data):
        return model.image_of(data) if WHAT == "image-binary" else super().deserialize(data)

    def forward(self, data):
        if WHAT == "noop":
            return data
        if WHAT == "mlp":
            return [{"y": y} for y in model.mlp([row["x"] for row in data])]
        if WHAT == "image-json":
            return [
                {"means": model.channel_means(numpy.asarray(row["image"], dtype=numpy.float32))}
                for row in data
            ]
        return [{"means": model.channel_means(image)} for image in data]


if __name__ == "__main__":
    server = Server()
    server.append_worker(Model, num=2, max_batch_size=64, max_wait_time=1)
    server.run()
