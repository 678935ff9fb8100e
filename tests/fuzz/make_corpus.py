#!/usr/bin/env python3
"""Writes the kept cases of the fuzz targets: small, valid, ours. Run again after adding one; the same bytes each time.

  tests/fuzz/make_corpus.py          (needs the zstd program and libmeshoptimizer)
"""
import ctypes
import json
import pathlib
import struct
import subprocess
import zlib

HERE = pathlib.Path(__file__).parent / "corpus"


def keep(target, name, data):
    folder = HERE / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def pad(data, to, fill=b"\0"):
    return data + fill * (-len(data) % to)


def glb(document, binary=b""):
    text, binary = pad(json.dumps(document, separators=(",", ":")).encode(), 4, b" "), pad(binary, 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    if binary:
        chunks += struct.pack("<II", len(binary), 0x004E4942) + binary
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks


POSITIONS = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)


def triangle(binary, views, accessors, primitive, **more):
    return {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}], "meshes": [{"primitives": [primitive]}],
            "accessors": accessors, "bufferViews": views, "buffers": [{"byteLength": len(binary)}], **more}


def png():
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 6, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0" + b"\1\2\3\4" * 2 + b"\0" + b"\5\6\7\x08" * 2)) + chunk(b"IEND", b"")


VEC3 = {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}
PLAIN = glb(triangle(POSITIONS, [{"buffer": 0, "byteLength": 36}], [VEC3], {"attributes": {"POSITION": 0}}), POSITIONS)


def contents():
    keep("content", "triangle.glb", PLAIN)
    image = png()
    binary = pad(POSITIONS + struct.pack("<6f", 0, 0, 1, 0, 0, 1) + struct.pack("<3f", 0, 1, 1) + struct.pack("<3H", 0, 1, 2) + b"\0\0" + b"abc" + b"\0" + struct.pack("<4I", 0, 1, 2, 3), 4) + image
    at = len(binary) - len(image)
    keep("content", "features.glb", glb(triangle(
        binary, [{"buffer": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 24}, {"buffer": 0, "byteOffset": 60, "byteLength": 12},
                 {"buffer": 0, "byteOffset": 72, "byteLength": 6}, {"buffer": 0, "byteOffset": 80, "byteLength": 3}, {"buffer": 0, "byteOffset": 84, "byteLength": 16},
                 {"buffer": 0, "byteOffset": at, "byteLength": len(image)}],
        [VEC3, {"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC2"}, {"bufferView": 2, "componentType": 5126, "count": 3, "type": "SCALAR"},
         {"bufferView": 3, "componentType": 5123, "count": 3, "type": "SCALAR"}],
        {"attributes": {"POSITION": 0, "TEXCOORD_0": 1, "_FEATURE_ID_0": 2}, "indices": 3, "material": 0,
         "extensions": {"EXT_mesh_features": {"featureIds": [{"featureCount": 3, "attribute": 0, "propertyTable": 0}]}}},
        materials=[{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}], textures=[{"source": 0}], images=[{"bufferView": 6, "mimeType": "image/png"}],
        extensionsUsed=["EXT_mesh_features", "EXT_structural_metadata"],
        extensions={"EXT_structural_metadata": {"schema": {"id": "s", "classes": {"c": {"properties": {"id": {"type": "STRING"}}}}},
                                                "propertyTables": [{"class": "c", "count": 3, "properties": {"id": {"values": 4, "stringOffsets": 5}}}]}}), binary))
    sparse = struct.pack("<H", 2) + b"\0\0" + struct.pack("<3f", 5, 6, 7)
    keep("content", "sparse.gltf", json.dumps(triangle(
        sparse, [{"buffer": 0, "byteLength": 2}, {"buffer": 0, "byteOffset": 4, "byteLength": 12}],
        [{"componentType": 5126, "count": 3, "type": "VEC3", "sparse": {"count": 1, "indices": {"bufferView": 0, "componentType": 5123}, "values": {"bufferView": 1}}}],
        {"attributes": {"POSITION": 0}}) | {"buffers": [{"byteLength": 16, "uri": "data:application/octet-stream;base64,AgAAAAAAoEAAAMBAAADgQA=="}]}))
    # Draco 2.2, sequential, nothing packed: one face, three points, one attribute of raw floats.
    draco = b"DRACO" + bytes([2, 2, 1, 0, 0, 0, 1, 3, 1, 0, 1, 2, 1, 1, 0, 9, 3, 0, 0, 0]) + POSITIONS
    keep("content", "draco.glb", glb(triangle(
        draco, [{"buffer": 0, "byteLength": len(draco)}], [{"componentType": 5126, "count": 3, "type": "VEC3"}, {"componentType": 5121, "count": 3, "type": "SCALAR"}],
        {"attributes": {"POSITION": 0}, "indices": 1, "extensions": {"KHR_draco_mesh_compression": {"bufferView": 0, "attributes": {"POSITION": 0}}}},
        extensionsUsed=["KHR_draco_mesh_compression"], extensionsRequired=["KHR_draco_mesh_compression"]), draco))
    meshopt = ctypes.CDLL("libmeshoptimizer.so")
    meshopt.meshopt_encodeVertexBuffer.restype = meshopt.meshopt_encodeIndexBuffer.restype = ctypes.c_size_t
    out = ctypes.create_string_buffer(1024)
    vertices = out.raw[:meshopt.meshopt_encodeVertexBuffer(out, ctypes.c_size_t(1024), POSITIONS, ctypes.c_size_t(3), ctypes.c_size_t(12))]
    indices = out.raw[:meshopt.meshopt_encodeIndexBuffer(out, ctypes.c_size_t(1024), struct.pack("<3I", 0, 1, 2), ctypes.c_size_t(3))]
    packed = pad(vertices, 4) + indices

    def view(offset, length, source, size, stride, mode):
        return {"buffer": 1, "byteOffset": offset, "byteLength": length, "extensions": {"EXT_meshopt_compression": {
            "buffer": 0, "byteOffset": source, "byteLength": size, "byteStride": stride, "count": 3, "mode": mode}}}
    document = triangle(packed, [view(0, 36, 0, len(vertices), 12, "ATTRIBUTES"), view(36, 6, len(pad(vertices, 4)), len(indices), 2, "TRIANGLES")],
                        [VEC3, {"bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR"}], {"attributes": {"POSITION": 0}, "indices": 1},
                        extensionsRequired=["EXT_meshopt_compression"])
    document["buffers"].append({"byteLength": 42, "extensions": {"EXT_meshopt_compression": {"fallback": True}}})
    keep("content", "meshopt.glb", glb(document, packed))

    def tile(magic, features, feature_binary=b"", batch=None, body=b"", extra=b""):
        head = len(magic) + 24 + len(extra)
        text = json.dumps(features).encode()
        text = pad(text + b" " * (-(head + len(text)) % 8), 1)
        table = pad(json.dumps(batch).encode(), 8, b" ") if batch else b""
        feature_binary = pad(feature_binary, 8)
        total = head + len(text) + len(feature_binary) + len(table) + len(body)
        return magic + struct.pack("<6I", 1, total, len(text), len(feature_binary), len(table), 0) + extra + text + feature_binary + table + body
    b3dm = tile(b"b3dm", {"BATCH_LENGTH": 1}, batch={"id": ["a"], "height": [3]}, body=pad(PLAIN, 8))
    i3dm = tile(b"i3dm", {"INSTANCES_LENGTH": 2, "POSITION": {"byteOffset": 0}}, struct.pack("<6f", 0, 0, 0, 5, 0, 0), body=pad(PLAIN, 8), extra=struct.pack("<I", 1))
    pnts = tile(b"pnts", {"POINTS_LENGTH": 2, "POSITION": {"byteOffset": 0}, "RGB": {"byteOffset": 24}}, struct.pack("<6f", 0, 0, 0, 5, 0, 0) + bytes(6))
    keep("content", "one.b3dm", b3dm)
    keep("content", "two.i3dm", i3dm)
    keep("content", "two.pnts", pad(pnts, 8))
    keep("content", "both.cmpt", b"cmpt" + struct.pack("<III", 1, 16 + len(b3dm) + len(pnts), 2) + b3dm + pnts)


