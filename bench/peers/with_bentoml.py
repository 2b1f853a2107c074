"""BentoML with adaptive batching."""

import bentoml
import numpy
from pydantic import BaseModel

import model


class Row(BaseModel):
    x: list[float]


@bentoml.service(workers=2, metrics={"enabled": True})
class Peer:
    @bentoml.api(route="/noop")
    def noop(self, body: dict) -> dict:
        return body

    @bentoml.api(route="/mlp", batchable=True, max_batch_size=64, max_latency_ms=1000)
    def mlp(self, x: list[list[float]]) -> list[float]:
        return model.mlp(x)

    @bentoml.api(route="/image-json")
    def image_json(self, image: list) -> dict:
        return {"means": model.channel_means(numpy.asarray(image, dtype=numpy.float32))}
