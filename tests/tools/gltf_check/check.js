// Usage: node check.js FILE-OR-FOLDER…   Runs the Khronos validator over every .glb and .gltf; exit 1 on any error.
// Prints one line per message of severity error or warning, then one line of totals.
'use strict';
const fs = require('fs');
const path = require('path');
const validator = require('gltf-validator');

function filesUnder(entry) {
  if (!fs.statSync(entry).isDirectory()) return [entry];
  return fs.readdirSync(entry).sort().flatMap((name) => filesUnder(path.join(entry, name)));
}

(async () => {
  const files = process.argv.slice(2).flatMap(filesUnder).filter((name) => /\.(glb|gltf)$/i.test(name));
  let errors = 0, warnings = 0;
  for (const file of files) {
    const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(file)), {
      uri: path.basename(file),
      maxIssues: 100,
      externalResourceFunction: (uri) => fs.promises.readFile(path.join(path.dirname(file), decodeURIComponent(uri))).then((b) => new Uint8Array(b)),
    }).catch((reason) => ({ issues: { numErrors: 1, numWarnings: 0, messages: [{ severity: 0, code: 'NOT_GLTF', message: String(reason), pointer: '' }] } }));
    errors += report.issues.numErrors;
    warnings += report.issues.numWarnings;
    for (const m of report.issues.messages) if (m.severity <= 1) console.log(`${file}#${m.pointer || ''}: ${m.code}: ${m.message}`);
  }
  console.log(`files ${files.length} errors ${errors} warnings ${warnings}`);
  process.exit(errors > 0 || files.length === 0 ? 1 : 0);
})();