class Bits:
    def __init__(self):
        self.bits = []

    def put(self, value, count):
        self.bits += [value >> i & 1 for i in range(count)]
        return self

    def table(self, symbol):
        """A code of one symbol, as long as one bit: lengths 0 and 1 have codes of one bit themselves."""
        self.put(symbol + 1, 14).put(19, 5)
        for i in range(19):
            self.put(1 if i in (4, 18) else 0, 3)
        return self.put(1 << symbol, symbol + 1)

    def bytes(self):
        bits = self.bits + [0] * (-len(self.bits) % 8)
        return bytes(sum(bit << i for i, bit in enumerate(bits[at:at + 8])) for at in range(0, len(bits), 8))


def ktx2(width, height, level, model, bits, scheme=0, plain=None, global_data=b"", block=0):
    sample = struct.pack("<HBBIII", 0, bits - 1, 0, 0, 0, 0xFFFFFFFF)
    descriptor = struct.pack("<IIHHBBBB4B8B", 44, 0, 2, 40, model, 1, 2, 0, 3, 3, 0, 0, block, 0, 0, 0, 0, 0, 0, 0) + sample
    entry = pad(struct.pack("<I", 18) + b"KTXwriter\0matou 1\0", 4)
    kvd = 104 + len(descriptor)
    end = kvd + len(entry)
    sgd = (end + 7) // 8 * 8 if global_data else 0
    start = sgd + len(global_data) if global_data else end
    if scheme == 0:
        start = (start + 15) // 16 * 16
    head = b"\xabKTX 20\xbb\r\n\x1a\n" + struct.pack("<9I", 0, 1, width, height, 0, 0, 1, 1, scheme)
    head += struct.pack("<4I2Q", 104, len(descriptor), kvd, len(entry), sgd, len(global_data))
    head += struct.pack("<3Q", start, len(level), 0 if scheme == 1 else len(plain if plain else level))
    out = head + descriptor + entry
    if global_data:
        out = pad(out, 8) + global_data
    return out + b"\0" * (start - len(out)) + level


