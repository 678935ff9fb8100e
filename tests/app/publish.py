"""publish.py PORT TOPIC COUNT: publishes COUNT payloads that are no payloads (MQTT 3.1.1, QoS 1, loopback)."""
import socket
import struct
import sys

port, topic, count = int(sys.argv[1]), sys.argv[2].encode(), int(sys.argv[3])


def packet(kind, body):
    length, size = b"", len(body)
    while True:
        size, rest = divmod(size, 128)
        length += bytes([rest | (128 if size else 0)])
        if not size:
            return bytes([kind]) + length + body


def text(value):
    return struct.pack(">H", len(value)) + value


def read(stream, size):
    data = b""
    while len(data) < size:
        piece = stream.recv(size - len(data))
        if not piece:
            raise SystemExit("the broker closed the connection")
        data += piece
    return data


RUBBISH = [b"", b"{", b"\xff\xfe\x00", b"[1,2,3]", b'{"id":1}', b'{"id":"x","ts":"yesterday","value":1}', b'{"ts":"2025-06-15T02:00:00Z","value":1}']
with socket.create_connection(("127.0.0.1", port), timeout=20) as stream:
    stream.sendall(packet(0x10, text(b"MQTT") + bytes([4, 2]) + struct.pack(">H", 60) + text(b"matou-test-rubbish")))
    if read(stream, 4)[3] != 0:
        raise SystemExit("the broker refused")
    for number in range(1, count + 1):
        stream.sendall(packet(0x32, text(topic) + struct.pack(">H", number) + RUBBISH[number % len(RUBBISH)]))
        read(stream, 4)  # PUBACK
    stream.sendall(packet(0xE0, b""))
