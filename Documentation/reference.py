#!/usr/bin/env python3
"""Writes the reference of all commands, in Markdown, from what the program says of itself.

    reference.py CAIRN > Documentation/Reference.md

CAIRN is the program; `cairn help --json` describes it. A test holds Documentation/Reference.md against this.
"""

import json
import subprocess
import sys


def text(words):
    """A sentence in a cell of a table."""
    return words.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def code(words):
    return "`" + words.replace("|", "\\|") + "`"


def option(entry):
    name = entry["name"] + (f" {entry['value']}" if entry["value"] else "")
    shown = ([f"{entry['short']}"] if entry["short"] else []) + [name]
    more = []
    if entry["default"]:
        more.append(f"Default: {code(entry['default'])}.")
    if entry["environment"]:
        more.append(f"Environment: {code(entry['environment'])}.")
    if entry["repeatable"]:
        more.append("May be given several times.")
    return f"| {code(', '.join(shown))} | {' '.join([text(entry['help']), *more])} |"


def options(entries):
    if not entries:
        return
    print("\n| option | meaning |\n|---|---|")
    print("\n".join(option(entry) for entry in entries))


def command(entry, level):
    names = [f"cairn {name}" for name in [entry["name"], *entry["aliases"]]]
    print(f"\n{'#' * level} {', '.join(names)}\n")
    print(f"{entry['summary'][0].upper()}{entry['summary'][1:]}.\n\n```\n{entry['usage']}\n```")
    for paragraph in entry["description"]:
        print(f"\n{text(paragraph)}")
    if entry["operands"]:
        print("\n| operand | meaning |\n|---|---|")
        for operand in entry["operands"]:
            print(f"| {code(operand['name'])} | {text(operand['help'])} |")
    options(entry["options"])
    examples(entry.get("examples", []))
    for below in entry.get("commands", []):
        command(below, level + 1)


def examples(entries):
    if entries:
        print("\n```\n" + "\n".join(f"{entry['line']:<55} # {entry['purpose']}" for entry in entries) + "\n```")


def main():
    program = json.loads(subprocess.run([sys.argv[1], "help", "--json"], check=True, capture_output=True).stdout)
    print(f"# All commands\n\nMade from what `{program['name']} help --json` says; `{program['name']} help COMMAND` and the man pages say the same.")
    for paragraph in program["description"]:
        print(f"\n{text(paragraph)}")
    examples(program["examples"])
    print("\n## Options of every command")
    options(program["global_options"])
    print("\n## Exit codes\n\n| code | meaning |\n|---|---|")
    for entry in program["exit_codes"]:
        print(f"| {entry['code']} | {text(entry['meaning'])} |")
    for entry in program["commands"]:
        command(entry, 2)


if __name__ == "__main__":
    main()
