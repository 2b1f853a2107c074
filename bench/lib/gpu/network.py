"""ResNet-18 in torch: trained on random images for so many seconds, saved as weights and as an ONNX file, and served.

Outside the platform the same script is the bare run that sessions are compared with.
"""

import json
import os
import sys
import time

import numpy
import podium
import torch
import torchvision

BATCH = 256
SHAPE = (3, 224, 224)

net = torchvision.models.resnet18(num_classes=10).cuda()


def save(path):
    net.eval()
    torch.save(net.state_dict(), os.path.join(path, "net.pt"))
    torch.onnx.export(
        net,
        (torch.zeros(2, *SHAPE, device="cuda"),),
        os.path.join(path, "model.onnx"),
        input_names=["image"],
        output_names=["scores"],
        dynamic_shapes=({0: torch.export.Dim("rows")},),
        external_data=False,
    )


def load(path):
    net.load_state_dict(torch.load(os.path.join(path, "net.pt"), weights_only=True))
    net.eval()


def infer(rows):
    with torch.inference_mode():
        return net(torch.from_numpy(numpy.stack(rows)).cuda()).cpu().numpy()


podium.bind(
    save=save,
    load=load,
    infer=infer,
    signature={
        "inputs": [{"name": "image", "datatype": "FP32", "shape": [-1, *SHAPE]}],
        "outputs": [{"name": "scores", "datatype": "FP32", "shape": [-1, 10]}],
    },
)
podium.paused()


def train(seconds):
    """Images a second, without the first steps, in which cuDNN chooses its algorithms."""
    images = torch.randn(BATCH, *SHAPE, device="cuda")
    labels = torch.randint(0, 10, (BATCH,), device="cuda")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    net.train()
    started, first = time.monotonic(), None
    step = 0
    while time.monotonic() - started < seconds:
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = torch.nn.functional.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        podium.report(step=step, train__loss=loss)
        step += 1
        if step == 20:
            torch.cuda.synchronize()
            first = time.monotonic()
    torch.cuda.synchronize()
    return BATCH * (step - 20) / (time.monotonic() - first)


def infer_rate(rows, seconds=2):
    """Images a second of `infer` by itself, so many at a time."""
    net.eval()
    batch = [numpy.zeros(SHAPE, numpy.float32)] * rows
    for _ in range(5):
        infer(batch)
    started, done = time.monotonic(), 0
    while time.monotonic() - started < seconds:
        infer(batch)
        done += rows
    return done / (time.monotonic() - started)


rate = train(float(sys.argv[1]))
said = {
    "visible": os.environ.get("CUDA_VISIBLE_DEVICES"),
    "devices": torch.cuda.device_count(),
    "model": torch.cuda.get_device_name(),
    "images_per_second": rate,
}
if len(sys.argv) > 2:
    said["infer_1"], said["infer_64"] = infer_rate(1), infer_rate(64)
print(json.dumps(said), flush=True)
if podium.IS_ON_PODIUM:
    podium.save("model")