def images():
    keep("image", "two.png", png())
    solid = Bits().put(0x17, 5).put(10, 8).put(20, 8).put(30, 8).put(255, 8).bytes()
    two = pad(solid, 16) + bytes([0x1D] + list(range(1, 16)))
    keep("image", "uastc.ktx2", ktx2(8, 4, two, 166, 128, block=16))
    packed = subprocess.run(["zstd", "-q", "-c", "--no-check"], input=two, capture_output=True, check=True).stdout
    keep("image", "uastc_zstd.ktx2", ktx2(8, 4, packed, 166, 128, scheme=2, plain=two, block=16))
    # ETC1S: one endpoint (16 + 4 in every channel), one selector (all lowest), four blocks that all name them.
    endpoints = Bits().table(0).table(4).table(0).table(0).put(0, 1).put(0, 4).bytes()
    selectors = Bits().put(0, 2).put(1, 1).put(0, 32).bytes()
    tables = Bits().table(255).table(0).table(0).put(0, 14).put(0, 13).bytes()
    level = bytes(2)
    global_data = struct.pack("<HHIIII", 1, 1, len(endpoints), len(selectors), len(tables), 0) + struct.pack("<5I", 0, 0, len(level), 0, 0) + endpoints + selectors + tables
    keep("image", "etc1s.ktx2", ktx2(8, 8, level, 163, 64, scheme=1, global_data=global_data))


def trees():
    box = {"box": [0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0, 10]}
    keep("tileset", "explicit.json", json.dumps({"asset": {"version": "1.1"}, "geometricError": 16, "root": {
        "boundingVolume": box, "geometricError": 8, "refine": "ADD", "content": {"uri": "a.glb"},
        "children": [{"boundingVolume": {"sphere": [1, 2, 3, 4]}, "geometricError": 0, "transform": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, 6, 7, 1], "contents": [{"uri": "b.glb"}, {"uri": "c.json"}]},
                     {"boundingVolume": {"region": [0, 0, 0.1, 0.1, 0, 10]}, "geometricError": 0, "viewerRequestVolume": box}]}}))
    keep("tileset", "implicit.json", json.dumps({"asset": {"version": "1.1"}, "geometricError": 16, "root": {
        "boundingVolume": box, "geometricError": 8, "refine": "REPLACE", "content": {"uri": "{level}/{x}/{y}.glb"},
        "implicitTiling": {"subdivisionScheme": "QUADTREE", "subtreeLevels": 2, "availableLevels": 3, "subtrees": {"uri": "{level}.{x}.{y}.subtree"}}}}))
    text = pad(json.dumps({"buffers": [{"byteLength": 8}], "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": 1}], "tileAvailability": {"bitstream": 0, "availableCount": 3},
                           "contentAvailability": [{"constant": 0}], "childSubtreeAvailability": {"constant": 0}}).encode(), 8, b" ")
    keep("subtree", "quad.subtree", b"subt" + struct.pack("<IQQ", 1, len(text), 8) + text + bytes([0b0111] + [0] * 7))
    keep("subtree", "external.json", json.dumps({"buffers": [{"uri": "a.bin", "byteLength": 64}], "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": 8}], "tileAvailability": {"constant": 1},
                                                 "contentAvailability": [{"bitstream": 0}], "childSubtreeAvailability": {"constant": 0}}))


def feeds():
    topic, payload = b"matou/v1/nanmatou/obs/S-1", b'{"id":"S-1","ts":"2024-05-01T08:00:00Z","value":21.5,"unit":"degC","seq":7}'
    publish = struct.pack(">H", len(topic)) + topic + struct.pack(">H", 5) + payload
    keep("mqtt", "session.bin", b"\x40" + b"\x20\x02\x00\x00" + b"\x90\x03\x00\x01\x01" + b"\x32" + bytes([len(publish) & 127 | 128 if len(publish) > 127 else len(publish)]) +
         (bytes([len(publish) >> 7]) if len(publish) > 127 else b"") + publish + b"\xd0\x00" + b"\x62\x02\x00\x09")
    keep("mqtt", "bytes.bin", b"\x00" + b"\x20\x02\x01\x00" + b"\x30\x05\x00\x01a{}")
    keep("payload", "observation.txt", topic + b"\n" + payload)
    keep("payload", "event.txt", b'matou/v1/nanmatou/event/V-1\n{"id":"e1","ts":"2024-05-01T08:00:00.5Z","class":"crowd","severity":2,"confidence":0.8,"lon":121.5,"lat":31.2,"height":3,"heightRef":"ground","text":"\\u4eba\\u7fa4"}')
    keep("payload", "project.txt", b'matou/v1/nanmatou/project/P-1\n{"id":"P-1","ts":"2024-05-01T08:00:00+08:00","phase":"build","percent":40,"status":"delayed"}')


contents()
images()
trees()
feeds()
