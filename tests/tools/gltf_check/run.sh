#!/usr/bin/env bash
# Every glb that the importers write, judged by the Khronos validator.
#   run.sh BIN_FOLDER WORK_FOLDER [TEST_DATA]
# Needs npm (development only). What is not there is not run, and said so; exit 77 when nothing was.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
bin="$1" work="$2" data="${MATOU_TEST_DATA:-${3:-}}"
say_not_run() {
  echo "not run: $1"
  if [ -n "${MATOU_NOT_RUN_FILE:-}" ]; then echo "gltf_check: $1" >>"$MATOU_NOT_RUN_FILE"; fi
}
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then say_not_run "npm is not installed"; exit 77; fi
rm -rf "$work"
mkdir -p "$work"
cp "$here/package.json" "$here/package-lock.json" "$here/check.js" "$work/"
if ! (cd "$work" && npm ci --no-audit --no-fund --silent); then say_not_run "npm could not fetch gltf-validator"; exit 77; fi
cat >"$work/dirty_buildings.geojson" <<'JSON'
{"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"id":1,"height":30,"name":"甲"},"geometry":{"type":"Polygon","coordinates":[[[121.5,31.23],[121.5005,31.23],[121.5005,31.2304],[121.5,31.2304],[121.5,31.23]],[[121.5001,31.2301],[121.5001,31.2302],[121.5003,31.2302],[121.5003,31.2301],[121.5001,31.2301]]]}},
 {"type":"Feature","properties":{"id":2},"geometry":{"type":"Polygon","coordinates":[[[121.501,31.23],[121.5014,31.2304],[121.5014,31.23],[121.501,31.2304],[121.501,31.23]]]}}]}
JSON
"$bin/matou-import" import "$work/dirty_buildings.geojson" --out "$work/dirty" >/dev/null
folders=("$work/dirty")
if [ -n "$data" ] && [ -d "$data/data/shanghai-lujiazui-osm/geojson" ]; then
  "$bin/matou-import" import "$data"/data/shanghai-lujiazui-osm/geojson/*.geojson --out "$work/lujiazui" >/dev/null
  folders+=("$work/lujiazui")
else
  say_not_run "no test data: data/shanghai-lujiazui-osm"
fi
if [ -n "${MATOU_DISTRICTS:-}" ] && [ -f "$MATOU_DISTRICTS/nanmatou/district.toml" ]; then folders+=("$MATOU_DISTRICTS/nanmatou"); fi
for folder in "${folders[@]}"; do
  echo "$folder"
  node "$work/check.js" "$folder"
done
