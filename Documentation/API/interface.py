#!/usr/bin/env python3
"""What the libraries offer to other packages, taken from the modules of a build.

    interface.py list  --build FOLDER               one line for each public symbol and conformance
    interface.py check --build FOLDER               compares that with the lists beside this file; 1 where they differ, or where a symbol has no
                                                    documentation, and what it is
    interface.py write --build FOLDER               writes the lists
    interface.py pages --build FOLDER --output DIR  the reference as DocC archives; 1 at any warning

FOLDER is what `swift build` filled: `.build/debug`, for example. The compiler is $SWIFT, else `swift`; docc lies beside it or on PATH.
"""

import argparse
import difflib
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

LIBRARIES = ("ChunkStore", "Cairn", "CairnMount")
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def module_maps(build):
    """The doors to C libraries: each system library's own map, and those that the build made for C targets."""
    maps = sorted((ROOT / "Sources").glob("*/module.modulemap"))
    made = sorted(build.glob("C*.build/module.modulemap"))
    return [word for file in maps + made for word in ("-Xcc", f"-fmodule-map-file={file}")]


def extract(library, build, folder):
    """Writes the symbol graphs of a library into a folder of its own; returns that folder."""
    target = folder / library
    target.mkdir(parents=True, exist_ok=True)
    swift = os.environ.get("SWIFT", "swift")
    subprocess.run(
        [swift, "symbolgraph-extract", "-module-name", library, "-target", f"{platform.machine()}-unknown-linux-gnu",
         "-I", str(build / "Modules"), *module_maps(build), "-minimum-access-level", "public",
         "-skip-inherited-docs", "-skip-synthesized-members", "-output-dir", str(target)],
        check=True)
    return target


def lines_of(folder):
    """The list of one library, and the names of what has no documentation."""
    lines, bare = set(), []
    for file in sorted(folder.glob("*.symbols.json")):
        graph = json.loads(file.read_text())
        names = {}
        for symbol in graph["symbols"]:
            path = ".".join(symbol["pathComponents"])
            names[symbol["identifier"]["precise"]] = path
            declaration = "".join(part["spelling"] for part in symbol["declarationFragments"])
            lines.add(f"{path}: {' '.join(declaration.split())}")
            # The compiler makes this one for an enum with raw values; nobody could document it.
            if "docComment" not in symbol and not path.endswith(".init(rawValue:)"):
                bare.append(path)
        for relation in graph["relationships"]:
            source = names.get(relation["source"])
            target = relation.get("targetFallback") or names.get(relation["target"])
            # Whatever is Sendable is the second of these too, with some compilers.
            if relation["kind"] in ("conformsTo", "inheritsFrom") and source and target != "Swift.SendableMetatype":
                lines.add(f"{source}: is {target}")
    return sorted(lines), bare


def pages(libraries, build, output):
    """The reference of each library, with its catalog. The archive of another library is not needed to read one."""
    swift = shutil.which(os.environ.get("SWIFT", "swift"))
    beside = pathlib.Path(swift).parent / "docc" if swift else None
    docc = str(beside) if beside and beside.exists() else "docc"
    for library in libraries:
        graphs = extract(library, build, output / "graphs")
        subprocess.run(
            [docc, "convert", str(ROOT / "Sources" / library / f"{library}.docc"), "--warnings-as-errors",
             "--fallback-display-name", library, "--fallback-bundle-identifier", library,
             "--additional-symbol-graph-dir", str(graphs), "--output-path", str(output / f"{library}.doccarchive")],
            check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("list", "check", "write", "pages"))
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args()
    build, failed = options.build.resolve(), False
    if options.what == "pages":
        return pages(LIBRARIES, build, options.output or parser.error("pages needs --output"))
    with tempfile.TemporaryDirectory() as temporary:
        for library in LIBRARIES:
            lines, bare = lines_of(extract(library, build, pathlib.Path(temporary)))
            kept = HERE / f"{library}.txt"
            for path in bare:
                print(f"{library}: {path} has no documentation")
                failed = True
            if options.what == "write":
                kept.write_text("\n".join(lines) + "\n")
            elif options.what == "list":
                print(library, *lines, sep="\n    ")
            else:
                known = kept.read_text().splitlines() if kept.exists() else []
                for line in difflib.unified_diff(known, lines, str(kept.relative_to(ROOT)), "as built", "", "", 0, ""):
                    print(line)
                    failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.cmd[0]} failed, as it says above")
