"""Ray Serve with its batching, one replica a processor."""

import os
import signal
import sys
import time

import numpy
import ray
from ray import serve
from starlette.requests import Request

import model


@serve.deployment(num_replicas=2, ray_actor_options={"num_cpus": 0.5}, max_ongoing_requests=256)
class Peer:
    @serve.batch(max_batch_size=64, batch_wait_timeout_s=0.001)
    async def mlp(self, rows):
        return [{"y": y} for y in model.mlp([row["x"] for row in rows])]

    async def __call__(self, request: Request):
        if request.url.path == "/image-binary":
            return {"means": model.channel_means(model.image_of(await request.body()))}
        body = await request.json()
        if request.url.path == "/noop":
            return body
        if request.url.path == "/mlp":
            return await self.mlp(body)
        return {"means": model.channel_means(numpy.asarray(body["image"], dtype=numpy.float32))}


def end(*_):
    """Its processes are in no group of ours: they end with the cluster."""
    ray.shutdown()
    os._exit(0)


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    signal.signal(signal.SIGTERM, end)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    serve.run(Peer.bind(), route_prefix="/")
    while True:
        time.sleep(60)
