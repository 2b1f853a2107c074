"""FastAPI under uvicorn, one worker a processor, as its deployment guide has it."""

import sys

import numpy
import uvicorn
from fastapi import FastAPI, Request

import model

app = FastAPI()


@app.post("/noop")
async def noop(body: dict):
    return body


@app.post("/mlp")
async def mlp(body: dict):
    return {"y": model.mlp([body["x"]])[0]}


@app.post("/image-json")
async def image_json(body: dict):
    return {"means": model.channel_means(numpy.asarray(body["image"], dtype=numpy.float32))}


@app.post("/image-binary")
async def image_binary(request: Request):
    return {"means": model.channel_means(model.image_of(await request.body()))}


if __name__ == "__main__":
    uvicorn.run("with_fastapi:app", port=int(sys.argv[1]), workers=2, log_level="warning")
