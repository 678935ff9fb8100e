"""test_summary.py RESULTS TEST_DATA: adds up what tools/test ran and prints its closing lines.

RESULTS holds ctest.xml (one entry per test program), tests.json (their labels), gtest/*.xml (the cases of each), not_run.txt (`NAME: reason`, one
line per case that a script did not run for want of test data) and checks.txt (`passed|failed SECONDS COMMAND`, builds included). Exit 1 when anything failed.
"""
import collections
import json
import os
import sys
import xml.etree.ElementTree as xml

results, data = sys.argv[1:3]
passed = failed = 0
minutes = collections.Counter()
skipped, not_run, failures = [], [], []


def cases_of(name):
    """[(case, 'passed'|'failed'|'skipped', why)] of one GoogleTest program, or None where it left no report."""
    path = os.path.join(results, "gtest", name + ".xml")
    try:
        tree = xml.parse(path).getroot()
    except (OSError, xml.ParseError):
        return None
    rows = []
    for case in tree.iter("testcase"):
        title = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None:
            rows.append((title, "failed", ""))
        elif case.get("result") == "skipped" or case.find("skipped") is not None:
            mark = case.find("skipped")
            rows.append((title, "skipped", (mark.get("message") or "") if mark is not None else ""))
        elif case.get("status") == "run":
            rows.append((title, "passed", ""))
    return rows


with open(os.path.join(results, "not_run.txt"), encoding="utf-8") as file:
    not_run += [line.strip() for line in file if line.strip()]
told_by_script = {line.split(":", 1)[0] for line in not_run}

labels = {}  # ctest's own report has none
try:
    with open(os.path.join(results, "tests.json"), encoding="utf-8") as file:
        for test in json.load(file)["tests"]:
            for entry in test.get("properties", []):
                if entry["name"] == "LABELS":
                    labels[test["name"]] = entry["value"]
except (OSError, ValueError, KeyError):
    pass

try:
    programs = list(xml.parse(os.path.join(results, "ctest.xml")).getroot().iter("testcase"))
except (OSError, xml.ParseError):
    programs = []
    failures.append("ctest left no report")
    failed += 1
for program in programs:
    name, status = program.get("name"), program.get("status")
    for label in labels.get(name) or ["other"]:
        minutes[label] += float(program.get("time") or 0) / 60
    cases = cases_of(name)
    if cases is None:
        if status == "run":
            passed += 1
        elif status in ("notrun", "disabled"):
            reason = program.find("skipped")
            if name not in told_by_script:
                skipped.append(f"{name}: {reason.get('message') if reason is not None else status}")
        else:
            failed += 1
            failures.append(name)
        continue
    bad = [case for case, result, _ in cases if result == "failed"]
    if status != "run" and not bad:
        bad = [f"{name} (ended badly after its cases)"]
    passed += sum(result == "passed" for _, result, _ in cases)
    failed += len(bad)
    failures += [case if case.startswith(name) else f"{name}: {case}" for case in bad]
    for case, result, why in cases:
        if result == "skipped":
            why = " ".join(why.split())
            wants_data = "test data" in why.lower() or "MATOU_TEST_DATA" in why
            (not_run if wants_data else skipped).append(f"{case}: {why or 'no reason given'}")
with open(os.path.join(results, "checks.txt"), encoding="utf-8") as file:
    for line in file:
        verdict, seconds, what = line.strip().split(" ", 2)
        minutes["sanitized" if "check_sanitized" in what else "checks"] += float(seconds) / 60
        passed += verdict == "passed"
        failed += verdict != "passed"
        if verdict != "passed":
            failures.append(what)

print("\nminutes by label: " + (", ".join(f"{label} {value:.1f}" for label, value in sorted(minutes.items())) or "none"))
if failures:
    print("failed:")
    for line in failures:
        print(f"  {line}")
if skipped:
    print("skipped:")
    for line in skipped:
        print(f"  {line}")
if not_run:
    print(f"not run, because {data} lacks what they read (MATOU_TEST_DATA names another place):")
    for line in not_run:
        print(f"  {line}")
print("never run here: soak, bench, fuzz (hours), hardware (a GPU of its own)")
print(f"{passed} passed, {failed} failed" + (f", {len(skipped)} skipped" if skipped else ""))
if not_run:
    print(f"not run: {len(not_run)} cases (no test data)")
sys.exit(1 if failed else 0)
