"""Says which GPUs a session sees, by any way that there is, and stays for so many seconds."""

import glob
import json
import os
import sys
import time

import torch

seen = torch.cuda.device_count() if torch.cuda.is_available() else 0
nodes = sorted(glob.glob("/dev/nvidia[0-9]*"))
print(json.dumps({"visible": os.environ.get("CUDA_VISIBLE_DEVICES"), "devices": seen, "nodes": nodes}), flush=True)
if seen:
    held = torch.ones(2**28, device="cuda")  # 1 GiB, so that the node's figures show it
time.sleep(float(sys.argv[1]))
