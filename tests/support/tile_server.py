"""A tile server that is not itself for a while:  tile_server.py FOLDER SECONDS  -> prints its port.

/none/PATH answers PATH of FOLDER, /late/PATH does after 50 ms, and /MODE/PATH with the fault MODE from the first tile that is asked for under that mode, for SECONDS, and well
afterwards. Tilesets are always right. /counts gives the requests per mode and path, and when each mode began, in seconds ago.
"""
import http.server
import json
import os
import random
import socketserver
import sys
import threading
import time

folder, seconds = sys.argv[1], float(sys.argv[2])
lock, counts, began, chance = threading.Lock(), {}, {}, random.Random(7)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, length=None, kind="application/octet-stream", extra=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in extra:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        try:
            self.serve()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def serve(self):
        if self.path == "/counts":
            with lock:
                report = {mode: {"requests": tiles, "began": time.monotonic() - began[mode]} for mode, tiles in counts.items()}
            return self.answer(200, json.dumps(report).encode())
        mode, path = self.path[1:].split("/", 1)
        if mode == "late":
            time.sleep(0.05)
        body = open(os.path.join(folder, os.path.basename(path)), "rb").read()
        if not path.endswith(".glb"):
            return self.answer(200, body)
        with lock:
            began.setdefault(mode, time.monotonic())
            tiles = counts.setdefault(mode, {})
            tiles[path] = tiles.get(path, 0) + 1
            faulty = time.monotonic() - began[mode] < seconds and mode not in ("none", "late") and (mode != "some" or chance.random() < 0.3)
        if not faulty:
            return self.answer(200, body)
        if mode == "some":
            mode = chance.choice(["500", "cut", "503"])
        if mode == "500":
            self.answer(500, b"error")
        elif mode == "503":
            self.answer(503, b"later", extra=[("Retry-After", "1")])
        elif mode == "429":
            self.answer(429, b"slower")
        elif mode == "slow":  # a byte a second
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for i in range(len(body)):
                self.wfile.write(body[i:i + 1])
                self.wfile.flush()
                time.sleep(1)
        elif mode == "cut":
            self.answer(200, body[:len(body) // 2], length=len(body))
            self.close_connection = True
        elif mode == "short":  # a length that is less than the body
            self.answer(200, body[:len(body) // 2])
        elif mode == "long":
            self.answer(200, body, length=len(body) + 1000)
            self.close_connection = True
        elif mode == "type":
            self.answer(200, b"<html><body>Please log in</body></html>", kind="text/html")


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):  # clients hang up
        pass


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
