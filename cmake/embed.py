"""embed.py SYMBOL LIST OUT: writes a C++ source that holds the files named in LIST, one path a line."""
import os
import sys

symbol, listing, out = sys.argv[1:4]
paths = [line.strip() for line in open(listing, encoding="utf-8") if line.strip()]
lines = ['#include "core/embedded.h"', "namespace matou::assets {", "namespace {"]
rows = []
for index, path in enumerate(paths):
    data = open(path, "rb").read()
    lines.append(f"alignas(16) const unsigned char kFile{index}[] = {{")
    for start in range(0, max(len(data), 1), 32):
        lines.append(",".join(str(b) for b in data[start:start + 32]) + ",")
    lines[-1] = lines[-1].rstrip(",") or "0"
    lines.append("};")
    rows.append(f'{{"{os.path.basename(path)}", {{kFile{index}, {len(data)}}}}},')
lines += ["const EmbeddedFile kTable[] = {", *rows, "};", "}",
          f"extern const std::span<const EmbeddedFile> {symbol};",
          f"const std::span<const EmbeddedFile> {symbol}{{kTable}};", "}", ""]
with open(out, "w", encoding="utf-8") as f:
    f.write("\n".join(lines))
